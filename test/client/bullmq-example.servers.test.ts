import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bursar, startBursar } from '../support/bursar.ts';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLE = join(ROOT, 'examples/bullmq');

function missing(): string | undefined {
  if (spawnSync('redis-server', ['--version']).error) return 'there is no redis-server on the PATH';
  if (!existsSync(join(EXAMPLE, 'node_modules/bullmq'))) return 'npm install was not run in examples/bullmq';
  return undefined;
}

const why = missing();
const testWhereItRuns = why === undefined ? test : test.skip;
const name = 'the BullMQ example slows down while a budget throttles, stops at its end, goes on when raised';

const started: ChildProcess[] = [];
let bursar: Bursar | undefined;
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await bursar?.stop();
});

function start(command: string, args: string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(command, args, {
    cwd: EXAMPLE,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  return child;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until(holds: () => boolean, limitMs = 40_000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('the example did not get there in time');
    await sleep(50);
  }
}

testWhereItRuns(
  why === undefined ? name : `${name} (skipped: ${why})`,
  async () => {
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    expect(spawnSync(process.execPath, [compiler, '-p', 'tsconfig.client.json'], { cwd: ROOT }).status).toBe(
      0,
    );
    bursar = await startBursar();
    const terms = { name: 'mail', amountUsd: 1, scope: { queue: 'mail' }, period: { type: 'daily' } };
    const { id } = await bursar.client.post<{ id: string }>('/budgets', {
      ...terms,
      thresholds: { warning: 0.3, throttle: 0.5, block: 1 },
      policy: { throttleFactor: 0.25 },
    });
    const port = String(await freePort());
    start('redis-server', ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']);
    const environment = {
      REDIS_URL: `redis://127.0.0.1:${port}`,
      BURSAR_URL: bursar.client.url,
      BURSAR_API_KEY: bursar.key,
    };
    start(process.execPath, ['add-jobs.js', '120'], environment);
    const worker = start(process.execPath, ['worker.js'], environment);
    const lines: { text: string; at: number }[] = [];
    createInterface({ input: worker.stdout as NodeJS.ReadableStream }).on('line', (text) =>
      lines.push({ text, at: Date.now() }),
    );
    const done = (word: string) => lines.filter(({ text }) => text.includes(` ${word} $`));
    const all = () => lines.filter(({ text }) => / \$0\.01$/.test(text)).length;
    await until(() => lines.some(({ text }) => text.startsWith('waiting for money')));
    await sleep(500);
    expect(all()).toBeLessThanOrEqual(100);
    expect(all()).toBeGreaterThanOrEqual(96);
    expect(paceOf(done('throttle'))).toBeLessThan(0.5 * paceOf([...done('allow'), ...done('warn')]));
    await bursar.client.post(`/budgets/${id}/raise`, { amountUsd: 1, reason: 'more letters' });
    await until(() => all() === 120);
    await until(() => new Set(lines.flatMap(({ text }) => /job \d+/.exec(text)?.[0] ?? [])).size === 120);
    const status = await bursar.client.get<{ current: { committedUsd: number } }>(`/budgets/${id}/status`);
    expect(status.current.committedUsd).toBeCloseTo(1.2, 9);
  },
  90_000,
);

/** Per second. */
function paceOf(lines: { at: number }[]): number {
  const [first, last] = [lines[0]?.at ?? 0, lines.at(-1)?.at ?? 0];
  return (1000 * (lines.length - 1)) / (last - first);
}
