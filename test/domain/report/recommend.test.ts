import { assembleReport, type ReportFacts } from '../../../domain/report/assemble.ts';
import { countBudgets } from '../../../domain/report/budgeted.ts';
import type { DaySpend } from '../../../domain/report/tally.ts';
import { AT, budgetOf, eventsOf, factsOf, tallyOf } from './facts.ts';

const USD = 1_000_000_000;
const adviceOn = (rows: Partial<DaySpend>[], more: Partial<ReportFacts> = {}) =>
  assembleReport(factsOf(rows, more)).recommendations.map(({ code, figure, unit }) => [code, figure, unit]);
const budget = (amountUsd: number, spentUsd: number) => {
  const [counted] = countBudgets(
    [budgetOf('all', amountUsd * USD)],
    { start: '2026-10-01', end: '2026-10-31' },
    new Map(),
  );
  return counted === undefined ? [] : [{ ...counted, spent: spentUsd * USD }];
};

test('nothing is advised where nothing was spent, or all is well', () => {
  expect(adviceOn([])).toEqual([]);
  expect(adviceOn([{ cost: 70 * USD }], { budgets: budget(100, 70) })).toEqual([]);
});

test('a budget that is missing, nearly used, passed or far too large is named with its figure', () => {
  const rows = [{ cost: 70 * USD }];
  expect(adviceOn(rows)).toEqual([['no_budget', 70, 'usd']]);
  expect(adviceOn(rows, { budgets: budget(75, 70) })).toEqual([['nearly_used', (70 / 75) * 100, 'percent']]);
  expect(adviceOn(rows, { budgets: budget(60, 70) })).toEqual([['over_budget', 10, 'usd']]);
  expect(adviceOn(rows, { budgets: budget(1000, 70) })).toEqual([
    ['hardly_used', 7.000000000000001, 'percent'],
  ]);
  expect(adviceOn(rows, { budgets: budget(1000, 70), today: '2026-10-31' })).toEqual([]);
});

test('what stands out is told: a driver, growth, no team, worst cases', () => {
  const rows = [
    { queue: 'mail', team: 'a', cost: 60 * USD, components: { assumed: 5 * USD, input: 55 * USD } },
    { queue: 'etl', cost: 40 * USD },
  ];
  const tallyBefore = tallyOf([{ queue: 'mail', cost: 20 * USD }]);
  expect(adviceOn(rows, { budgets: budget(150, 100), tallyBefore })).toEqual([
    ['main_driver', 60, 'percent'],
    ['growth', 60, 'usd'],
    ['assumed', 5, 'usd'],
    ['no_team', 40, 'usd'],
  ]);
});

test('what passed budgets, waited, or was estimated badly is told', () => {
  const events = eventsOf([
    { event: 'emergency', subject: 'r1:main:1' },
    { event: 'overrun', details: { beyondNanoUsd: 3 * USD } },
  ]);
  const waits = new Map([['budget', { runs: 2, ms: 3 * 3_600_000 }]]);
  const one = { kind: 'documentation', model: 'm', basis: 'cold' as const, inBand: false, at: AT };
  const variances = Array.from({ length: 5 }, () => ({
    ...{ ...one, estimateNanoUsd: { p50: USD, p90: USD }, actualNanoUsd: 2 * USD, errorPercent: 100 },
  }));
  expect(adviceOn([], { events, waits, variances })).toEqual([
    ['ways_past', 1, 'count'],
    ['overruns', 3, 'usd'],
    ['waits', 3, 'hours'],
    ['estimates_off', 100, 'percent'],
  ]);
  expect(adviceOn([], { variances: variances.slice(1) })).toEqual([]);
});
