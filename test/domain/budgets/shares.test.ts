import fc from 'fast-check';
import { ceilShare, floorShare } from '../../../domain/budgets/shares.ts';

test('shares are exact where floating point is a hair off', () => {
  expect(floorShare(100, 0.57)).toBe(57);
  expect(ceilShare(10, 0.7)).toBe(7);
  expect(ceilShare(1_000_000_000, 0.9)).toBe(900_000_000);
  expect([floorShare(3, 0.5), ceilShare(3, 0.5)]).toEqual([1, 2]);
  expect([floorShare(9_000_000_000_000_000, 1), ceilShare(0, 0.75)]).toEqual([9_000_000_000_000_000, 0]);
});

test('shares of any amount are what whole numbers of any size say', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 9_000_000_000_000_000 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      (amount, millionths) => {
        const exact = BigInt(amount) * BigInt(millionths);
        const floor = Number(exact / 1_000_000n);
        expect(floorShare(amount, millionths / 1_000_000)).toBe(floor);
        expect(ceilShare(amount, millionths / 1_000_000)).toBe(floor + (exact % 1_000_000n > 0n ? 1 : 0));
      },
    ),
  );
});
