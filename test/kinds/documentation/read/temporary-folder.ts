import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from '@jest/globals';

const created: string[] = [];

afterAll(async () => {
  for (const folder of created) await rm(folder, { recursive: true, force: true });
});

/** A folder of its own with these files in it, removed after the test file. */
export async function folderWith(files: Record<string, string | Buffer>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-read-'));
  created.push(folder);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

/** Absolute path of a manifest written for the tests. */
export function fixture(name: string): string {
  return join(import.meta.dirname, '../../../fixtures/manifests', name);
}
