import { given } from '../../domain/given.ts';
import type { Job } from '../../domain/jobs/job.ts';
import { newStore, type OpenedStore } from './database.ts';
import { dyingAfter } from './dying.ts';

const DAY = '2026-01-05';
/** When all that the tests write is old. */
const AT = new Date('2028-06-01T00:00:00Z');
const NOW = new Date('2026-01-20T00:00:00Z');
const DAYS = { jobs: 365 };
const YEAR_LATER = new Date('2027-01-06T00:00:00Z');
const MONTH = ['2026-01-01', '2026-01-31'] as const;
let opened: OpenedStore;
/** Another process of the same installation. */
let second: OpenedStore;

beforeAll(async () => {
  opened = await newStore();
  second = await newStore(opened.connection.name);
});
afterAll(() => Promise.all([opened.close(), second.close()]));

const at = (time: string) => new Date(`2026-01-${time}Z`);
function job(id: string, end: string, more: Partial<Job> = {}): Job {
  const of = { team: 'ops', model: 'm', provider: 'aws', status: 'completed' as const };
  const cost = { costNanoUsd: 5_000_000_000, costBasis: 'given' as const };
  return given({ id, ...of, startedAt: at('05T00:00'), endedAt: at(end), ...cost, ...more });
}
const gpuJob = (id: string, end: string) =>
  job(id, end, { gpuType: 'a100', costNanoUsd: 0, costBasis: 'none' });
const write = (org: string, jobs: Job[], when = NOW) => opened.store.writeJobs(org, jobs, when);
const archive = (org: string, when = AT, days: object = DAYS) => opened.store.archiveOld(days, when, org);
const headOf = (org: string, key: string) => opened.store.archives.find(org, `${org}|${key}`);
async function restore(org: string, key: string, when = AT): Promise<void> {
  const head = await headOf(org, key);
  if (head !== undefined) await opened.store.restoreArchive(head, when);
}

async function stored(org: string, name = 'jobs', field = 'o') {
  const rows = opened.connection.collection(name).find({ [field]: org });
  return rows.sort({ _id: 1 }).toArray();
}

/** All that is made of jobs: it is the same whether they are archived or not. */
async function madeOf(org: string) {
  const { store } = opened;
  const { groups, daysBehind } = await store.analyzeJobs(org, ...MONTH, ['team', 'day']);
  while ((await store.entries.unposted(1)).length > 0) await store.fold();
  const entries = await stored(org, 'entries', 'org');
  const costs = (await store.dailyCosts.list(org, ...MONTH, {})).map(({ cost, count }) => [cost, count]);
  expect((await store.checkLedger(org)).differences).toEqual([]);
  return { groups, daysBehind, entries: entries.map(({ _id, costNanoUsd }) => [_id, costNanoUsd]), costs };
}
const total = ({ groups }: { groups: { costNanoUsd: bigint }[] }) =>
  groups.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0n);

/** How many jobs there are, at hand and in the archive. */
async function everywhere(org: string): Promise<number> {
  const heads = await stored(org, 'archives', 'org');
  return heads.reduce((sum, { rows }) => sum + Number(rows), (await stored(org)).length);
}

test('jobs of old days come back as they were, wherever a process died, and sums never change', async () => {
  const many = Array.from({ length: 600 }, (_, at) => job(`j${at}`, '05T10:00', { queue: `ü${at}` }));
  const running = job('running', '05T00:00', { status: 'running' });
  delete running.endedAt;
  await write('default', [...many, running, job('young', '06T10:00')]);
  const [rows, made] = [await stored('default'), await madeOf('default')];
  for (let moments = 0; ; moments += 1) {
    const died = await dyingAfter(opened, moments, () => archive('default', YEAR_LATER));
    expect(await everywhere('default')).toBe(602);
    if (!died) break;
  }
  expect((await stored('default')).map(({ _id }) => _id)).toEqual(['default|running', 'default|young']);
  const head = await headOf('default', `jobs:${DAY}`);
  expect(head).toMatchObject({ state: 'archived', rows: 600 });
  expect(await stored('default', 'archive_parts', 'org')).toHaveLength(2);
  expect(head?.bytes).toBeLessThan(JSON.stringify(rows).length / 5);
  expect(await madeOf('default')).toEqual(made);
  for (let moments = 0; ; moments += 1) {
    const died = await dyingAfter(opened, moments, () => restore('default', `jobs:${DAY}`));
    expect(await everywhere('default')).toBe(602);
    if (!died) break;
  }
  await restore('default', `jobs:${DAY}`);
  expect([await stored('default'), await madeOf('default')]).toEqual([rows, made]);
  expect(await stored('default', 'archive_parts', 'org')).toEqual([]);
  // What somebody has brought back stays for a while.
  expect(await archive('default', AT)).toMatchObject({ jobs: 1 });
  expect(await archive('default', new Date(AT.getTime() + 31 * 86_400_000))).toMatchObject({ jobs: 600 });
}, 60_000);

test('a late job and one that is sent again find the archived ones: nothing is charged twice', async () => {
  const jobs = ['a', 'b', 'c'].map((id) => job(id, '05T10:00'));
  await write('late', jobs);
  const made = await madeOf('late');
  expect(await archive('late')).toMatchObject({ jobs: 3 });
  expect(await opened.store.jobDayMarks.countArchived('late', ...MONTH)).toBe(1);
  expect(await write('late', jobs, AT)).toEqual({ inserted: 0, updated: 0, unchanged: 3 });
  expect(await madeOf('late')).toEqual(made);
  expect(await archive('late', new Date('2029-01-01T00:00:00Z'))).toMatchObject({ jobs: 3 });
  expect(await write('late', [job('d', '05T11:00')], AT)).toMatchObject({ inserted: 1 });
  expect(total(await madeOf('late'))).toBe(20_000_000_000n);
  // One whose day is another since the time zone was changed.
  await archive('late', new Date('2030-01-01T00:00:00Z'));
  await opened.store.settings.change('late', 'key_1', AT, () => ({ timeZone: 'Pacific/Auckland' }));
  const moved = await write('late', [job('a', '05T15:00')], AT);
  expect(moved).toMatchObject({ inserted: 0 });
  expect(total(await madeOf('late'))).toBe(20_000_000_000n);
});

test('costs of GPUs of an archived day are split among the jobs that are archived', async () => {
  const { store } = opened;
  const put = (costNanoUsd: number) =>
    store.costSnapshots.put(
      'gpus',
      [{ id: 'snapshot', date: DAY, provider: 'aws', gpuType: 'a100', costNanoUsd }],
      NOW,
    );
  const allocated = async () => {
    await store.allocateSpan('gpus', ...MONTH, performance.now() + 20_000);
    return Object.fromEntries((await stored('gpus')).map(({ _id, c }) => [_id, c]));
  };
  await write('gpus', [gpuJob('a', '05T01:00'), gpuJob('b', '05T03:00'), gpuJob('next', '06T00:00')]);
  await put(2_800);
  // As long as the split is behind, or may be, nothing of it goes.
  expect(await archive('gpus')).toMatchObject({ jobs: 0 });
  const split = { 'gpus|a': 100, 'gpus|b': 300, 'gpus|next': 2_400 };
  expect(await allocated()).toEqual(split);
  await store.allocateCosts(AT);
  expect(await archive('gpus')).toMatchObject({ jobs: 3 });
  await put(5_600);
  expect(await allocated()).toEqual({ 'gpus|a': 200, 'gpus|b': 600, 'gpus|next': 4_800 });
  expect(total(await madeOf('gpus'))).toBe(5_600n);
});

test('writers, archivers and restorers at once leave each job in one place, and counted once', async () => {
  const jobs = Array.from({ length: 40 }, (_, index) => job(`j${index}`, '05T10:00'));
  await write('raced', jobs);
  await madeOf('raced');
  const stores = [opened.store, second.store];
  const again = async (times: number, work: (index: number) => Promise<unknown>) => {
    for (let index = 0; index < times; index += 1) await work(index);
  };
  await Promise.all([
    ...stores.map((store) => again(8, () => store.archiveOld(DAYS, AT, 'raced'))),
    again(4, () => restore('raced', `jobs:${DAY}`, NOW)),
    ...stores.map((store, side) =>
      again(10, async (index) => {
        const more = [job(`j${index * 4 + side}`, '05T10:00'), job(`n${index}-${side}`, '05T11:00')];
        await store.writeJobs('raced', more, NOW);
      }),
    ),
  ]);
  expect(await everywhere('raced')).toBe(60);
  await restore('raced', `jobs:${DAY}`);
  expect(await stored('raced')).toHaveLength(60);
  expect(total(await madeOf('raced'))).toBe(60n * 5_000_000_000n);
}, 30_000);

test('alerts that are over go with their deliveries, and come back as they were', async () => {
  const { alerts, deliveries } = opened.store;
  const org = 'alerted';
  const text = { severity: 'info' as const, title: 'A', text: 'B', facts: [], data: {} };
  const raise = (type: 'run_finished' | 'anomaly', key: string, lasting: boolean) =>
    alerts.raise([{ org, type, key, lasting, at: NOW, ...text }]);
  for (const key of ['over', 'over too']) await raise('run_finished', key, false);
  await raise('anomaly', 'open', false);
  await raise('run_finished', 'untold', false);
  await raise('run_finished', 'came and went', true);
  const ids = new Map((await alerts.list(org, {}, { limit: 10 })).rows.map(({ key, id }) => [key, id]));
  const id = (key: string) => ids.get(key) ?? '';
  for (const [key, each] of ids) if (key !== 'untold') await alerts.told({ org, id: each, round: 0 });
  const told = (_id: string, keys: string[], state: 'sent' | 'pending' = 'sent') =>
    deliveries.add([
      {
        ...{ _id, org, alerts: keys.map(id), channel: 'c', channelName: 'Ops', channelType: 'log', state },
        ...{ attempts: 1, createdAt: NOW },
      },
    ]);
  await told('d1', ['over']);
  await told('d2', ['over', 'over too']);
  await told('d3', ['over', 'open']);
  await told('d4', ['over too'], 'pending');
  const all = async () => [await stored(org, 'alerts', 'org'), await stored(org, 'deliveries', 'org')];
  const before = await all();
  expect(await archive(org, AT, { alerts: 365 })).toMatchObject({ alerts: 4, more: false });
  const [rows = [], sent = []] = await all();
  expect(new Set(rows.map(({ key }) => key))).toEqual(new Set(['open', 'untold', 'came and went']));
  expect(sent.map(({ _id }) => String(_id))).toEqual(['d3', 'd4']);
  expect(await archive(org, AT, { alerts: 365 })).toMatchObject({ alerts: 0 });
  for (const _ of [1, 2]) await restore(org, 'alerts:2026-01');
  expect(await all()).toEqual(before);
  expect(await archive(org, AT, { alerts: 365 })).toMatchObject({ alerts: 0 });
});

test('rows of the audit log stay until their budget period has ended for as long', async () => {
  const { auditLog, budgetPeriods } = opened.store;
  const org = 'audited';
  const row = (_id: string, subject: string, at: Date) =>
    ({ _id, org, budget: 'bud_1', subject, event: 'warning', by: 'system', at }) as const;
  const period = (_id: string, end: Date) => ({ _id, org, budget: 'bud_1', start: NOW, end });
  await budgetPeriods.model.collection.insertMany([
    period('ended', NOW),
    period('long', new Date('2028-01-01T00:00:00Z')),
  ] as never);
  await auditLog.add([
    row('ended:warning', 'ended', NOW),
    row('long:warning', 'long', NOW),
    row('settings', 'other', new Date('2026-02-01T00:00:00Z')),
    row('young', 'other', AT),
  ]);
  const before = await stored(org, 'audit_log', 'org');
  expect(await archive(org, AT, {})).toEqual({ jobs: 0, alerts: 0, audit_log: 0, more: false });
  expect(await archive(org, AT, { audit_log: 365 })).toMatchObject({ audit_log: 2 });
  expect((await stored(org, 'audit_log', 'org')).map(({ _id }) => String(_id))).toEqual([
    'long:warning',
    'young',
  ]);
  const { rows } = await opened.store.archives.list(org, 'audit_log', { limit: 10 });
  expect(rows.map(({ key, rows: of }) => [key, of])).toEqual([
    ['2026-02', 1],
    ['2026-01', 1],
  ]);
  const status = await opened.store.retentionStatus(org, { audit_log: 365 }, AT);
  expect(status.find(({ of }) => of === 'audit_log')).toMatchObject({
    ...{ rows: 2, days: 365, due: 1, oldest: NOW.toISOString() },
    archives: { archives: 2, rows: 2, bytes: expect.any(Number) },
  });
  for (const head of rows) await opened.store.restoreArchive(head, AT);
  expect(await stored(org, 'audit_log', 'org')).toEqual(before);
});
