import { batchEndOf, strictest, sumEstimates, widthOf } from '../../../domain/batches/batch.ts';

const estimate = (cost: number, hash: string) => ({
  items: 2,
  calls: 3,
  inputTokens: 10,
  costNanoUsd: { p50: cost, p90: cost * 2 },
  hash,
});

test('the estimates of runs add up, end by end', () => {
  const runs = [
    { externalId: 'a', estimate: estimate(1, 'h1') },
    { externalId: 'b', estimate: estimate(10, 'h2') },
  ];
  expect(sumEstimates(runs).sum).toEqual({
    runs: 2,
    items: 4,
    calls: 6,
    inputTokens: 20,
    costNanoUsd: { p50: 11, p90: 22 },
  });
});

test('an approval binds which runs there are and what each was estimated at', () => {
  const bound = (...of: [string, string][]) =>
    sumEstimates(of.map(([externalId, hash]) => ({ externalId, estimate: estimate(1, hash) }))).bound;
  const first = bound(['a', 'h1'], ['b', 'h2']);
  expect(bound(['a', 'h1'], ['b', 'h2'])).toBe(first);
  for (const other of [bound(['a', 'h1']), bound(['a', 'h1'], ['b', 'h3']), bound(['a', 'h1'], ['c', 'h2'])])
    expect(other).not.toBe(first);
});

test('a batch in order has one run under way', () => {
  expect(widthOf({ order: 'sequential', parallelism: 8 })).toBe(1);
  expect(widthOf({ order: 'parallel', parallelism: 8 })).toBe(8);
});

test.each([
  [{ completed: 3 }, 'completed'],
  [{}, 'completed'],
  [{ completed: 2, failed: 1 }, 'completed_with_errors'],
  [{ completed: 2, cancelled: 1 }, 'completed_with_errors'],
  [{ completed_with_errors: 1 }, 'completed_with_errors'],
  [{ rejected: 2 }, 'completed_with_errors'],
  [{ failed: 2 }, 'failed'],
] as const)('runs that ended as %j end the batch as %s', (ended, state) => {
  expect(batchEndOf(ended)).toBe(state);
});

test('of the limits of several kinds the least counts; none set is no limit', () => {
  expect(strictest([undefined, 5, 3])).toBe(3);
  expect(strictest([undefined, undefined])).toBeUndefined();
});
