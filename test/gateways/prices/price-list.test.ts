import { createPriceList } from '../../../gateways/prices/price-list.ts';

const prices = createPriceList();
const ON = new Date('2026-01-15T12:00:00Z');

// The list prices of these models, from their vendors' price pages, in USD per million tokens.
test.each([
  ['openai/gpt-5-mini', 0.25, 2, 0.025, undefined],
  ['openai/gpt-5-mini-2025-08-07', 0.25, 2, 0.025, undefined],
  ['openai/gpt-4o', 2.5, 10, 1.25, undefined],
  ['openai/gpt-4o-mini', 0.15, 0.6, 0.075, undefined],
  ['anthropic/claude-sonnet-4-5', 3, 15, 0.3, 3.75],
  ['offline/gpt-5-mini', 0.25, 2, 0.025, undefined],
  ['offline/claude-sonnet-4-5', 3, 15, 0.3, 3.75],
  ['offline:latencyMs=50,rateLimitEvery=5', 0.25, 2, 0.025, undefined],
])('%s has its published price', (model, input, output, cachedRead, cachedWrite) => {
  expect(prices.priceOf(model, ON)).toEqual({
    inputUsdPerMillion: input,
    outputUsdPerMillion: output,
    ...(cachedRead === undefined ? {} : { cachedReadUsdPerMillion: cachedRead }),
    ...(cachedWrite === undefined ? {} : { cachedWriteUsdPerMillion: cachedWrite }),
    source: expect.stringMatching(/^genai-prices \d+\.\d+\.\d+$/),
  });
});

test('a price is that of the day', () => {
  expect(prices.priceOf('openai/o3', new Date('2025-06-09T00:00:00Z'))?.inputUsdPerMillion).toBe(10);
  expect(prices.priceOf('openai/o3', new Date('2025-06-10T00:00:00Z'))?.inputUsdPerMillion).toBe(2);
});

test.each([
  'openai/gpt-nonsense-9',
  'openai/claude-sonnet-4-5',
  'my-openai/gpt-5-mini',
  'compatible/gpt-5-mini',
  'offline/no-such-model',
  'openai/whisper-1',
  'gpt-5-mini',
  '',
])('"%s" has no known price, and none is guessed', (model) => {
  expect(prices.priceOf(model, ON)).toBeUndefined();
});

test.each([
  ['openai/gpt5-mini', 'openai/gpt-5-mini'],
  ['offline/gtp-5-mini', 'offline/gpt-5-mini'],
  ['anthropic/claude-sonet-4-5', 'anthropic/claude-sonnet-4-5'],
  ['gpt-5-mini', 'openai/gpt-5-mini'],
  ['opnai/gpt-5-mini', 'openai/gpt-5-mini'],
])('the nearest to "%s" is %s', (wrong, right) => {
  const nearest = prices.nearest(wrong);
  expect(nearest[0]).toBe(right);
  expect(nearest).toHaveLength(3);
  for (const name of nearest) expect(prices.priceOf(name)).toBeDefined();
});
