import { mase, smape, wape } from '../../../domain/forecast/accuracy.ts';

describe('errors of forecasts, against vectors worked out by hand', () => {
  test('WAPE is the sum of errors over the sum of what came', () => {
    // (|10−8| + |20−23| + |−5−0|) / (10 + 20 + 5)
    expect(wape([10, 20, -5], [8, 23, 0])).toBeCloseTo(10 / 35, 12);
    expect(wape([3, 3], [3, 3])).toBe(0);
  });

  test('WAPE over zeros is null: no share of nothing says anything', () => {
    expect(wape([0, 0], [1, 2])).toBeNull();
    expect(wape([], [])).toBeNull();
  });

  test('sMAPE is the mean of 200·|y − f| / (|y| + |f|)', () => {
    // 200·2/18 = 22.222…, 200·3/43 = 13.953…, 200·0/8 = 0
    expect(smape([10, 20, 4], [8, 23, 4])).toBeCloseTo((200 / 9 + 600 / 43) / 3, 10);
    // One side zero is as wrong as can be; both zero is right.
    expect(smape([0, 0], [5, 0])).toBe(100);
    expect(smape([], [])).toBeNull();
  });

  test('MASE is the mean error over that of the season before, within the history', () => {
    // Seasons of 2: |3−1|, |6−2|, |5−3|, |4−6| → 2.5; errors 1 and 4 → 2.5.
    expect(mase([1, 2, 3, 6, 5, 4], [7, 2], [6, 6], 2)).toBeCloseTo(1, 12);
    // Seasons of 1: 1, 1, 3, 1, 1 → 1.4.
    expect(mase([1, 2, 3, 6, 5, 4], [7, 2], [6, 6], 1)).toBeCloseTo(2.5 / 1.4, 12);
  });

  test('MASE is null where the history has no error to compare with', () => {
    expect(mase([4, 4, 4], [5], [4], 1)).toBeNull();
    expect(mase([4], [5], [4], 7)).toBeNull();
    expect(mase([4, 5], [], [], 1)).toBeNull();
  });
});
