import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { runBursar, scratchFolder, startBursar as startCommand } from './run-bursar.ts';

const folder = scratchFolder();
let bursar: Bursar;
beforeAll(async () => {
  bursar = await startBursar({ workers: 0, environment: { BURSAR_RETENTION_JOBS_DAYS: '400' } });
}, 60_000);
afterAll(() => bursar.stop());

const reach = () => ['--url', bursar.client.url, '--api-key', bursar.key];
const bursarDoes = (...args: string[]) => runBursar(folder, [...args, ...reach()]);
const run = (...args: string[]) => bursarDoes('jobs', ...args);
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

test('jobs are written to a new file, or to stdout, and come in again unchanged', async () => {
  const span = ['--start', '2026-01-01', '--end', '2026-01-31'];
  const { code, stdout } = await run('export', 'out.focus.csv', ...span, '--team', 'ops', '--json');
  const text = readFileSync(join(folder, 'out.focus.csv'), 'utf8');
  expect(text).toMatch(/^BilledCost,BillingAccountId,.*ProviderName/);
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    { file: 'out.focus.csv', format: 'focus', start: '2026-01-01', end: '2026-01-31', bytes: text.length },
  ]);
  const again = await run('ingest', 'out.focus.csv', '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({ inserted: 0, unchanged: 2, failed: 0, costUsd: 2.5 });
  const plain = await run('export', ...span);
  expect(plain.stdout.split('\r\n')[0]).toMatch(/^job_id,team_name,.*,cost_usd,cost_basis$/);
  expect(plain.stdout.trimEnd().split('\r\n')).toHaveLength(3);
}, 60_000);

test('an export writes over no file, and leaves none behind that is not whole', async () => {
  writeFileSync(join(folder, 'mine.csv'), 'mine');
  const wanted: [string[], string][] = [
    [['mine.csv'], 'mine.csv is there already'],
    [['out.txt'], 'out.txt tells no format'],
    [['no-folder/out.csv'], 'lies in a folder that is not there'],
    [['other.csv', '--start', '2026-02-01', '--end', '2026-01-01'], 'lies before start'],
    [['--json'], '--json needs the name of a file'],
  ];
  for (const [args, problem] of wanted) {
    const { code, stderr } = await run('export', ...args);
    expect([args, code, stderr.includes(problem)]).toEqual([args, 2, true]);
  }
  expect(readFileSync(join(folder, 'mine.csv'), 'utf8')).toBe('mine');
  expect(['out.txt', 'other.csv'].filter((name) => existsSync(join(folder, name)))).toEqual([]);
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

test('costs of GPUs are brought in by a file, and their parts are shown', async () => {
  const days = ['--start', '2026-01-01', '--end', '2026-01-31'];
  expect((await bursarDoes('gpu-costs', 'list', ...days)).stdout).toContain('No costs of GPUs');
  const head = 'entry_date,provider,gpu_type,cost_usd,gpu_hours';
  writeFileSync(join(folder, 'gpus.csv'), `${head}\n2026-01-01,AWS,A100,12,4\n2026-01-02,AWS,A100,6,\n`);
  const { stdout } = await bursarDoes('gpu-costs', 'add', 'gpus.csv');
  expect(stdout).toBe('2 costs of GPUs: 2 inserted, 0 updated, 0 unchanged.\n');
  const gpus = ['--set', 'team_name=ops,provider=aws,model_name=LLaMA,status=completed,gpu_type=a100'];
  writeFileSync(join(folder, 'gpu-jobs.csv'), 'name,begun,ended\nd,0,3600\n');
  await run('ingest', 'gpu-jobs.csv', ...HOW.slice(0, 4), ...gpus);
  const listed = await bursarDoes('gpu-costs', 'list', ...days);
  expect(listed.stdout).toMatch(/2026-01-01 +aws +a100 +\$12\.00 +\$3\.00 +\$0\.00 +\$9\.00 +1 +1\.0\n/);
  expect(listed.stdout).toMatch(/2026-01-02 +aws +a100 +\$6\.00 +\$0\.00 +\$0\.00 +\$6\.00 +0 +0\.0\n/);
  writeFileSync(join(folder, 'gpus.csv'), `${head}\n2026-01-01,aws,a100,much,4\n`);
  const wrong = await bursarDoes('gpu-costs', 'add', 'gpus.csv');
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('snapshots.0.cost_usd')]);
}, 60_000);

test('jobs of old days are archived and restored by hand, and lists say what they lack', async () => {
  writeFileSync(join(folder, 'old.csv'), 'name,begun,ended,cost_usd\nold,0,3600,2\n');
  await run('ingest', 'old.csv', ...HOW.slice(0, 3), '2025-01-02', ...HOW.slice(4));
  const retention = (...args: string[]) => bursarDoes('retention', ...args);
  const listed = async () => (await bursar.client.send('GET', '/jobs')).headers.get('x-archived-days');
  expect((await retention('run', '--dry-run')).stdout).toMatch(/^jobs: \d+ days? would be archived\.\n$/);
  expect((await retention('status')).stdout).toMatch(
    /jobs +400 days +\d+ +2025-01-02 +0 +0 +0\nalerts +for ever/,
  );
  const all = await bursar.client.get<{ total: number }>('/jobs');
  expect((await retention('run', '--collection', 'jobs')).stdout).toMatch(
    /^[1-9]\d* jobs?, 0 of alerts, 0 rows/,
  );
  expect(Number(await listed())).toBeGreaterThan(0);
  const { archives } = JSON.parse((await retention('list', '--json')).stdout);
  expect(archives.at(-1)).toMatchObject({ id: 'jobs:2025-01-02', state: 'archived', rows: 1 });
  for (const { id } of archives)
    expect((await retention('restore', id)).stdout).toContain(`${id} is restored`);
  expect([await listed(), await bursar.client.get('/jobs')]).toEqual([null, all]);
  const audit = await bursar.client.get<{ rows: object[] }>('/audit?event=retention');
  expect(audit.rows.at(0)).toMatchObject({ subject: 'jobs:2025-01-02', details: { restoredRows: 1 } });
  const { code, stderr } = await retention('restore', 'jobs:1999-01-01');
  expect([code, stderr]).toEqual([2, expect.stringContaining('there is no archive jobs:1999-01-01')]);
}, 60_000);
