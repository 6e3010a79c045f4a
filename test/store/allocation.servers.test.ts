import { given } from '../../domain/given.ts';
import type { Job } from '../../domain/jobs/job.ts';
import { newStore, type OpenedStore } from './database.ts';

let opened: OpenedStore;
/** Another process of the same installation. */
let second: OpenedStore;

beforeAll(async () => {
  opened = await newStore();
  second = await newStore(opened.connection.name);
});
afterAll(() => Promise.all([opened.close(), second.close()]));

const at = (time: string) => new Date(`2026-01-${time}Z`);
const DAY = '2026-01-05';
const NOW = at('20T00:00');

/** Without a cost of its own, unless it is given one. */
function gpuJob(id: string, start: string, end: string, more: Partial<Job> = {}): Job {
  const of = { team: 'ops', model: 'm', provider: 'aws', gpuType: 'a100', status: 'completed' as const };
  const cost = { costNanoUsd: 0, costBasis: 'none' as const };
  return given({ id, ...of, startedAt: at(start), endedAt: at(end), ...cost, ...more });
}

const write = (org: string, ...jobs: Job[]) => opened.store.writeJobs(org, jobs, NOW);
function put(org: string, costNanoUsd: number, gpuHours?: number, date = DAY) {
  const snapshot = given({
    id: `${org}-${date}`,
    date,
    provider: 'aws',
    gpuType: 'a100',
    costNanoUsd,
    gpuHours,
  });
  return opened.store.costSnapshots.put(org, [snapshot], NOW);
}

/** What each job costs, when all that is behind is allocated; with the sums that must be equal. */
async function costsIn(org: string) {
  const { store } = opened;
  await store.allocateSpan(org, '2026-01-01', '2026-02-28', performance.now() + 20_000);
  const { jobs } = await store.jobs.list(org, {}, { limit: 100, skip: 0 });
  while ((await store.entries.unposted(1)).length > 0) await store.fold();
  const total = jobs.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0);
  const days = await store.dailyCosts.list(org, '2026-01-01', '2026-02-28', {});
  expect(days.reduce((sum, { cost }) => sum + cost, 0)).toBe(total);
  expect((await store.checkLedger(org)).differences).toEqual([]);
  const { groups } = await store.analyzeJobs(org, '2026-01-01', '2026-02-28', ['team']);
  expect(groups.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0n)).toBe(BigInt(total));
  return Object.fromEntries(jobs.map(({ id, costNanoUsd }) => [id, costNanoUsd]));
}

const IDLE = `__idle__:aws:a100:${DAY}`;

test('jobs get the cost of the day by their GPU-hours, what nobody used is a row of its own', async () => {
  await write(
    'shares',
    gpuJob('a', '05T10:00', '05T12:00', { gpuCount: 2 }),
    gpuJob('b', '05T12:00', '05T14:00', { team: 'research' }),
    gpuJob('other type', '05T12:00', '05T14:00', { gpuType: 'h100' }),
    gpuJob('other day', '06T12:00', '06T14:00'),
  );
  await put('shares', 1_000, 10);
  const none = { 'other type': 0, 'other day': 0 };
  expect(await costsIn('shares')).toEqual({ a: 400, b: 200, [IDLE]: 400, ...none });
  const snapshot = await opened.store.costSnapshots.find('shares', `shares-${DAY}`);
  expect(snapshot?.allocated).toMatchObject({
    jobsNanoUsd: 600,
    coveredNanoUsd: 0,
    idleNanoUsd: 400,
    jobs: 2,
  });
  // Without a number of hours that were paid for, all were used.
  await put('shares', 1_000);
  expect(await costsIn('shares')).toEqual({ a: 667, b: 333, ...none });
});

test('a job over midnight has a part of both days; one with a cost of its own keeps that', async () => {
  await write(
    'midnight',
    gpuJob('a', '05T22:00', '06T02:00'),
    gpuJob('given', '05T22:00', '06T00:00', { costNanoUsd: 7, costBasis: 'given' }),
  );
  await put('midnight', 1_000);
  await put('midnight', 50, undefined, '2026-01-06');
  expect(await costsIn('midnight')).toEqual({ a: 550, given: 7 });
  const snapshot = await opened.store.costSnapshots.find('midnight', `midnight-${DAY}`);
  expect(snapshot?.allocated).toMatchObject({ jobsNanoUsd: 500, coveredNanoUsd: 500, idleNanoUsd: 0 });
});

test('late snapshots, late jobs, changed ones and none at all are allocated anew', async () => {
  await put('late', 900);
  expect(await costsIn('late')).toEqual({ [IDLE]: 900 });
  await write('late', gpuJob('a', '05T10:00', '05T12:00'));
  expect(await costsIn('late')).toEqual({ a: 900 });
  await write('late', gpuJob('b', '01T00:00', '09T00:00'), gpuJob('c', '05T10:00', '05T11:00'));
  expect(await costsIn('late')).toEqual({ a: 67, b: 800, c: 33 });
  await write('late', gpuJob('b', '06T00:00', '09T00:00'));
  expect(await costsIn('late')).toEqual({ a: 600, b: 0, c: 300 });
  await put('late', 300);
  expect(await costsIn('late')).toEqual({ a: 200, b: 0, c: 100 });
  await write('late', gpuJob('c', '05T10:00', '05T11:00', { costNanoUsd: 5, costBasis: 'given' }));
  expect(await costsIn('late')).toEqual({ a: 200, b: 0, c: 5 });
  expect(await opened.store.costSnapshots.remove('late', `late-${DAY}`, 'key_1', NOW)).toBe(true);
  expect(await costsIn('late')).toEqual({ a: 0, b: 0, c: 5 });
  expect(await opened.store.costSnapshots.find('late', `late-${DAY}`)).toBeUndefined();
});

test('the price list holds until there is a snapshot, and again when it is taken back', async () => {
  const listed = { costNanoUsd: 70, costBasis: 'gpu_hours' as const };
  await write('listed', gpuJob('a', '05T10:00', '05T12:00', listed));
  expect(await costsIn('listed')).toEqual({ a: 70 });
  await put('listed', 900);
  expect(await costsIn('listed')).toEqual({ a: 900 });
  // The same file again does not undo it, nor does what was exported.
  const again = [listed, { costNanoUsd: 900, costBasis: 'given' as const }];
  for (const cost of again)
    expect(await write('listed', gpuJob('a', '05T10:00', '05T12:00', cost))).toMatchObject({ unchanged: 1 });
  const named = gpuJob('a', '05T10:00', '05T12:00', { ...listed, team: 'research' });
  expect(await write('listed', named)).toMatchObject({ updated: 1 });
  expect(await costsIn('listed')).toEqual({ a: 900 });
  await opened.store.costSnapshots.remove('listed', `listed-${DAY}`, 'key_1', NOW);
  expect(await costsIn('listed')).toEqual({ a: 70 });
});

test('in two processes at once, with jobs coming in meanwhile, each snapshot is split once', async () => {
  const jobs = Array.from({ length: 60 }, (_, index) => gpuJob(`j${index}`, '05T10:00', '05T12:00'));
  await put('racing', 6_000_000);
  const writing = (async () => {
    for (const job of jobs) await write('racing', job);
  })();
  const until = performance.now() + 20_000;
  await Promise.all([
    writing,
    ...[opened, second, opened, second].map(({ store }) =>
      store.allocateSpan('racing', '2026-01-01', '2026-02-28', until),
    ),
  ]);
  const costs = await costsIn('racing');
  expect(new Set(Object.values(costs))).toEqual(new Set([100_000]));
  expect(Object.keys(costs)).toHaveLength(60);
});

test('running jobs use GPUs until the snapshot was made', async () => {
  const running = gpuJob('a', '04T00:00', '04T00:00', { status: 'running' });
  delete running.endedAt;
  await write('running', running, gpuJob('b', '05T00:00', '05T12:00'));
  await put('running', 900);
  expect(await costsIn('running')).toEqual({ a: 600, b: 300 });
});
