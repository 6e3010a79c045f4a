import { setTimeout as sleep } from 'node:timers/promises';
import { runBursar, scratchFolder } from '../cli/run-bursar.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';

const DAY_MS = 86_400_000;
const HISTORY_DAYS = 40;
/** Of the built-in cost model. */
const USD_PER_SECOND = 0.0001;
const METRICS = { cpuTime: 0, memoryMbSeconds: 0, payloadBytes: 0, redisOps: 0, networkBytes: 0 };

interface Forecast {
  state: string;
  budgetId: string | null;
  periodStart: string;
  periodEnd: string;
  spentUsd: number;
  budgetUsd: number | null;
  predictedSpendUsd: number;
  predicted: { interval80: { low: number; high: number } | null };
  budgetUtilization: number | null;
  trendDirection: string;
  daysUntilOverrun: number | null;
  overrun: { probability: number | null; p50: string | null } | null;
  recommendation: string;
  historyDays: number;
  days: { date: string; point: number }[];
}

let bursar: Bursar;
beforeAll(async () => {
  bursar = await startBursar();
}, 60_000);
afterAll(() => bursar.stop());

const folder = scratchFolder();
const dayOf = (ago: number) => new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10);

/** Jobs of a queue, one on each of the days before today. @returns what each cost, by the API's own word */
async function history(queueName: string, costOf: (ago: number) => number, days = HISTORY_DAYS) {
  const jobs = Array.from({ length: days }, (_, index) => {
    const ago = days - index;
    const used = { ...METRICS, cpuTime: costOf(ago) / USD_PER_SECOND };
    return {
      ...used,
      jobId: `${queueName}-${ago}`,
      queueName,
      jobType: 'x',
      endedAt: `${dayOf(ago)}T12:00:00Z`,
    };
  });
  const answer = await bursar.client.post<{ jobs: { totalCostUsd: number }[] }>('/costs/jobs', { jobs });
  await untilFolded(queueName, days);
  return answer.jobs.map(({ totalCostUsd }) => totalCostUsd);
}

/** Daily costs come by the fold, within a second or two. */
async function untilFolded(queue: string, count: number, tries = 100): Promise<void> {
  const query = `queue=${queue}&start=${dayOf(60)}&end=${dayOf(0)}`;
  const { total } = await bursar.client.get<{ total: { total_jobs: number } }>(`/costs/daily?${query}`);
  if (total.total_jobs >= count) return;
  if (tries === 0) throw new Error(`only ${total.total_jobs} of ${count} costs are folded`);
  await sleep(100);
  await untilFolded(queue, count, tries - 1);
}

const forecastOf = (query: string) => bursar.client.get<Forecast>(`/forecasts?${query}`);

const noisy = (ago: number) => 10 + ((ago * 7919) % 13) / 13;
const budget = (queue: string, amountUsd: number) =>
  bursar.client.post<{ id: string }>('/budgets', {
    name: queue,
    amountUsd,
    scope: { queue },
    period: { type: 'custom', startDate: dayOf(10), endDate: dayOf(-20) },
  });

test('without a budget the month is forecast, and every day ahead has its date', async () => {
  const costs = await history('steady', noisy);
  const found = await forecastOf('queue=steady&days=30');
  expect(found).toMatchObject({
    ...{ state: 'no_budget', budgetId: null, budgetUsd: null, budgetUtilization: null },
    ...{ overrun: null, daysUntilOverrun: null, trendDirection: 'flat', historyDays: HISTORY_DAYS },
    recommendation: expect.stringMatching(/^No budget covers this: about \$\d+\.\d\d will be spent/),
  });
  const month = dayOf(0).slice(0, 7);
  expect([found.periodStart, found.periodEnd.slice(0, 7)]).toEqual([`${month}-01`, month]);
  const gone = Number(dayOf(0).slice(8)) - 1;
  const spent = costs.slice(costs.length - gone).reduce((sum, cost) => sum + cost, 0);
  expect(found.spentUsd).toBeCloseTo(gone === 0 ? 0 : spent, 9);
  const toGo = Number(found.periodEnd.slice(8)) - gone;
  expect(found.predictedSpendUsd).toBeGreaterThan(spent + 9 * (toGo - 1));
  expect(found.predictedSpendUsd).toBeLessThan(spent + 12 * toGo);
  expect(found.days.map(({ date }) => date)).toEqual(Array.from({ length: 30 }, (_, at) => dayOf(-at)));
});

test('a budget that will not do is told in time, with the day and how sure that is', async () => {
  await history('tight', noisy);
  // Made when the costs are there: a budget counts from its beginning on, here from this month's first day.
  const amountUsd = 10_000;
  const { id } = await bursar.client.post<{ id: string }>('/budgets', {
    ...{ name: 'tight', amountUsd, scope: { queue: 'tight' }, period: { type: 'yearly' } },
  });
  const wide = await forecastOf('queue=tight');
  expect(wide).toMatchObject({ state: 'ok', budgetId: id, budgetUsd: amountUsd });
  expect(wide.overrun?.probability).toBe(0);
  expect(wide.budgetUtilization).toBeCloseTo(wide.predictedSpendUsd / amountUsd, 12);
  expect(await bursar.client.get<Forecast>(`/forecasts?budget=${id}`)).toMatchObject({
    predictedSpendUsd: expect.closeTo(wide.predictedSpendUsd, 0),
  });
  // The budget's scope counts, whatever else is named.
  expect(await bursar.client.get<Forecast>(`/forecasts?budget=${id}&queue=steady`)).toMatchObject({
    ...{ budgetId: id, historyDays: wide.historyDays },
  });
  const year = await bursar.client.send('PATCH', `/budgets/${id}`, { amountUsd: wide.spentUsd + 55 });
  expect(year.status).toBe(200);
  const tight = await forecastOf('queue=tight');
  expect(tight.overrun?.probability).toBeGreaterThan(
    dayOf(-10).slice(0, 4) === dayOf(0).slice(0, 4) ? 0.9 : 0,
  );
  expect([5, 6, 7]).toContain(tight.daysUntilOverrun);
  expect(tight.overrun?.p50).toBe(dayOf(1 - (tight.daysUntilOverrun ?? 0)));
  expect(tight.recommendation).toMatch(
    /^Raise the budget or slow down: .* \d+ % likely to exceed it, in about/,
  );
  await bursar.client.send('PATCH', `/budgets/${id}`, { amountUsd: wide.spentUsd / 2 });
  const over = await forecastOf('queue=tight');
  expect([over.state, over.recommendation]).toEqual([
    'budget_exceeded',
    expect.stringMatching(/^The budget of \$\d+\.\d\d is used up/),
  ]);
});

test('the command line says the same in words', async () => {
  const at = ['--url', bursar.client.url, '--api-key', bursar.key];
  const shown = await runBursar(folder, ['forecast', '--queue', 'steady', '--days', '3', ...at]);
  expect(shown.stdout).toMatch(
    /^period +\d{4}-\d\d-01 to .*\nspent +\$.*\nforecast +\$.*80% between .*flat\nbasis +40 days, /,
  );
  expect(
    shown.stdout
      .trimEnd()
      .split('\n')
      .slice(-3)
      .map((line) => line.slice(0, 10)),
  ).toEqual([0, 1, 2].map((n) => dayOf(-n)));
  const json = await runBursar(folder, ['forecast', '--queue', 'tight', '--json', ...at]);
  expect(JSON.parse(json.stdout)).toMatchObject({ state: 'budget_exceeded', days: expect.any(Array) });
});

test('few days are said to be few; none at all is nothing; what is unknown is refused', async () => {
  await history('young', noisy, 5);
  await budget('young', 1000);
  expect(await forecastOf('queue=young')).toMatchObject({
    state: 'insufficient_history',
    method: 'mean7',
    historyDays: 5,
    recommendation: expect.stringContaining('too few days'),
  });
  expect(await forecastOf('queue=nobody')).toMatchObject({ predictedSpendUsd: 0, historyDays: 0 });
  for (const [query, status] of [
    ['budget=bud_none', 404],
    ['days=91', 400],
    ['queue=', 400],
    ['colour=red', 400],
  ] as const)
    expect([query, (await bursar.client.send('GET', `/forecasts?${query}`)).status]).toEqual([query, status]);
});
