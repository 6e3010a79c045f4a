import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Run } from '../../cli/client/client.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { runBursar, scratchFolder, startBursar as startCommand } from './run-bursar.ts';

const LIMIT_MS = 120_000;
const SOURCES = join(import.meta.dirname, '../../examples/intelligence');
const TIDEWELL = ['--company', 'Tidewell', '--sources', join(SOURCES, 'tidewell'), '--only', 'NB1,NB2'];
const folder = scratchFolder();
let bursar: Bursar;

beforeAll(async () => {
  bursar = await startBursar();
});
afterAll(() => bursar.stop());

const reached = (args: string[]) => [...args, '--url', bursar.client.url, '--api-key', bursar.key];
const run = (...args: string[]) => runBursar(folder, reached(args));

/** The one line of JSON of a command that ended well. */
async function json<T>(...args: string[]): Promise<T> {
  const ended = await run(...args, '--json');
  expect([args.slice(0, 2), ended.code, ended.stderr]).toEqual([args.slice(0, 2), 0, expect.any(String)]);
  expect(ended.stdout.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(ended.stdout) as T;
}

test(
  'a company is analysed and its report written; the same again costs nothing',
  async () => {
    expect((await run('queue', 'status')).stdout).toMatch(/^Nothing is open\.\n1 worker there\n$/);
    expect((await run('queue', 'stats')).stdout).toBe('No run was asked for in the last 7 days.\n');
    const unknown = await run('intelligence', 'run', '--company', 'Nobody', '--yes');
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      expect.stringContaining('there is no company "Nobody"'),
    ]);
    const estimate = await json<{ calls: number }>('intelligence', 'run', ...TIDEWELL, '--dry-run');
    expect(estimate.calls).toBe(2);
    const out = join(folder, 'report');
    const first = await json<{ run: Run }>('intelligence', 'run', ...TIDEWELL, '--yes', '--out', out);
    expect(first.run).toMatchObject({ state: 'completed', progress: { total: 2, done: 2 } });
    // By default such a run is tried again as a whole, three times.
    expect(first.run.options).toMatchObject({ runRetries: 3, maxRetries: 3, concurrency: 4 });
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('Tidewell');
    expect(existsSync(join(out, 'report.html'))).toBe(true);
    const again = await json<{ run: Run }>('intelligence', 'run', ...TIDEWELL, '--yes');
    expect(again.run).toMatchObject({ state: 'completed', calls: 0, cost: { actualUsd: 0 } });
    expect((await run('queue', 'stats')).stdout).toMatch(/^2 runs in the last 7 days: 2 completed\n/);
  },
  LIMIT_MS,
);

test(
  'of documents of which one cannot be read none stays, nor the company that was made for them',
  async () => {
    const bad = join(folder, 'bad');
    mkdirSync(bad);
    writeFileSync(join(bad, 'a-good.md'), 'Larkspur was founded in 2009 in Utrecht.');
    writeFileSync(join(bad, 'b-bad.pdf'), '%PDF-1.7 and then nothing');
    const refused = await run('intelligence', 'run', '--company', 'Larkspur', '--sources', bad, '--dry-run');
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('b bad: the document is a PDF'),
    ]);
    expect(await bursar.client.get('/companies?name=Larkspur')).toMatchObject({ total: 0 });
    const more = ['--company', 'Tidewell', '--sources', bad, '--dry-run'];
    expect((await run('intelligence', 'run', ...more)).code).toBe(2);
    const { companies } = await bursar.client.get<{ companies: { id: string }[] }>(
      '/companies?name=Tidewell',
    );
    expect(await bursar.client.get(`/companies/${companies[0]?.id}/sources`)).toMatchObject({ total: 2 });
  },
  LIMIT_MS,
);

test(
  'a run that is held waits until it is executed, and nothing else moves it',
  async () => {
    const add = ['queue', 'add', '--company', 'Tidewell', '--only', 'NB3', '--regenerate-all', '--hold'];
    const { run: held } = await json<{ run: Run }>(...add);
    expect(held).toMatchObject({ state: 'queued', parked: true, message: 'parked until somebody starts it' });
    const paused = await run('runs', 'pause', held.id);
    expect([paused.code, paused.stderr]).toEqual([1, expect.stringContaining('the run is parked')]);
    expect((await run('queue', 'status')).stdout).toMatch(new RegExp(`${held.id} +intelligence +parked `));
    expect((await run('queue', 'status', '--run', held.id)).stdout).toContain('is parked');
    const done = await json<Run>('queue', 'execute', '--run', held.id);
    expect(done).toMatchObject({ id: held.id, state: 'completed', parked: false, calls: 1 });
    const twice = await run('queue', 'execute', '--run', held.id);
    expect([twice.code, twice.stderr]).toEqual([1, expect.stringContaining('has been started already')]);
    const other = (await json<{ run: Run }>(...add)).run.id;
    expect((await run('runs', 'cancel', other)).code).toBe(0);
    expect(await bursar.client.get(`/runs/${other}`)).toMatchObject({
      state: 'cancelled',
      parked: false,
      calls: 0,
    });
  },
  LIMIT_MS,
);

test(
  'a rehearsal of failures ends well; the monitor shows it, and ends with it',
  async () => {
    const rehearsal = startCommand(
      folder,
      reached(['queue', 'simulate-failure', '--company', 'Tidewell', '--regenerate-all', '--yes', '--json']),
    );
    await rehearsal.says('Run ');
    const watched = await run('queue', 'monitor', '--every', '1', '--until-empty');
    expect(watched.code).toBe(0);
    expect(watched.stdout).toMatch(/\w+ +intelligence +(queued|planning|estimating|running)/);
    expect(watched.stdout).toMatch(/Nothing is open\.\n1 worker there\n$/);
    const { code, stdout } = await rehearsal.ended;
    expect(code).toBe(0);
    const ended = (JSON.parse(stdout) as { run: Run }).run;
    expect(ended.options.model).toContain('failEvery=4');
    expect(ended.state).toBe('completed');
    const { items } = await bursar.client.get<{ items: { attempts: number }[] }>(`/runs/${ended.id}/items`);
    expect(items.some(({ attempts }) => attempts > 0)).toBe(true);
  },
  LIMIT_MS,
);

test(
  'old runs go to the archive, and come back',
  async () => {
    const { runs } = await json<{ runs: Run[] }>('runs', 'list', '--state', 'completed');
    const id = runs[0]?.id ?? '';
    const details = ['items', 'logs', 'errors'].map((part) => `/runs/${id}/${part}`);
    const statuses = async () => {
      const answers = await Promise.all(details.map((path) => bursar.client.send('GET', path)));
      return answers.map(({ status }) => status);
    };
    const items = await bursar.client.get<{ total: number }>(`/runs/${id}/items`);
    expect((await json<{ archived: number }>('queue', 'cleanup', '--yes')).archived).toBe(0);
    expect((await run('queue', 'cleanup')).stderr).toContain('add --yes');
    const all = await json<{ archived: number }>('queue', 'cleanup', '--older-than', '0', '--yes');
    expect(all.archived).toBeGreaterThanOrEqual(runs.length);
    expect(await statuses()).toEqual([409, 409, 409]);
    const report = await bursar.client.send('GET', `/intelligence/reports/${id}`);
    expect([report.status, report.body]).toMatchObject([409, { error: { code: 'conflict' } }]);
    expect((await run('runs', 'show', id)).code).toBe(0);
    const back = await json<Run>('queue', 'restore', '--run', id);
    expect(back).toMatchObject({ id, state: 'completed', archivedAt: null });
    expect(await statuses()).toEqual([200, 200, 200]);
    expect(await bursar.client.get(`/runs/${id}/items`)).toEqual(items);
    expect((await run('doctor', '--ledger')).code).toBe(0);
  },
  LIMIT_MS,
);
