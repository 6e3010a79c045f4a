import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PARENT = fileURLToPath(new URL('./crashing-parent.ts', import.meta.url));

/** Runs `crashing-parent.ts` until it has said what it started. */
export async function runParent<Said>(
  what: 'process' | 'build' | 'kept' | 'ephemeral',
  folder = '',
  path = process.env.PATH ?? '',
): Promise<{ parent: ChildProcess; said: Said }> {
  const parent = spawn(process.execPath, ['--import', 'tsx', PARENT, what, folder], {
    env: { ...process.env, NODE_OPTIONS: '', PATH: path, TEMPORAL_ADDRESS: '', MONGODB_URI: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(parent, 'exit').then(() => Promise.reject(new Error('the parent ended by itself')));
  const [line] = await Promise.race([once(parent.stdout as NodeJS.ReadableStream, 'data'), ended]);
  ended.catch(() => {});
  return { parent, said: JSON.parse(String(line)) as Said };
}
