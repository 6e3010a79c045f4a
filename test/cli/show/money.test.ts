import type { CostHistory, DailyCosts } from '../../../cli/client/money.ts';
import { dayLines, groupLines, historyLines } from '../../../cli/show/costs.ts';
import { ledgerLines } from '../../../cli/show/ledger.ts';
import { createStyle } from '../../../cli/show/style.ts';

const style = createStyle(false);
const sum = (jobs: number, cost: number) => ({
  total_jobs: jobs,
  total_cost: cost,
  avg_cost: cost / jobs,
  min_cost: cost / jobs,
  max_cost: cost / jobs,
  p95_cost: cost / jobs,
  cost_by_component: { input: cost / 4, cachedRead: (cost * 3) / 4 },
  tokens: { input: jobs * 1000 },
});
const costs: DailyCosts = {
  days: [
    { date: '2025-01-01', team: 'red', ...sum(1, 1) },
    { date: '2025-01-02', team: 'blue', ...sum(2, 6) },
    { date: '2025-01-02', ...sum(1, 1) },
    { date: '2025-01-03', team: 'red', ...sum(1, 2) },
  ],
  total: sum(5, 10),
};

test('costs are shown day by day, with their sum and what they are made up of', () => {
  expect(dayLines(costs, style)).toEqual([
    'day         calls    cost  average  least   most    p95',
    '2025-01-01      1   $1.00    $1.00  $1.00  $1.00  $1.00',
    '2025-01-02      2   $6.00    $3.00  $3.00  $3.00  $3.00',
    '2025-01-02      1   $1.00    $1.00  $1.00  $1.00  $1.00',
    '2025-01-03      1   $2.00    $2.00  $2.00  $2.00  $2.00',
    'all             5  $10.00    $2.00  $2.00  $2.00  $2.00',
    'Made up of read from a cache $7.50, input $2.50.',
    'Tokens: input 5,000.',
  ]);
});

test('groups are summed up over all days, the dearest first, with their share', () => {
  expect(groupLines(costs, ['team'], style).slice(0, 5)).toEqual([
    'team  calls    cost  share',
    'blue      2   $6.00    60%',
    'red       2   $3.00    30%',
    '–         1   $1.00    10%',
    'all       5  $10.00   100%',
  ]);
});

test('a history has a row for each time of each group', () => {
  const point = (start: string, jobs: number) => ({ start, end: start, ...sum(jobs, jobs) });
  const history: CostHistory = {
    by: 'week',
    series: [{ team: 'red', points: [point('2025-01-06', 2), point('2025-01-13', 1)] }],
    total: sum(3, 3),
  };
  expect(historyLines(history, ['team'], style).slice(0, 4)).toEqual([
    'team  week of     calls   cost  average  least   most    p95',
    'red   2025-01-06      2  $2.00    $1.00  $1.00  $1.00  $1.00',
    'red   2025-01-13      1  $1.00    $1.00  $1.00  $1.00  $1.00',
    'all                   3  $3.00    $1.00  $1.00  $1.00  $1.00',
  ]);
});

test('each difference of the ledger is shown to the nano-dollar', () => {
  const counts = { periods: 2, holds: 1, entries: 1, days: 1, unposted: 0, spentUsd: 1.5 };
  expect(ledgerLines({ ...counts, differences: [] }, style)).toEqual([
    '1 entry, 1 hold, 2 budget periods, 1 row of daily costs: $1.50 spent.',
    'Every counter is what entries and holds say.',
  ]);
  const differences = [
    { kind: 'committed', id: 'bud_1:2025', unit: 'usd' as const, stored: 1.5, computed: 1.500000001 },
    { kind: 'daily_count', id: 'default|2025', unit: 'count' as const, stored: 3, computed: 1 },
  ];
  expect(ledgerLines({ ...counts, unposted: 2, differences }, style)).toEqual([
    '1 entry, 1 hold, 2 budget periods, 1 row of daily costs: $1.50 spent; 2 entries not counted yet.',
    '2 counters not as entries and holds say:',
    'what         of                  stored      computed     difference',
    'committed    bud_1:2025    $1.500000000  $1.500000001  -$0.000000001',
    'daily count  default|2025             3             1              2',
  ]);
});
