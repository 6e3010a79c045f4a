import { assembleReport } from '../../../domain/report/assemble.ts';
import { addWaits, type Waits } from '../../../domain/report/history.ts';
import type { SpendLine } from '../../../domain/report/report.ts';
import { addReuse } from '../../../domain/report/savings.ts';
import type { DaySpend } from '../../../domain/report/tally.ts';
import { AT, eventsOf, factsOf, tallyOf } from './facts.ts';

const USD = 1_000_000_000;
const nano = (usd: number) => Math.round(usd * 1e9);
const sumOf = (lines: { totalCost: number }[]) => lines.reduce((sum, line) => sum + nano(line.totalCost), 0);

/** Odd amounts over many names, some rows of nothing but a correction, some of credits. */
const ROWS: DaySpend[] = Array.from({ length: 3_000 }, (_, at) => ({
  day: `2026-10-${String((at % 31) + 1).padStart(2, '0')}`,
  count: at % 9 === 0 ? 0 : (at % 3) + 1,
  cost: at % 17 === 0 ? -1_000_003 - at : 1_000_003 * (at % 11) + 7 * at + 1,
  queue: `q${at % 1_500}`,
  ...(at % 4 > 0 && { team: `t${at % 23}` }),
  ...(at % 5 > 0 && { user: `u${at % 1_100}`, provider: 'p' }),
  components: at % 6 === 0 ? {} : { cpu: 1_000, memory: at % 2 },
}));

describe('a report', () => {
  test('has breakdowns that add up to the nano-dollar, also of more names than it lists', () => {
    const report = assembleReport(factsOf(ROWS));
    const total = ROWS.reduce((sum, { cost }) => sum + cost, 0);
    const count = ROWS.reduce((sum, row) => sum + row.count, 0);
    expect([nano(report.totalSpend), report.jobCount]).toEqual([total, count]);
    const { queueBreakdown, teamBreakdown, userBreakdown, kindBreakdown, providerBreakdown } = report;
    const breakdowns = [queueBreakdown, teamBreakdown, userBreakdown, kindBreakdown, providerBreakdown];
    for (const lines of [...breakdowns, report.modelBreakdown, report.dayBreakdown]) {
      expect(sumOf(lines)).toBe(total);
      expect(lines.reduce((sum, { jobCount }) => sum + jobCount, 0)).toBe(count);
      expect(lines.reduce((sum, { percentage }) => sum + (percentage ?? 0), 0)).toBeCloseTo(100, 8);
    }
    expect(sumOf(report.componentBreakdown)).toBe(total);
    expect([queueBreakdown.length, queueBreakdown.at(-1)?.others]).toEqual([1_001, 500]);
    expect(kindBreakdown.map(({ name }) => name)).toEqual([null]);
    expect(report.dayBreakdown).toHaveLength(31);
  });

  test('names the dearest queues as its users know them, with what a job cost on average', () => {
    const rows = [
      { queue: 'mail', cost: 6 * USD, count: 4 },
      { queue: 'etl', cost: 3 * USD + 1, count: 2 },
      { cost: USD },
    ];
    const { topDrivers } = assembleReport(factsOf(rows));
    expect(
      topDrivers.map(({ queueName, totalCost, jobCount, avgCostPerJob }) => [
        queueName,
        totalCost,
        jobCount,
        avgCostPerJob,
      ]),
    ).toEqual([
      ['mail', 6, 4, 1.5],
      ['etl', 3.000000001, 2, 1.500000001],
      [null, 1, 1, 1],
    ]);
    expect(topDrivers[0]?.percentage).toBeCloseTo(60, 6);
  });

  test('of nothing says so, without a share or an average that nobody can tell', () => {
    const report = assembleReport(factsOf([]));
    expect(report).toMatchObject({
      ...{ totalSpend: 0, jobCount: 0, avgCostPerJob: 0, budgetAmount: null, utilization: null },
      ...{ topDrivers: [], queueBreakdown: [], recommendations: [], estimates: [], waits: [] },
      comparison: { start: '2026-09-01', end: '2026-09-30', totalSpend: 0, changePercent: null },
      savings: { totalUsd: 0 },
    });
    expect(report.dayBreakdown.every(({ percentage }) => percentage === null)).toBe(true);
  });

  test('sets each line beside the period before', () => {
    const before = tallyOf([
      { queue: 'mail', cost: 2 * USD },
      { queue: 'gone', cost: USD },
    ]);
    const report = assembleReport(factsOf([{ queue: 'mail', cost: 6 * USD }], { tallyBefore: before }));
    expect(report.queueBreakdown.map(({ queueName, previousCost }) => [queueName, previousCost])).toEqual([
      ['mail', 2],
    ]);
    expect(report.comparison).toMatchObject({ totalSpend: 3, change: 3, changePercent: 100 });
  });

  test('lists days up to today, and one that others already are at', () => {
    const november = { period: { start: '2026-11-01', end: '2026-11-30' } };
    const days = (rows: Partial<DaySpend>[]) =>
      assembleReport(factsOf(rows, november)).dayBreakdown.at(-1)?.date;
    expect(days([{ day: '2026-11-02' }])).toBe('2026-11-20');
    expect(days([{ day: '2026-11-21' }])).toBe('2026-11-21');
  });
});

describe('savings', () => {
  test('of reuse are what the estimate reckoned, else what items of the same run have cost', () => {
    const sum = { items: 0, nanoUsd: 0, unpricedItems: 0 };
    const counters = { done: 2, failed: 0, reused: 3, costNanoUsd: 200 };
    addReuse(sum, {
      counters,
      estimate: { reusedItems: 6, reuseSavings: { costNanoUsd: { p50: 120, p90: 300 } } },
    });
    expect(sum).toEqual({ items: 3, nanoUsd: 60, unpricedItems: 0 });
    addReuse(sum, { counters });
    expect(sum).toEqual({ items: 6, nanoUsd: 360, unpricedItems: 0 });
    addReuse(sum, { counters: { ...counters, done: 0 } });
    expect(sum).toEqual({ items: 9, nanoUsd: 360, unpricedItems: 3 });
  });

  test('of caching are cached tokens at the price of plain ones, where the model has one', () => {
    const tokens = { input: 1_000, cachedRead: 600, cachedWrite: 100, output: 5 };
    const report = assembleReport(
      factsOf([
        { model: 'a', tokens, components: { input: 300_000, cachedRead: 60_000 } },
        { model: 'b', tokens: { input: 10, cachedRead: 10 }, components: { cachedRead: 7 } },
        { model: 'c', tokens, components: { other: 5 } },
      ]),
    );
    expect(report.savings.caching.tokens).toBe(610);
    expect(nano(report.savings.caching.usd)).toBe(600 * 1_000 - 60_000);
  });
});

describe('what happened beside', () => {
  test('runs that waited, for how long and for what; a wait that goes on lasts until now', () => {
    const waits: Waits = new Map();
    const at = (hour: number) => new Date(Date.UTC(2026, 9, 5, hour));
    const run = [
      { state: 'running', at: at(1) },
      { state: 'waiting', waitReason: 'budget', at: at(2) },
      { state: 'running', at: at(4) },
      { state: 'waiting', waitReason: 'budget', at: at(5) },
    ];
    addWaits(waits, run, at(6));
    addWaits(waits, [{ state: 'waiting', waitReason: 'approval', at: at(1) }], at(2));
    expect(assembleReport(factsOf([], { waits })).waits).toEqual([
      { reason: 'budget', runs: 1, hours: 3 },
      { reason: 'approval', runs: 1, hours: 1 },
    ]);
  });

  test('money that passed budgets counts once, however many budgets it passed and holds it took', () => {
    const events = eventsOf([
      { event: 'bypassed', subject: 'r1', reason: 'a launch' },
      { event: 'bypassed', subject: 'r1:main:1', details: { amountNanoUsd: 5 * USD } },
      { event: 'bypassed', subject: 'r1:main:1', budget: 'b2', details: { amountNanoUsd: 5 * USD } },
      { event: 'bypassed', subject: 'r1:main:2', details: { amountNanoUsd: 2 * USD } },
      { event: 'overrun', details: { worstNanoUsd: 3, costNanoUsd: 5 } },
      { event: 'overrun', details: { costNanoUsd: 50, beyondNanoUsd: 7 } },
      { event: 'raised', details: { amountNanoUsd: USD } },
      { event: 'throttle' },
    ]);
    const { exceptions } = assembleReport(factsOf([], { events }));
    expect(exceptions).toMatchObject({
      bypasses: { count: 1, usd: 5 },
      overruns: { count: 2, usd: 0.000000009 },
      raises: { count: 1, usd: 1 },
      throttles: { count: 1, usd: null },
      emergencies: { count: 0, usd: null },
    });
    expect(exceptions.events.map(({ event }) => event)).toEqual(['bypassed', 'overrun', 'overrun', 'raised']);
  });

  test('estimates against what their runs cost, by kind', () => {
    const variance = (kind: string, p50: number, actualNanoUsd: number) => ({
      ...{ kind, model: 'm', basis: 'cold' as const, estimateNanoUsd: { p50, p90: 2 * p50 }, actualNanoUsd },
      ...{ errorPercent: ((actualNanoUsd - p50) / p50) * 100, inBand: actualNanoUsd <= 2 * p50, at: AT },
    });
    const variances = [variance('b', USD, 3 * USD), variance('a', USD, USD), variance('b', USD, USD)];
    const { estimates } = assembleReport(factsOf([], { variances }));
    expect(
      estimates.map(({ kind, runs, actualUsd, errorPercent, coverage }) => [
        kind,
        runs,
        actualUsd,
        errorPercent,
        coverage,
      ]),
    ).toEqual([
      ['a', 1, 1, 0, 1],
      ['b', 2, 4, 100, 0.5],
    ]);
  });
});

test('every line of a breakdown carries what people look for', () => {
  const [line] = assembleReport(factsOf([{ team: 'a' }])).teamBreakdown;
  const expected: SpendLine = {
    name: 'a',
    totalCost: 1,
    percentage: 100,
    jobCount: 1,
    avgCostPerJob: 1,
    previousCost: 0,
  };
  expect(line).toEqual(expected);
});
