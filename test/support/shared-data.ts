import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@jest/globals';

const FOLDER = process.env.BURSAR_SHARED_DATA ?? join(import.meta.dirname, '../../../shared/data');

/** Absolute path of a real input, or undefined where the folder is absent (a user's machine has none). */
export function sharedData(relative: string): string | undefined {
  const path = join(FOLDER, relative);
  return existsSync(path) ? path : undefined;
}

/** A test over a real input; skipped, with the reason in its name, where the input is absent. */
export function testWithSharedData(
  name: string,
  relative: string,
  body: (path: string) => void | Promise<void>,
  timeoutMs = 30_000,
): void {
  const path = sharedData(relative);
  if (path === undefined) test.skip(`${name} (skipped: ../shared/data/${relative} is absent)`, () => {});
  else test(name, async () => body(path), timeoutMs);
}
