import { costOfUsage, formatUsd, type Price, toUsd } from '../../domain/money.ts';

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
