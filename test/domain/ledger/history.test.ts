import { bucketsOf } from '../../../domain/ledger/buckets.ts';
import { addSum, averageOf, type CostSum, emptySum, p95Of } from '../../../domain/ledger/cost-sum.ts';
import { historyOf } from '../../../domain/ledger/history.ts';
import { bucketOf } from '../../../domain/ledger/sketch.ts';

describe('the buckets of a history', () => {
  test('are days, over a leap day and the end of a year', () => {
    expect(bucketsOf('2024-02-28', '2024-03-01', 'day').map(({ start }) => start)).toEqual([
      '2024-02-28',
      '2024-02-29',
      '2024-03-01',
    ]);
    expect(bucketsOf('2024-12-31', '2025-01-01', 'day')).toHaveLength(2);
    expect(bucketsOf('2025-01-01', '2025-01-01', 'day')).toEqual([
      { start: '2025-01-01', end: '2025-01-01' },
    ]);
  });

  test('are weeks that begin on Monday, the first and the last cut short', () => {
    expect(bucketsOf('2025-01-01', '2025-01-14', 'week')).toEqual([
      { start: '2025-01-01', end: '2025-01-05' },
      { start: '2025-01-06', end: '2025-01-12' },
      { start: '2025-01-13', end: '2025-01-14' },
    ]);
    expect(bucketsOf('2025-01-05', '2025-01-06', 'week')).toHaveLength(2);
  });

  test('are months of their own lengths', () => {
    expect(bucketsOf('2024-01-31', '2024-03-01', 'month')).toEqual([
      { start: '2024-01-31', end: '2024-01-31' },
      { start: '2024-02-01', end: '2024-02-29' },
      { start: '2024-03-01', end: '2024-03-01' },
    ]);
    expect(bucketsOf('2025-12-05', '2026-01-01', 'month').map(({ start }) => start)).toEqual([
      '2025-12-05',
      '2026-01-01',
    ]);
  });
});

const sumOf = (...costs: number[]): CostSum => {
  const sum = emptySum();
  for (const cost of costs)
    addSum(sum, {
      count: 1,
      cost,
      min: cost,
      max: cost,
      components: { output: cost },
      tokens: { output: 10 },
      sketch: { [bucketOf(cost)]: 1 },
    });
  return sum;
};

describe('a sum of costs', () => {
  test('counts each part once, and keeps the smallest and the largest', () => {
    expect(sumOf(5, 1, 9)).toMatchObject({
      count: 3,
      cost: 15,
      min: 1,
      max: 9,
      components: { output: 15 },
      tokens: { output: 30 },
    });
    expect([averageOf(sumOf(5, 1, 9)), averageOf(sumOf(1, 2)), averageOf(emptySum())]).toEqual([5, 2, 0]);
  });

  test('takes a correction as money and not as one more cost', () => {
    const sum = sumOf(5);
    addSum(sum, { ...emptySum(), cost: -2, components: { assumed: -2 } });
    expect(sum).toMatchObject({ count: 1, cost: 3, min: 5, max: 5 });
  });

  test('has its 95th percentile within 2.5 %, and never beyond its smallest and largest cost', () => {
    const costs = Array.from({ length: 1000 }, (_, at) => (at + 1) * 1000);
    expect(Math.abs(p95Of(sumOf(...costs)) / 950_000 - 1)).toBeLessThan(0.025);
    expect([p95Of(sumOf(777)), p95Of(emptySum())]).toEqual([777, 0]);
  });
});

describe('a history', () => {
  const span = { start: '2025-01-01', end: '2025-01-31', by: 'week' } as const;

  test('has a point for every bucket, and every cost in the right one', () => {
    const [series, ...others] = historyOf(
      [
        { day: '2025-01-05', group: {}, sum: sumOf(1) },
        { day: '2025-01-06', group: {}, sum: sumOf(2) },
        { day: '2025-01-12', group: {}, sum: sumOf(4) },
        { day: '2025-01-31', group: {}, sum: sumOf(8) },
      ],
      span,
      {},
    );
    expect(others).toEqual([]);
    expect(series?.points.map(({ start, sum }) => [start, sum.cost])).toEqual([
      ['2025-01-01', 1],
      ['2025-01-06', 6],
      ['2025-01-13', 0],
      ['2025-01-20', 0],
      ['2025-01-27', 8],
    ]);
  });

  test('has a series for each group, the dearest first, and one without a cost where there is none', () => {
    const days = [
      { day: '2025-01-05', group: { team: 'a' }, sum: sumOf(1) },
      { day: '2025-01-06', group: { team: 'b' }, sum: sumOf(2) },
      { day: '2025-01-07', group: {}, sum: sumOf(9) },
    ];
    expect(historyOf<{ team?: string }>(days, span, {}).map(({ group }) => group)).toEqual([
      {},
      { team: 'b' },
      { team: 'a' },
    ]);
    expect(historyOf([], span, {})).toEqual([{ group: {}, points: expect.any(Array) }]);
  });
});
