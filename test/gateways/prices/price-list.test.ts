import { calcPrice } from '@pydantic/genai-prices';
import { costOfUsage } from '../../../domain/money.ts';
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
  expect(prices.priceOf(model, ON)).toMatchObject({
    inputUsdPerMillion: input,
    outputUsdPerMillion: output,
    ...(cachedRead === undefined ? {} : { cachedReadUsdPerMillion: cachedRead }),
    ...(cachedWrite === undefined ? {} : { cachedWriteUsdPerMillion: cachedWrite }),
    source: expect.stringMatching(/^genai-prices \d+\.\d+\.\d+$/),
  });
});

test('a tier keeps where it begins and all of its rates', () => {
  expect(prices.priceOf('anthropic/claude-sonnet-4-5', ON)?.tiers).toEqual([
    {
      aboveInputTokens: 200_000,
      inputUsdPerMillion: 6,
      outputUsdPerMillion: 22.5,
      cachedReadUsdPerMillion: 0.6,
      cachedWriteUsdPerMillion: 7.5,
    },
  ]);
  expect(prices.priceOf('openai/gpt-5-mini', ON)).not.toHaveProperty('tiers');
});

test('a call costs what the published list itself says, for every model, at and beside every tier', () => {
  let compared = 0;
  for (const { model, price } of prices.all(ON)) {
    const [vendor = '', ...rest] = model.split('/');
    const starts = (price.tiers ?? []).flatMap(({ aboveInputTokens: at }) => [at - 1, at, at + 1, at * 2]);
    for (const inputTokens of [1, 1_000, ...starts])
      for (const cached of [0, 0.4]) {
        // A list that names no price for cached tokens does not take a count of them.
        const read = price.cachedReadUsdPerMillion === undefined ? 0 : Math.floor(inputTokens * cached);
        const write = price.cachedWriteUsdPerMillion === undefined ? 0 : Math.floor(inputTokens * cached);
        const usage = { input_tokens: inputTokens, output_tokens: 500, cache_read_tokens: read };
        const counted = { ...usage, cache_write_tokens: write };
        const theirs = calcPrice(counted, rest.join('/'), { providerId: vendor, timestamp: ON });
        if (theirs === null || 'requests_kcount' in theirs.model_price) continue;
        const ours = costOfUsage(
          { inputTokens, outputTokens: 500, cachedReadTokens: read, cachedWriteTokens: write },
          price,
        );
        expect([model, counted, Math.abs(ours - theirs.total_price * 1e9) <= 0.501]).toEqual([
          model,
          counted,
          true,
        ]);
        compared += 1;
      }
  }
  expect(compared).toBeGreaterThan(2_000);
});

test('all prices are those of the vendors that are known, each model once', () => {
  const all = prices.all(ON);
  expect(all.length).toBeGreaterThan(400);
  expect(new Set(all.map(({ model }) => model)).size).toBe(all.length);
  for (const { model, price } of all.slice(0, 50)) expect(prices.priceOf(model, ON)).toEqual(price);
});

test('a price is that of the day, and says since when it holds', () => {
  expect(prices.priceOf('openai/o3', new Date('2025-06-09T00:00:00Z'))?.inputUsdPerMillion).toBe(10);
  expect(prices.priceOf('openai/o3', new Date('2025-06-10T00:00:00Z'))?.inputUsdPerMillion).toBe(2);
  expect(prices.priceOf('openai/o3', ON)?.since).toBe('2025-06-10');
  expect(prices.priceOf('openai/gpt-4o', ON)).not.toHaveProperty('since');
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

test('names of one’s own are near too', () => {
  expect(prices.nearest('compatible/lama-3', ['compatible/llama-3'])[0]).toBe('compatible/llama-3');
});
