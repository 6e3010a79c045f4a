import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createRunningSum, nanoUsdOf, readAmount } from '../../../domain/jobs/amount.ts';

const nanoOf = (text: string) => {
  const amount = readAmount(text);
  return amount === undefined ? undefined : nanoUsdOf(amount);
};

describe('an amount', () => {
  test.each([
    ['1.5', 1_500_000_000n],
    ['0.0000000005', 1n],
    ['0.00000000049999999999', 0n],
    ['-0.0000000005', 0n],
    ['-0.0000000006', -1n],
    ['+2', 2_000_000_000n],
    ['.5', 500_000_000n],
    ['1e-9', 1n],
    ['35.2E-7', 3_520n],
    ['1e3', 1_000_000_000_000n],
    ['9007199.254740991', 9_007_199_254_740_991n],
  ])('%s is read exactly and rounded half up', (text, nano) => {
    expect(nanoOf(text)).toBe(nano);
  });

  test.each(['', '.', '-', 'NaN', '1,5', '0x10', '1e', '$1', '1 ', '9'.repeat(101)])('is not %j', (text) => {
    expect(nanoOf(text)).toBeUndefined();
  });
});

test('parts of a running sum add up to the sum of the amounts, rounded once', () => {
  const amounts = fc.array(
    fc.record({ digits: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), scale: fc.nat({ max: 24 }) }),
  );
  fc.assert(
    fc.property(amounts, (all) => {
      const sum = createRunningSum();
      const parts = all.reduce((total, amount) => total + sum.add(amount), 0n);
      const digits = all.reduce((total, each) => total + each.digits * 10n ** BigInt(24 - each.scale), 0n);
      expect(parts).toBe(nanoUsdOf({ digits, scale: 24 }));
    }),
  );
});
