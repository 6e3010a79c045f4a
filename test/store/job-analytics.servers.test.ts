import { createDaySummer } from '../../domain/analytics/day-sums.ts';
import { DIMENSIONS, type Dimension, type JobDimension } from '../../domain/analytics/dimension.ts';
import type { CostGroup } from '../../domain/analytics/grouping.ts';
import { newStore, type OpenedStore } from './database.ts';
import { type DatedJob, randomJobs, writeJobs } from './job-days.ts';

const START = '2026-03-12';
const END = '2026-03-20';
let opened: OpenedStore;
/** Another process of the same installation. */
let second: OpenedStore;

beforeAll(async () => {
  opened = await newStore();
  second = await newStore(opened.connection.name);
});
afterAll(() => Promise.all([opened.close(), second.close()]));

function byHand(jobs: DatedJob[], by: Dimension[]) {
  const sums: Record<string, { count: number; cost: number }> = {};
  for (const job of jobs.filter(({ day }) => day >= START && day <= END)) {
    const names = by.map((each) => {
      if (each === 'day') return job.day;
      if (each === 'month') return job.day.slice(0, 7);
      return job[each as JobDimension] ?? null;
    });
    const sum = sums[JSON.stringify(names)] ?? { count: 0, cost: 0 };
    sums[JSON.stringify(names)] = { count: sum.count + 1, cost: sum.cost + job.costNanoUsd };
  }
  return sums;
}

function sumsIn(groups: CostGroup[], by: Dimension[]) {
  return Object.fromEntries(
    groups.map(({ names, count, costNanoUsd }) => [
      JSON.stringify(by.map((each) => names[each])),
      { count, cost: Number(costNanoUsd) },
    ]),
  );
}

async function expectSums(jobs: DatedJob[], org: string, asked: Dimension[][]) {
  for (const by of asked) {
    const { groups, daysBehind } = await opened.store.analyzeJobs(org, START, END, by);
    expect(daysBehind).toBe(0);
    expect(sumsIn(groups, by)).toEqual(byHand(jobs, by));
    const costs = groups.map(({ costNanoUsd }) => Number(costNanoUsd));
    expect(costs).toEqual(costs.toSorted((a, b) => b - a));
  }
}

test('analytics are the sums of the jobs, by every dimension and by any two', async () => {
  const jobs = randomJobs(1_500, 11);
  await writeJobs(opened, 'sums', jobs);
  const single = DIMENSIONS.filter((each) => each !== 'week').map((each) => [each]);
  const pairs: Dimension[][] = [
    ['team', 'model'],
    ['user', 'queue'],
    ['gpu_type', 'provider'],
    ['day', 'kind'],
    ['model', 'month'],
  ];
  await expectSums(jobs, 'sums', [...single, ...pairs]);
});

test('a job that was moved to another day and team counts there, and no longer where it was', async () => {
  const jobs = randomJobs(300, 5);
  await writeJobs(opened, 'moved', jobs);
  await expectSums(jobs, 'moved', [['team']]);
  const moved = jobs.map((job, index) =>
    index % 3 === 0 ? { ...job, day: END, team: 'another', costNanoUsd: job.costNanoUsd + 7 } : job,
  );
  await writeJobs(
    second,
    'moved',
    moved.filter((_, index) => index % 3 === 0),
  );
  await expectSums(moved, 'moved', [['team'], ['day'], ['team', 'day']]);
});

test('a day that has lost all of its jobs is gone', async () => {
  const [job] = randomJobs(1, 1) as [DatedJob];
  await writeJobs(opened, 'emptied', [{ ...job, day: START }]);
  await expectSums([{ ...job, day: START }], 'emptied', [['day']]);
  await writeJobs(opened, 'emptied', [{ ...job, day: '2026-05-01' }]);
  await expectSums([], 'emptied', [['day'], ['team', 'model']]);
});

test('two processes that roll up at once, while jobs are written, end with what the jobs say', async () => {
  const jobs = randomJobs(900, 3);
  const chunks = Array.from({ length: 9 }, (_, index) => jobs.slice(index * 100, index * 100 + 100));
  let writing = true;
  const rolling = [opened, second].map(async ({ store }) => {
    while (writing) await store.analyzeJobs('raced', START, END, ['team']);
  });
  for (const chunk of chunks) await writeJobs(opened, 'raced', chunk);
  writing = false;
  await Promise.all(rolling);
  await Promise.all([opened, second].map(({ store }) => store.analyzeJobs('raced', START, END, ['team'])));
  await expectSums(jobs, 'raced', [['team'], ['model', 'user']]);
  // Rows of versions that lost are gone: every day has those of its roll-up and no others.
  const rows = await opened.connection.collection('job_day_rows').find({ org: 'raced' }).toArray();
  const heads = await opened.connection.collection('job_days').find({ org: 'raced' }).toArray();
  expect(rows.map(({ version }) => version).sort()).toEqual(heads.map(({ version }) => version).sort());
});

test('one organization does not see the jobs of another', async () => {
  const mine = randomJobs(50, 21);
  const theirs = randomJobs(80, 22);
  await writeJobs(opened, 'mine', mine);
  await writeJobs(opened, 'theirs', theirs);
  await expectSums(mine, 'mine', [['team'], ['team', 'provider']]);
  await expectSums(theirs, 'theirs', [['team'], ['team', 'provider']]);
});

test('a day is rolled up in the background once it is quiet, not while it is written to', async () => {
  await writeJobs(opened, 'quiet', randomJobs(40, 8));
  const behind = () => opened.store.jobDayMarks.daysBehind('quiet', START, END);
  await opened.store.rollUpJobDays(new Date());
  expect((await behind()).length).toBeGreaterThan(0);
  await opened.store.rollUpJobDays(new Date(Date.now() + 4_000));
  expect(await behind()).toEqual([]);
});

test('rows that a crash has left behind are not counted, and go with the next roll-up', async () => {
  const jobs = randomJobs(30, 31).map((job) => ({ ...job, day: START }));
  await writeJobs(opened, 'crashed', jobs);
  const summer = createDaySummer(1);
  const [rows] = jobs.flatMap((job) => summer.add(job) ?? []);
  const left = { org: 'crashed', day: START, version: '000000000001-dead' };
  if (rows !== undefined) await opened.store.jobDays.addRows(left, 0, rows);
  await expectSums(jobs, 'crashed', [['team', 'model']]);
  const kept = await opened.connection.collection('job_day_rows').find({ org: 'crashed' }).toArray();
  expect(kept.map(({ version }) => version)).not.toContain(left.version);
  expect(kept).toHaveLength(1);
});

test('a day of more rows than one document takes, and of more names, adds up as any other', async () => {
  const jobs = randomJobs(21_000, 13).map((job, index) => ({
    ...job,
    day: START,
    user: `${'a long name '.repeat(4)}${index}`,
  }));
  for (let from = 0; from < jobs.length; from += 3_000)
    await writeJobs(opened, 'large', jobs.slice(from, from + 3_000));
  await expectSums(jobs, 'large', [['team'], ['user'], ['team', 'model'], ['day', 'queue']]);
  const [head] = await opened.connection.collection('job_days').find({ org: 'large' }).toArray();
  expect(head).toMatchObject({ parts: 2 });
  expect(Object.keys(head?.by ?? {})).not.toContain('user');
}, 60_000);
