import fc from 'fast-check';
import { costOfUsage, formatUsd, type Price, toUsd, worstCostOf } from '../../domain/money.ts';

const price = (input: number, output = 0, more: Partial<Price> = {}): Price => ({
  inputUsdPerMillion: input,
  outputUsdPerMillion: output,
  source: 'test',
  ...more,
});
const cost = (tokens: number, usdPerMillion: number) =>
  costOfUsage({ inputTokens: tokens, outputTokens: 0 }, price(usdPerMillion));

describe('costOfUsage', () => {
  test('is price × tokens × 1000 nano-dollars, input and output apart', () => {
    expect(costOfUsage({ inputTokens: 1_000_000, outputTokens: 0 }, price(0.25, 2))).toBe(250_000_000);
    expect(costOfUsage({ inputTokens: 0, outputTokens: 1_000_000 }, price(0.25, 2))).toBe(2_000_000_000);
    expect(costOfUsage({ inputTokens: 7, outputTokens: 3 }, price(0.25, 2))).toBe(1750 + 6000);
  });

  test('rounds a half up, and what lies one unit of the last decimal beside it to its own side', () => {
    // One token at 0.0005 USD per million is half a nano-dollar.
    expect(cost(1, 0.000_499_999)).toBe(0);
    expect(cost(1, 0.000_5)).toBe(1);
    expect(cost(1, 0.000_500_001)).toBe(1);
    expect(cost(1, 0.001_499_999)).toBe(1);
    expect(cost(1, 0.001_5)).toBe(2);
    expect(cost(3, 0.000_5)).toBe(2);
    expect(cost(2, 0.000_5)).toBe(1);
  });

  test('is not tipped over a half by binary fractions', () => {
    // 0.1 + 0.2 and 1.005 are a little off in binary.
    expect(cost(5, 0.0001 + 0.0002)).toBe(2);
    expect(cost(1, 0.000_1 + 0.000_4)).toBe(1);
    expect(cost(1005, 0.000_1)).toBe(101);
    expect(cost(1004, 0.000_1)).toBe(100);
  });

  test('rounds once, over the sum of all parts', () => {
    const prices = price(0.000_4, 0.000_4, { cachedReadUsdPerMillion: 0.000_4 });
    expect(costOfUsage({ inputTokens: 2, outputTokens: 1, cachedReadTokens: 1 }, prices)).toBe(1);
  });

  test('bills cached tokens at their own prices and the rest of the input as plain', () => {
    const prices = price(1, 10, { cachedReadUsdPerMillion: 0.1, cachedWriteUsdPerMillion: 1.25 });
    const usage = { inputTokens: 100, outputTokens: 0, cachedReadTokens: 60, cachedWriteTokens: 30 };
    expect(costOfUsage(usage, prices)).toBe(10 * 1000 + 60 * 100 + 30 * 1250);
  });

  test('bills cached tokens as plain input where they have no price of their own', () => {
    const usage = { inputTokens: 100, outputTokens: 0, cachedReadTokens: 60, cachedWriteTokens: 30 };
    expect(costOfUsage(usage, price(1))).toBe(100_000);
  });

  test('counts reasoning as part of the output, not twice', () => {
    const usage = { inputTokens: 0, outputTokens: 50, reasoningTokens: 40 };
    expect(costOfUsage(usage, price(1, 2))).toBe(100_000);
  });

  test('never bills less than nothing where a provider counts more cached tokens than input', () => {
    const prices = price(1, 0, { cachedReadUsdPerMillion: 0.1 });
    expect(costOfUsage({ inputTokens: 5, outputTokens: 0, cachedReadTokens: 10 }, prices)).toBe(1000);
  });

  test('refuses an amount that an integer cannot hold exactly', () => {
    expect(() => cost(Number.MAX_SAFE_INTEGER, 1)).toThrow(RangeError);
    expect(() => cost(Number.NaN, 1)).toThrow(RangeError);
  });
});

/** Twice as dear above 1,000 input tokens, three times above 5,000; output and caches too. */
const tiered = price(1, 10, {
  cachedReadUsdPerMillion: 0.1,
  cachedWriteUsdPerMillion: 1.25,
  tiers: [
    {
      aboveInputTokens: 1000,
      inputUsdPerMillion: 2,
      outputUsdPerMillion: 20,
      cachedReadUsdPerMillion: 0.2,
      cachedWriteUsdPerMillion: 2.5,
    },
    { aboveInputTokens: 5000, inputUsdPerMillion: 3, outputUsdPerMillion: 30 },
  ],
});

describe('a price with tiers', () => {
  test.each([
    [999, 999 * 1000 + 10_000],
    [1000, 1000 * 1000 + 10_000],
    [1001, 1001 * 2000 + 20_000],
    [5000, 5000 * 2000 + 20_000],
    [5001, 5001 * 3000 + 30_000],
  ])('bills all of a call with %d input tokens at the tier that they reach', (inputTokens, expected) => {
    expect(costOfUsage({ inputTokens, outputTokens: 1 }, tiered)).toBe(expected);
  });

  test('counts cached tokens towards the tier and bills them at its rates', () => {
    const usage = { inputTokens: 1001, outputTokens: 0, cachedReadTokens: 900, cachedWriteTokens: 100 };
    expect(costOfUsage(usage, tiered)).toBe(1 * 2000 + 900 * 200 + 100 * 2500);
  });

  test('bills cached tokens as plain input in a tier that has no price for them', () => {
    const usage = { inputTokens: 6000, outputTokens: 0, cachedReadTokens: 6000 };
    expect(costOfUsage(usage, tiered)).toBe(6000 * 3000);
  });
});

describe('worstCostOf', () => {
  test('takes the cache write where it is dearer, and the tier that the input reaches', () => {
    expect(worstCostOf({ inputTokens: 1000, maxOutputTokens: 7 }, tiered)).toBe(1000 * 1250 + 7 * 10_000);
    expect(worstCostOf({ inputTokens: 1001, maxOutputTokens: 7 }, tiered)).toBe(1001 * 2500 + 7 * 20_000);
    expect(worstCostOf({ inputTokens: 10, maxOutputTokens: 0 }, price(1, 1))).toBe(10_000);
  });

  test('rounds up, and what is whole already not at all', () => {
    const worst = (inputTokens: number, usd: number) =>
      worstCostOf({ inputTokens, maxOutputTokens: 0 }, price(usd));
    expect(worst(1, 0.000_000_001)).toBe(1);
    expect(worst(1, 0.001_000_001)).toBe(2);
    expect(worst(1, 0.001)).toBe(1);
    expect(worst(3, 0.1)).toBe(300);
    expect(worst(0, 0.1)).toBe(0);
  });

  test('is never below what any call within its tokens costs, however they are cached', () => {
    const rate = fc.double({ min: 0, max: 100, noNaN: true });
    const rates = fc.record(
      {
        inputUsdPerMillion: rate,
        outputUsdPerMillion: rate,
        cachedReadUsdPerMillion: rate,
        cachedWriteUsdPerMillion: rate,
      },
      { requiredKeys: ['inputUsdPerMillion', 'outputUsdPerMillion'] },
    );
    const starts = fc.uniqueArray(fc.integer({ min: 0, max: 1200 }), { maxLength: 3 });
    const anyPrice = fc
      .record({ base: rates, starts, more: fc.array(rates, { minLength: 3, maxLength: 3 }) })
      .map(({ base, starts: at, more }): Price => {
        const tiers = at
          .sort((a, b) => a - b)
          .map((start, index) => ({
            aboveInputTokens: start,
            ...(more[index] ?? base),
          }));
        return { ...base, tiers, source: 'test' };
      });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        anyPrice,
        fc.record({ inputTokens: fc.nat(1500), maxOutputTokens: fc.nat(500) }),
        fc.tuple(share, share, share, share),
        (any, call, [input, output, read, write]) => {
          const inputTokens = Math.floor(call.inputTokens * input);
          const cachedReadTokens = Math.floor(inputTokens * read);
          const cachedWriteTokens = Math.floor((inputTokens - cachedReadTokens) * write);
          const outputTokens = Math.floor(call.maxOutputTokens * output);
          const usage = { inputTokens, outputTokens, cachedReadTokens, cachedWriteTokens };
          expect(costOfUsage(usage, any)).toBeLessThanOrEqual(worstCostOf(call, any));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('refuses an amount that an integer cannot hold exactly', () => {
    const call = { inputTokens: Number.MAX_SAFE_INTEGER, maxOutputTokens: 0 };
    expect(() => worstCostOf(call, price(1))).toThrow(RangeError);
  });
});

describe('amounts for people', () => {
  test.each([
    [0, '$0.00'],
    [1, '$0.000000001'],
    [12, '$0.000000012'],
    [1_234, '$0.0000012'],
    [42_100_000, '$0.042'],
    [999_000_000, '$1.00'],
    [10_000_000, '$0.010'],
    [1_000_000_000, '$1.00'],
    [1_234_567_890_123, '$1234.57'],
    [-42_100_000, '-$0.042'],
    [-1, '-$0.000000001'],
  ])('%d nano-dollars are %s', (nanoUsd, text) => {
    expect(formatUsd(nanoUsd)).toBe(text);
  });

  test('are decimal dollars in the API', () => {
    expect(toUsd(24_122_656)).toBe(0.024122656);
    expect(toUsd(-1)).toBe(-1e-9);
  });
});
