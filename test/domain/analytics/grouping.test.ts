import { createDaySummer, type JobFacts } from '../../../domain/analytics/day-sums.ts';
import type { Dimension, JobDimension } from '../../../domain/analytics/dimension.ts';
import { createGrouping } from '../../../domain/analytics/grouping.ts';

type Dated = JobFacts & { day: string };

/** Through roll-ups of the days, in parts of so many rows. */
function grouped(jobs: Dated[], start: string, end: string, by: Dimension[], maxRows = 3) {
  const grouping = createGrouping({ start, end }, by);
  for (const day of new Set(jobs.map((job) => job.day))) {
    const summer = createDaySummer(maxRows);
    const parts = jobs.filter((job) => job.day === day).flatMap((job) => summer.add(job) ?? []);
    const { last, by: sums } = summer.end();
    if (last) parts.push(last);
    if (grouping.named.length < 2) grouping.addSums(day, sums[grouping.named[0] ?? 'team']);
    else for (const part of parts) grouping.addRows(day, part);
  }
  return grouping.groups();
}

const on = (day: string, costNanoUsd: number, more: Partial<JobFacts> = {}): Dated => ({
  day,
  team: 'ops',
  model: 'GPT',
  provider: 'aws',
  ...more,
  costNanoUsd,
});

test('groups are sorted by cost, the dearest first, then by name', () => {
  const jobs = [
    on('2026-01-01', 5, { model: 'b' }),
    on('2026-01-02', 5, { model: 'a' }),
    on('2026-01-02', 9, { model: 'c' }),
  ];
  const groups = grouped(jobs, '2026-01-01', '2026-01-31', ['model']);
  expect(groups.map(({ names }) => names.model)).toEqual(['c', 'a', 'b']);
});

test('the end is the last day that counts, and what lies before start counts for the trend alone', () => {
  const jobs = [on('2026-01-08', 50), on('2026-01-10', 100), on('2026-01-11', 20), on('2026-01-12', 7)];
  const [group] = grouped(jobs, '2026-01-10', '2026-01-11', ['team']);
  expect(group).toMatchObject({ count: 2, costNanoUsd: 120n, previousNanoUsd: 50n, averageNanoUsd: 60 });
  expect(group?.changePercent).toBeCloseTo(140);
});

test('without an earlier cost there is no change in percent', () => {
  expect(grouped([on('2026-01-10', 1)], '2026-01-10', '2026-01-10', ['team'])[0]?.changePercent).toBeNull();
});

test('jobs that do not say a user are a group of their own', () => {
  const jobs = [on('2026-01-10', 1), on('2026-01-10', 3, { user: 'ann' })];
  const groups = grouped(jobs, '2026-01-10', '2026-01-10', ['user']);
  expect(groups.map(({ names, share }) => [names.user, share])).toEqual([
    ['ann', 0.75],
    [null, 0.25],
  ]);
});

test('weeks begin on Monday, and each is compared with as many days before it', () => {
  // 2026-01-05 is a Monday.
  const jobs = [on('2026-01-04', 1), on('2026-01-05', 10), on('2026-01-11', 20), on('2026-01-12', 90)];
  const groups = grouped(jobs, '2026-01-05', '2026-01-18', ['week']);
  expect(
    groups.map(({ names, costNanoUsd, previousNanoUsd }) => [names, costNanoUsd, previousNanoUsd]),
  ).toEqual([
    [{ week: '2026-01-12' }, 90n, 30n],
    [{ week: '2026-01-05' }, 30n, 1n],
  ]);
});

test('a week that is cut by the start has the name of its Monday', () => {
  expect(grouped([on('2026-01-01', 1)], '2026-01-01', '2026-01-02', ['week'])[0]).toMatchObject({
    names: { week: '2025-12-29' },
    days: { start: '2026-01-01', end: '2026-01-02' },
  });
});

test('sums stay exact where a number would not be', () => {
  const most = Number.MAX_SAFE_INTEGER;
  const jobs = Array.from({ length: 5 }, (_, index) => on('2026-01-01', most - index));
  for (const by of [['team'], ['team', 'model'], ['day'], ['team', 'month']] as Dimension[][])
    expect(grouped(jobs, '2026-01-01', '2026-01-01', by)[0]?.costNanoUsd).toBe(BigInt(most) * 5n - 10n);
});

test('any dimension and any two of them add up as by hand', () => {
  const random = createRandom(7);
  const pick = (prefix: string, of: number) => `${prefix}${Math.floor(random() * of)}`;
  const jobs = Array.from({ length: 600 }, () => {
    const user = random() < 0.3 ? {} : { user: pick('u', 5) };
    const day = `2026-0${1 + Math.floor(random() * 3)}-${10 + Math.floor(random() * 18)}`;
    const facts = {
      team: pick('t', 3),
      model: pick('m.', 4),
      provider: pick('p', 2),
      gpu_type: pick('g', 3),
    };
    return on(day, Math.floor(random() * 1e6), {
      ...facts,
      ...user,
      queue: pick('q', 2),
      kind: pick('k', 2),
    });
  });
  const asked: Dimension[][] = [
    ['team'],
    ['user'],
    ['day'],
    ['month'],
    ['team', 'model'],
    ['user', 'gpu_type'],
    ['month', 'kind'],
    ['queue', 'provider'],
  ];
  for (const by of asked) {
    const sums = new Map<string, { count: number; cost: number }>();
    for (const job of jobs.filter(({ day }) => day >= '2026-02-01' && day <= '2026-02-28')) {
      const name = (each: Dimension) =>
        each === 'day' ? job.day : each === 'month' ? job.day.slice(0, 7) : job[each as JobDimension];
      const key = JSON.stringify(by.map((each) => name(each) ?? null));
      const sum = sums.get(key) ?? { count: 0, cost: 0 };
      sums.set(key, { count: sum.count + 1, cost: sum.cost + job.costNanoUsd });
    }
    const groups = grouped(jobs, '2026-02-01', '2026-02-28', by, 50);
    const found = groups.map(
      ({ names, count, costNanoUsd }) =>
        [JSON.stringify(by.map((each) => names[each])), { count, cost: Number(costNanoUsd) }] as const,
    );
    expect(new Map(found)).toEqual(sums);
    expect(groups.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  }
});

/** The same numbers every time. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

test('what is given back takes away from the sums, however much it is', () => {
  const most = 9_000_000_000_000_000;
  const costs = [most, most, -most, -most, -most, -most, -1];
  const jobs = costs.map((cost) => on('2026-01-10', cost));
  for (const by of [['team'], ['team', 'model']] as Dimension[][])
    expect(grouped(jobs, '2026-01-10', '2026-01-10', by, 100)[0]?.costNanoUsd).toBe(-18_000_000_000_000_001n);
});
