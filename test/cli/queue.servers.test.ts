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

test(
  'a run is scheduled, held, made up for, shown and deleted',
  async () => {
    expect((await run('schedules', 'list')).stdout).toMatch(/^No schedules yet\. Make one: /);
    writeFileSync(join(folder, 'input.json'), JSON.stringify({ companyId: await tidewell(), only: ['NB1'] }));
    const asked = ['--kind', 'intelligence', '--input', 'input.json'];
    const create = (name: string, ...more: string[]) => run('schedules', 'create', name, ...asked, ...more);
    const made = await create('watch', '--cron', '0 3 * * *', '--time-zone', 'Europe/Berlin');
    expect(made.stdout).toMatch(
      /^watch \(sch_\w+\) is scheduled: 0 3 \* \* \*, Europe\/Berlin\.\nnext +\w{3} \d{4}-\d\d-\d\d 03:00 /,
    );
    const wrong = await create('other', '--cron', '0 25 * * *');
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringContaining("cron: hour: '25' is not from 0"),
    ]);
    expect((await run('schedules', 'pause', 'watch', '--note', 'quiet')).stdout).toContain('if resumed');
    const span = ['--from', '2025-01-01', '--to', '2025-01-02'];
    const { times } = await json<{ times: { run: string }[] }>('schedules', 'backfill', 'watch', ...span);
    expect(times).toHaveLength(2);
    const shown = await until(
      async () => (await run('schedules', 'show', 'watch')).stdout,
      times[1]?.run ?? '',
    );
    expect(shown).toMatch(/^schedule +sch_\w+, watch \(paused\)\nnote +quiet\n/);
    expect((await run('schedules', 'delete', 'watch')).code).toBe(2);
    expect((await json<{ deleted: boolean }>('schedules', 'delete', 'watch', '--yes')).deleted).toBe(true);
  },
  LIMIT_MS,
);

async function tidewell(): Promise<string> {
  const { companies } = await bursar.client.get<{ companies: { id: string; name: string }[] }>('/companies');
  return companies.find(({ name }) => name === 'Tidewell')?.id ?? '';
}

async function until(look: () => Promise<string>, text: string): Promise<string> {
  for (let left = 30; left > 0; left -= 1) {
    const seen = await look();
    if (seen.includes(text)) return seen;
  }
  throw new Error(`nobody has said ${text}`);
}
