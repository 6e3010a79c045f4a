import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(import.meta.url);
/** Where `api/`, `worker/` and `cli/` lie: the repository, or `dist` of a compiled package. */
const codeRoot = dirname(dirname(dirname(here)));
const compiled = here.endsWith('.js');

/** The folder with `package.json` and `examples`. */
export const packageRoot = compiled ? dirname(codeRoot) : codeRoot;

/** The arguments with which Node starts a program of ours, from source or compiled. */
export function programArguments(program: 'api' | 'worker'): string[] {
  if (compiled) return [join(codeRoot, program, 'main.js')];
  // The loader by its full address: the working directory is the user's, and knows nothing of it. Only the
  // part
  // for ES modules: the other one looks into every file of the packages, which costs half a second.
  return ['--import', import.meta.resolve('tsx/esm'), join(codeRoot, program, 'main.ts')];
}

/** The version of the package in a folder; undefined where there is none. */
export function versionIn(folder: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
  } catch {
    return undefined;
  }
}
