import { type Bursar, startBursar } from '../support/bursar.ts';
import { COSTS, DAYS, nano, sumOf } from './cost-data.ts';
import { checkLedger } from './ledger.ts';
import { clientOf, type ErrorBody, type OpenStore, openStore } from './second-organization.ts';

let bursar: Bursar;
let opened: OpenStore;

interface Sum {
  total_jobs: number;
  total_cost: number;
  avg_cost: number;
  min_cost: number;
  max_cost: number;
  p95_cost: number;
  cost_by_component: Record<string, number>;
  tokens: Record<string, number>;
}
interface Daily {
  days: (Sum & { date: string; team?: string; user?: string; model?: string })[];
  total: Sum;
}
interface History {
  by: string;
  series: { team?: string; points: (Sum & { start: string; end: string })[] }[];
  total: Sum;
}
const SPAN = 'start=2025-01-30&end=2025-02-03';

beforeAll(async () => {
  bursar = await startBursar({ workers: 0 });
  opened = await openStore(bursar);
  await opened.store.outsideCosts.post('default', 'job', COSTS);
  await opened.store.fold();
});
afterAll(async () => {
  await opened.close();
  await bursar.stop();
});

const daily = (query: string) => bursar.client.get<Daily>(`/costs/daily?${query}`);
const history = (query: string) => bursar.client.get<History>(`/costs/history?${query}`);

describe('daily costs', () => {
  test('add up to the ledger, to the nano-dollar', async () => {
    const { days, total } = await daily(SPAN);
    expect(days.map(({ date }) => date)).toEqual(DAYS);
    for (const { date, ...day } of days) {
      const costs = COSTS.filter(({ id }) => id.startsWith(date));
      const amounts = costs.map(({ costNanoUsd }) => costNanoUsd);
      expect([nano(day.total_cost), day.total_jobs]).toEqual([sumOf(costs), 15]);
      expect(nano(day.avg_cost)).toBe(Math.round(sumOf(costs) / 15));
      expect([nano(day.min_cost), nano(day.max_cost)]).toEqual([Math.min(...amounts), Math.max(...amounts)]);
      expect(Math.abs(nano(day.p95_cost) / Math.max(...amounts) - 1)).toBeLessThan(0.025);
      const parts = Object.values(day.cost_by_component).map(nano);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(sumOf(costs));
      expect(Object.keys(day.cost_by_component)).toEqual(['cpu', 'memory']);
    }
    expect([nano(total.total_cost), total.total_jobs]).toEqual([sumOf(COSTS), COSTS.length]);
    expect(await checkLedger(bursar)).toMatchObject({ differences: [], entries: 60, unposted: 0 });
    expect(nano((await checkLedger(bursar)).spentUsd)).toBe(sumOf(COSTS));
  });

  test('come apart by any parts of the scope, and the parts add up again', async () => {
    const { days, total } = await daily(`${SPAN}&groupBy=team,user`);
    expect(days).toHaveLength(12);
    expect(days.slice(0, 3).map(({ date, team, user }) => [date, team, user])).toEqual(
      expect.arrayContaining([
        [DAYS[0], 'red', 'ann'],
        [DAYS[0], 'red', 'bob'],
        [DAYS[0], 'blue', 'cy'],
      ]),
    );
    expect(nano(total.total_cost)).toBe(sumOf(COSTS));
    const blue = await daily(`${SPAN}&groupBy=team&team=blue`);
    expect(blue.days.map(({ team }) => team)).toEqual(Array(4).fill('blue'));
    expect(nano(blue.total.total_cost)).toBe(sumOf(COSTS.filter(({ scope }) => scope.team === 'blue')));
    expect((await daily('start=2024-01-01&end=2024-12-31')).days).toEqual([]);
  });

  test.each([
    ['start', 'end=2025-01-01'],
    ['end', 'start=2025-01-01'],
    ['start', 'start=2025-02-29&end=2025-03-01'],
    ['end', 'start=2025-01-01&end=2025-1-2'],
    ['end', 'start=2025-01-02&end=2025-01-01'],
    ['end', 'start=2000-01-01&end=2025-01-01'],
    ['groupBy', 'start=2025-01-01&end=2025-01-02&groupBy=team,planet'],
    ['from', 'start=2025-01-01&end=2025-01-02&from=x'],
  ])('name %s where it is wrong in %s', async (field, query) => {
    for (const path of ['daily', 'history']) {
      const { status, body } = await bursar.client.send<ErrorBody>('GET', `/costs/${path}?${query}`);
      expect([status, body.error.code]).toEqual([400, 'invalid_input']);
      expect(body.error.details?.map((detail) => detail.field)).toEqual([field]);
    }
  });
});

describe('the history of costs', () => {
  test('has a point for every day, week or month, and adds up to the ledger', async () => {
    for (const [by, count] of [
      ['day', 5],
      ['week', 2],
      ['month', 2],
    ] as const) {
      const { series, total } = await history(`${SPAN}&by=${by}`);
      expect([series.length, series[0]?.points.length]).toEqual([1, count]);
      const sum = series[0]?.points.reduce((all, point) => all + nano(point.total_cost), 0);
      expect([sum, nano(total.total_cost)]).toEqual([sumOf(COSTS), sumOf(COSTS)]);
    }
    const [months] = (await history(`${SPAN}&by=month`)).series;
    expect(months?.points.map(({ start, end, total_jobs }) => [start, end, total_jobs])).toEqual([
      ['2025-01-30', '2025-01-31', 30],
      ['2025-02-01', '2025-02-03', 30],
    ]);
    const [days] = (await history(SPAN)).series;
    expect(days?.points.map(({ total_jobs }) => total_jobs)).toEqual([15, 15, 15, 0, 15]);
  });

  test('has a series for each group, the dearest first', async () => {
    const { series } = await history(`${SPAN}&by=week&groupBy=team`);
    expect(series.map(({ team }) => team)).toEqual(['red', 'blue']);
    expect((await bursar.client.send('GET', `/costs/history?${SPAN}&by=hour`)).status).toBe(400);
  });
});

test('another organization sees no cost, and only an admin checks the ledger', async () => {
  const stranger = await clientOf(bursar, opened, 'cost-strangers', 'admin');
  expect(await stranger.get('/costs/entries')).toEqual({ entries: [], total: 0, has_more: false });
  expect((await stranger.get<Daily>(`/costs/daily?${SPAN}`)).days).toEqual([]);
  expect(await stranger.get('/ledger/check')).toMatchObject({ entries: 0, differences: [] });
  for (const role of ['viewer', 'operator'] as const) {
    const client = await clientOf(bursar, opened, 'default', role);
    expect((await client.send('GET', `/costs/daily?${SPAN}`)).status).toBe(200);
    expect((await client.send('GET', '/ledger/check')).status).toBe(403);
  }
});

test('a number that was changed behind the ledger is found, and named', async () => {
  const { dailyCosts } = opened.store;
  const row = await dailyCosts.model.findOne({ org: 'default', day: DAYS[0]! }).lean<{ _id: string }>();
  await dailyCosts.model.updateOne({ _id: row?._id ?? '' }, { $inc: { cost: 1, count: 1 } });
  const { differences } = await checkLedger(bursar);
  expect(differences.map(({ kind, id, unit }) => [kind, id, unit])).toEqual([
    ['daily_cost', row?._id, 'usd'],
    ['daily_count', row?._id, 'count'],
    ['daily_components', row?._id, 'usd'],
  ]);
  const [cost, count] = differences;
  expect(nano((cost?.stored ?? 0) - (cost?.computed ?? 0))).toBe(1);
  expect((count?.stored ?? 0) - (count?.computed ?? 0)).toBe(1);
});
