import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { runBursar, scratchFolder, startBursar as startCommand } from './run-bursar.ts';

const folder = scratchFolder();
let bursar: Bursar;
beforeAll(async () => {
  bursar = await startBursar({ workers: 0 });
}, 60_000);
afterAll(() => bursar.stop());

const reach = () => ['--url', bursar.client.url, '--api-key', bursar.key];
const run = (...args: string[]) => runBursar(folder, ['jobs', ...args, ...reach()]);
const CSV = 'name,begun,ended,cost_usd\na,0,3600,2\nb,60,30,1\nc,60,120,0.5\n';
const HOW = ['--map', 'job_id=name,start_time=begun,end_time=ended', '--epoch', '2026-01-01'].concat([
  '--set',
  'team_name=ops,provider=aws,model_name=LLaMA,status=completed',
]);

test('a foreign file is brought in by a mapping, and what is wrong with a row is told', async () => {
  writeFileSync(join(folder, 'trace.csv.gz'), gzipSync(CSV));
  const { code, stdout } = await run('ingest', 'trace.csv.gz', ...HOW);
  expect(stdout).toBe(
    '3 jobs: 2 inserted, 0 updated, 0 unchanged, 1 failed; $2.50 together.\n' +
      'line 3: end_time lies before start_time\n',
  );
  expect(code).toBe(3);
  const again = await run('ingest', 'trace.csv.gz', ...HOW, '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({ inserted: 0, unchanged: 2, failed: 1, costUsd: 2.5 });
}, 60_000);

test('a file that is not there, or does not say what it is, is a mistake of usage', async () => {
  writeFileSync(join(folder, 'trace'), CSV);
  const wanted: [string, string][] = [
    ['none.csv', 'is no file'],
    ['trace', 'does not say what it is'],
  ];
  for (const [file, problem] of wanted) {
    const { code, stderr } = await run('ingest', file);
    expect([code, stderr.includes(problem)]).toEqual([2, true]);
  }
}, 60_000);

test('a workflow brings a file in, told of in the same words, also that it lacks a worker', async () => {
  writeFileSync(join(folder, 'large.csv'), CSV.replaceAll(/^(.),/gm, '$1-large,'));
  const left = await run('ingest', 'large.csv', ...HOW, '--no-wait');
  const [id = ''] = /ing_\w+/.exec(left.stdout) ?? [];
  expect([left.code, left.stdout]).toEqual([
    0,
    expect.stringContaining(`bursar jobs ingestion ${id} --wait`),
  ]);
  const waits = () => bursar.client.get<{ waitReason: string | null }>(`/ingestions/${id}`);
  for (let looks = 0; looks < 100 && (await waits()).waitReason === null; looks += 1) await sleep(100);
  const looked = await run('ingestion', id);
  expect(looked.stdout).toContain('queued (no worker is there to go on with it), 0 of 3 rows (0%)');
  const following = startCommand(folder, ['jobs', 'ingestion', id, '--wait', ...reach()]);
  await following.says('queued');
  following.signal('SIGINT');
  const { code, stderr } = await following.ended;
  expect([code, stderr]).toEqual([
    5,
    expect.stringContaining(`It goes on by itself: bursar jobs ingestion ${id}`),
  ]);
  bursar.workers.push(await bursar.startWorker());
  const ended = await run('ingestion', id, '--wait', '--json');
  expect([ended.code, JSON.parse(ended.stdout)]).toEqual([
    3,
    {
      ...{ id, inserted: 2, updated: 0, unchanged: 0, failed: 1, costUsd: 2.5 },
      errors: [{ line: 3, field: 'end_time', problem: 'lies before start_time' }],
    },
  ]);
  const again = await run('ingest', 'large.csv', ...HOW, '--durable');
  expect(again.stdout).toContain('3 jobs: 0 inserted, 0 updated, 2 unchanged, 1 failed; $2.50 together.');
}, 120_000);
