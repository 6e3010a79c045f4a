import { gzipSync } from 'node:zlib';
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
const archive = (org: string, when = AT) => opened.store.archiveOld(DAYS, when, org);
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

test('what is not in the archive as it was is not taken out of its collection', async () => {
  await write('damaged', [job('a', '05T10:00')]);
  const before = await stored('damaged');
  const parts = opened.connection.collection('archive_parts');
  const { insertOne } = parts;
  parts.insertOne = (part) => insertOne.call(parts, { ...part, bytes: gzipSync('{}') });
  expect(await archive('damaged')).toMatchObject({ jobs: 0 });
  parts.insertOne = insertOne;
  expect(await stored('damaged')).toEqual(before);
  expect(await stored('damaged', 'archive_parts', 'org')).toEqual([]);
  expect(await archive('damaged')).toMatchObject({ jobs: 1 });
  await restore('damaged', `jobs:${DAY}`);
  expect(await stored('damaged')).toEqual(before);
});

test('costs of GPUs of an archived day are split among the jobs that are archived', async () => {
  const { store } = opened;
  const put = (costNanoUsd: number) => {
    const snapshot = { id: 'snapshot', date: DAY, provider: 'aws', gpuType: 'a100', costNanoUsd };
    return store.costSnapshots.put('gpus', [snapshot], NOW);
  };
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

test('what was idle on an archived day is taken back with its snapshot', async () => {
  const { store } = opened;
  const of = { date: DAY, provider: 'aws', gpuType: 'h100' };
  await store.costSnapshots.put('idle', [{ id: 'idle-1', ...of, costNanoUsd: 700 }], NOW);
  expect(total(await madeOf('idle'))).toBe(700n);
  await store.allocateCosts(AT);
  expect(await archive('idle')).toMatchObject({ jobs: 1 });
  await store.costSnapshots.remove('idle', 'idle-1', 'key_1', NOW);
  expect([total(await madeOf('idle')), await stored('idle')]).toEqual([0n, []]);
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
