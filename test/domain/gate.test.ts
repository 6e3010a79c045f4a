import { APPROVAL_EXPIRES_AFTER_MS, decideGate } from '../../domain/gate.ts';

const LIMIT = 5_000_000_000;
const estimate = (p90: number) => ({ costNanoUsd: { p50: 1_000_000_000, p90 } });

test('without limits every run passes', () => {
  expect(decideGate(estimate(Number.MAX_SAFE_INTEGER), {})).toEqual({ decision: 'pass' });
});

test.each([
  [LIMIT - 1, 'pass'],
  [LIMIT, 'pass'],
  [LIMIT + 1, 'approval'],
])('a p90 of %d nano-dollars against a warning threshold of 5 USD: %s', (p90, decision) => {
  expect(decideGate(estimate(p90), { costWarningThresholdNanoUsd: LIMIT }).decision).toBe(decision);
});

test.each([
  [LIMIT - 1, 'pass'],
  [LIMIT, 'pass'],
  [LIMIT + 1, 'rejected'],
])('a p90 of %d nano-dollars against a hard limit of 5 USD: %s', (p90, decision) => {
  expect(decideGate(estimate(p90), { costHardLimitNanoUsd: LIMIT }).decision).toBe(decision);
});

test('over both the run is rejected, with the numbers', () => {
  const limits = { costWarningThresholdNanoUsd: LIMIT - 10, costHardLimitNanoUsd: LIMIT };
  expect(decideGate(estimate(LIMIT + 1), limits)).toEqual({
    decision: 'rejected',
    p50NanoUsd: 1_000_000_000,
    p90NanoUsd: LIMIT + 1,
    limitNanoUsd: LIMIT,
  });
  expect(decideGate(estimate(LIMIT), limits)).toMatchObject({
    decision: 'approval',
    limitNanoUsd: LIMIT - 10,
  });
});

test('a threshold of nothing asks for every run that costs anything', () => {
  const limits = { costWarningThresholdNanoUsd: 0 };
  expect(decideGate(estimate(1), limits).decision).toBe('approval');
  expect(decideGate({ costNanoUsd: { p50: 0, p90: 0 } }, limits).decision).toBe('pass');
});

test('an approval may be given for seven days', () => {
  expect(APPROVAL_EXPIRES_AFTER_MS).toBe(604_800_000);
});
