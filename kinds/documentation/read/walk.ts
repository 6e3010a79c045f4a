import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { badFile, fileSystemError } from './text-file.ts';
import type { Warnings } from './warnings.ts';

const MAX_FILES = 50_000;
const MAX_DEPTH = 40;

/** Folders that hold what tools made or fetched, never what people wrote. */
const IGNORED = new Set([
  'target',
  'dbt_packages',
  'dbt_modules',
  'logs',
  'node_modules',
  'venv',
  'env',
  '__pycache__',
  '__MACOSX',
]);

/**
 * The files under a folder, as paths relative to it with forward slashes, in byte order. Left out: what dbt
 * and other tools made, hidden folders, virtual environments, and symbolic links (which could lead out or
 * in a circle).
 * @throws AppError `invalid_input` over 50,000 files
 */
export async function listFiles(
  root: string,
  alsoIgnored: Set<string>,
  warnings: Warnings,
): Promise<string[]> {
  const files: string[] = [];
  const folders: { path: string; depth: number }[] = [{ path: '', depth: 0 }];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const { path, depth } = folder;
    const entries = await readdir(join(root, path), { withFileTypes: true }).catch((error: unknown) => {
      throw fileSystemError(error, path === '' ? root : path);
    });
    if (entries.some((entry) => entry.name === 'pyvenv.cfg')) continue;
    for (const entry of entries) {
      const child = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isSymbolicLink()) warnings.add(`${child} is a symbolic link and is not followed.`);
      else if (entry.isFile()) files.push(child);
      else if (entry.isDirectory() && !ignored(entry.name, child, alsoIgnored)) {
        if (depth >= MAX_DEPTH) throw badFile(child, `is more than ${MAX_DEPTH} folders deep`);
        folders.push({ path: child, depth: depth + 1 });
      }
      if (files.length > MAX_FILES)
        throw badFile(root, `holds over ${MAX_FILES} files; name the project's own folder`);
    }
  }
  return files.sort((a, b) => (a < b ? -1 : 1));
}

function ignored(name: string, path: string, alsoIgnored: Set<string>): boolean {
  return name.startsWith('.') || IGNORED.has(name) || alsoIgnored.has(path);
}
