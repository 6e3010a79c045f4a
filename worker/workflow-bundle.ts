import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundle } from '@temporalio/worker';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where `npm run build` leaves the bundle beside the compiled code. */
const BUILT_BUNDLE = join(ROOT, 'workflow-bundle.js');

/**
 * The workflow code as one file. Built ahead for production; otherwise bundled once and kept under the hash
 * of its sources, for bundling takes seconds and every start would pay for it.
 */
export async function workflowBundle(): Promise<WorkflowBundle> {
  if (existsSync(BUILT_BUNDLE)) return { code: readFileSync(BUILT_BUNDLE, 'utf8') };
  const folder = join(ROOT, 'node_modules/.cache/bursar');
  const path = join(folder, `workflows-${sourceHash()}.js`);
  if (existsSync(path)) return { code: readFileSync(path, 'utf8') };
  const bundle = await bundleWorkflows(join(ROOT, 'workflows/index.ts'));
  mkdirSync(folder, { recursive: true });
  // Renamed into place, so that another process never reads half of it.
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, bundle.code);
  renameSync(temporary, path);
  return bundle;
}

/** Bundles what `entry` exports. Silent: webpack's report is of no use to people. */
export async function bundleWorkflows(entry: string): Promise<WorkflowBundle> {
  const silent = () => {};
  const logger = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };
  return bundleWorkflowCode({ workflowsPath: entry, logger });
}

/** The bundle depends on the workflows, the domain and the installed SDK. */
function sourceHash(): string {
  const hash = createHash('sha256');
  for (const folder of ['workflows', 'domain'])
    for (const file of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).sort())
      if (file.endsWith('.ts')) hash.update(file).update(readFileSync(join(ROOT, folder, file)));
  hash.update(readFileSync(join(ROOT, 'node_modules/@temporalio/workflow/package.json')));
  return hash.digest('hex').slice(0, 16);
}
