import type { OwnPrice } from '../../../domain/own-price.ts';
import { createPriceList } from '../../../gateways/prices/price-list.ts';
import { createPricing } from '../../../gateways/prices/pricing.ts';

const NOW = new Date('2026-05-01T12:00:00Z');
const published = createPriceList();

const own = (model: string, inputUsdPerMillion: number, more: Partial<OwnPrice> = {}): OwnPrice => ({
  id: `${model}:${inputUsdPerMillion}`,
  model,
  inputUsdPerMillion,
  outputUsdPerMillion: 1,
  from: new Date('2026-01-01T00:00:00Z'),
  createdBy: 'key_1',
  createdAt: new Date('2026-01-01T00:00:00Z'),
  ...more,
});

/** Pricing over a list of own prices that may change, with a clock to turn; counts how often it is read. */
function pricingOf(prices: Record<string, OwnPrice[]>) {
  const clock = { now: NOW.getTime() };
  const reads: string[] = [];
  const pricing = createPricing({
    published,
    ownPrices: async (org, after) => {
      reads.push(org);
      return (prices[org] ?? []).filter(({ until }) => until === undefined || until > after);
    },
    now: () => new Date(clock.now),
  });
  const inputOf = async (model: string, at = new Date(clock.now), org = 'a') =>
    (await pricing.priceOf(org, model, at))?.inputUsdPerMillion;
  return { pricing, clock, reads, inputOf, prices };
}

test('an own price wins over the published one, for its organization alone', async () => {
  const { inputOf } = pricingOf({ a: [own('openai/gpt-5-mini', 0.1)] });
  expect(await inputOf('openai/gpt-5-mini')).toBe(0.1);
  expect(await inputOf('openai/gpt-5-mini', NOW, 'b')).toBe(0.25);
  expect(await inputOf('openai/gpt-5')).toBe(1.25);
});

test('an own price holds from its first instant on and not at its last', async () => {
  const from = new Date('2026-05-01T00:00:00.000Z');
  const until = new Date('2026-06-01T00:00:00.000Z');
  const { inputOf, clock } = pricingOf({ a: [own('openai/gpt-5-mini', 0.1, { from, until })] });
  const at = async (time: number) => {
    clock.now = Math.max(clock.now, time);
    return inputOf('openai/gpt-5-mini', new Date(time));
  };
  expect(await at(from.getTime() - 1)).toBe(0.25);
  expect(await at(from.getTime())).toBe(0.1);
  expect(await at(until.getTime() - 1)).toBe(0.1);
  expect(await at(until.getTime())).toBe(0.25);
});

test('where own prices overlap the one that began last counts, and of those the one set last', async () => {
  const later = new Date('2026-02-01T00:00:00Z');
  const { inputOf } = pricingOf({
    a: [
      own('x/y', 2, { from: later }),
      own('x/y', 3, { from: later, createdAt: later }),
      own('x/y', 1),
      own('x/y', 9, { from: new Date('2026-09-01T00:00:00Z') }),
    ],
  });
  expect(await inputOf('x/y')).toBe(3);
  expect(await inputOf('x/y', new Date('2026-01-15T00:00:00Z'))).toBe(1);
});

test('an offline model costs what the model costs that it stands in for, own prices included', async () => {
  const { inputOf } = pricingOf({ a: [own('anthropic/claude-sonnet-4-5', 2), own('compatible/llama', 0.2)] });
  expect(await inputOf('offline:latencyMs=50,failEvery=3/claude-sonnet-4-5')).toBe(2);
  expect(await inputOf('offline/llama')).toBe(0.2);
  expect(await inputOf('offline')).toBe(0.25);
  expect(await inputOf('compatible/other')).toBeUndefined();
  const rehearsed = pricingOf({ a: [own('offline/gpt-5-mini', 7), own('openai/gpt-5-mini', 2)] });
  expect(await rehearsed.inputOf('offline:latencyMs=50')).toBe(7);
});

test('own prices are read once a second, however often asked for; then a change counts', async () => {
  const { inputOf, clock, reads, prices } = pricingOf({ a: [own('x/y', 1)] });
  await Promise.all(Array.from({ length: 50 }, () => inputOf('x/y')));
  expect(reads).toEqual(['a']);
  prices.a = [own('x/y', 2)];
  clock.now += 999;
  expect(await inputOf('x/y')).toBe(1);
  clock.now += 1;
  expect(await inputOf('x/y')).toBe(2);
  expect(reads).toHaveLength(2);
});

test('a price of long ago is looked up, also when it has ended since', async () => {
  const until = new Date('2026-03-01T00:00:00Z');
  const { inputOf } = pricingOf({ a: [own('x/y', 1, { until })] });
  expect(await inputOf('x/y')).toBeUndefined();
  expect(await inputOf('x/y', new Date('2026-02-01T00:00:00Z'))).toBe(1);
});

test('a failure to read is not kept', async () => {
  let broken = true;
  const pricing = createPricing({
    published,
    ownPrices: async () => {
      if (broken) throw new Error('no database');
      return [own('x/y', 1)];
    },
    now: () => NOW,
  });
  await expect(pricing.priceOf('a', 'x/y', NOW)).rejects.toThrow('no database');
  broken = false;
  expect((await pricing.priceOf('a', 'x/y', NOW))?.inputUsdPerMillion).toBe(1);
});

test('the own price says that it is one, and since when', async () => {
  const { pricing } = pricingOf({ a: [own('x/y', 1, { cachedReadUsdPerMillion: 0.5, note: 'contract' })] });
  expect(await pricing.priceOf('a', 'x/y', NOW)).toEqual({
    inputUsdPerMillion: 1,
    outputUsdPerMillion: 1,
    cachedReadUsdPerMillion: 0.5,
    source: 'own price',
    since: '2026-01-01T00:00:00.000Z',
  });
  expect(await pricing.nearestModels('a', 'x/yy')).toContain('x/y');
});
