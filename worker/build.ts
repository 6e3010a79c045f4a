import { spawnSync } from 'node:child_process';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflows } from './workflow-bundle.ts';

const ROOT = join(import.meta.dirname, '..');
const OUT = join(ROOT, 'dist');

/**
 * `npm run build`: compiles to `dist/` and bundles the workflows there, so that production pays for neither.
 */
async function build(): Promise<void> {
  rmSync(OUT, { recursive: true, force: true });
  compile('tsconfig.build.json');
  // What others import brings its types along.
  compile('tsconfig.client.json');
  // Plain JavaScript that is run as a program of its own.
  cpSync(join(ROOT, 'local/guard.js'), join(OUT, 'local/guard.js'));
  const { code } = await bundleWorkflows(join(ROOT, 'workflows/index.ts'));
  writeFileSync(join(OUT, 'workflow-bundle.js'), code);
}

function compile(project: string): void {
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-p', project], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new Error('the sources do not compile');
}

await build();
