import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const ROOT = join(import.meta.dirname, '../..');
/** What tests start again and again. */
const PROGRAMS = ['api/main.ts', 'worker/main.ts', 'test/support/provider-main.ts'];

/**
 * Makes one file of each program that tests start by the hundred: compiling and loading its modules one by
 * one is most of what a start takes. Packages stay outside, and each module believes to be where its source
 * is.
 * @param folder within the project, so that packages are found
 */
export async function bundlePrograms(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await Promise.all(
    PROGRAMS.map((program) =>
      build({
        entryPoints: [join(ROOT, program)],
        outfile: bundleOf(folder, program),
        bundle: true,
        packages: 'external',
        platform: 'node',
        target: 'node20',
        format: 'esm',
        logLevel: 'error',
        plugins: [inPlace],
      }),
    ),
  );
}

/** Where the bundle of a program is, if there is one. */
export function bundleOf(folder: string, program: string): string {
  return join(folder, `${program.replaceAll('/', '-').replace(/\.ts$/, '')}.mjs`);
}

const inPlace: Plugin = {
  name: 'in-place',
  setup(bundling) {
    bundling.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8')
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
    }));
  },
};
