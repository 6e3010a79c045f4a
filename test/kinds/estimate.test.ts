import type { GenerateRequest } from '../../domain/llm.ts';
import type { Price } from '../../domain/money.ts';
import { type EstimateDeps, estimateItems, resolvePrice } from '../../kinds/estimate.ts';
import type { Kind, OutlinedItem, RunContext } from '../../kinds/kind.ts';

const price: Price = { inputUsdPerMillion: 1, outputUsdPerMillion: 2, source: 'test' };
const NOW = new Date('2026-05-01T12:00:00Z');

/** Prices of two organizations; a token is a character. */
const deps: EstimateDeps = {
  priceOf: async (org, model) => (model === 'x/known' && org === 'a' ? price : undefined),
  nearestModels: async (org) => (org === 'a' ? ['x/known'] : []),
  countTokens: (_, text) => text.length,
  calibrationsOf: async () => new Map(),
  now: () => NOW,
};

const request = (context: string): GenerateRequest => ({
  model: 'x/known',
  system: 'sys',
  context,
  instruction: 'do',
  maxOutputTokens: 100,
  offline: { kind: 'documentation', step: 'summary', facts: {} },
});
const outputTokens = { p50: 10, p90: 20 };

/** A kind whose items are what they are told to be; only what an estimate asks of it is there. */
function kindOf(items: Record<string, OutlinedItem>) {
  const asked: string[][] = [];
  const outline = async (_: RunContext, keys: string[]) => {
    asked.push(keys);
    return keys.flatMap((key) => items[key] ?? []);
  };
  return { kind: { name: 'documentation', outline } as Pick<Kind, 'name' | 'outline'> as Kind, asked };
}

const run: RunContext = {
  id: 'r',
  org: 'a',
  input: {},
  options: {
    model: 'x/known',
    concurrency: 1,
    maxRetries: 0,
    skipExisting: false,
    regenerateAll: false,
  } as never,
};

test('an estimate counts the whole prompt with its frame, batch by batch', async () => {
  const { kind, asked } = kindOf({
    one: {
      reused: false,
      class: 'staging',
      steps: [{ step: 'summary', request: request('12345'), outputTokens }],
    },
    two: { reused: true, steps: [], keptSteps: [{ step: 'summary', request: request(''), outputTokens }] },
  });
  const estimate = await estimateItems(deps, kind, run, [['one'], ['two']]);
  expect(asked).toEqual([['one'], ['two']]);
  expect(estimate).toMatchObject({
    items: 2,
    reusedItems: 1,
    calls: 1,
    inputTokens: 3 + 5 + 2 + 15,
    classes: [
      { class: 'staging', items: 1 },
      { class: 'documentation', items: 1, reusedItems: 1 },
    ],
    reuseSavings: { calls: 1, costNanoUsd: { p50: (3 + 2 + 15) * 1000 + 10 * 2000 } },
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test('a schema belongs to the prompt', async () => {
  const schema = { name: 's', jsonSchema: { type: 'object' } };
  const steps = [{ step: 'summary', request: { ...request(''), schema }, outputTokens }];
  const { inputTokens } = await estimateItems(deps, kindOf({ one: { reused: false, steps } }).kind, run, [
    ['one'],
  ]);
  expect(inputTokens).toBe(3 + 2 + 15 + JSON.stringify(schema.jsonSchema).length);
});

test('where a kind cannot render prompts the classic formula counts', async () => {
  const steps = [{ step: 'NB1', blocks: 15, averageInputTokens: 2_000, outputTokens }];
  const { kind } = kindOf({ company: { reused: false, steps } });
  expect(await estimateItems(deps, kind, run, [['company']])).toMatchObject({
    calls: 15,
    inputTokens: 30_000,
    costNanoUsd: { p50: 15 * (2_000 * 1000 + 10 * 2000), p90: 15 * (2_000 * 1000 + 20 * 2000) * 1.05 },
  });
});

test('the hash is the same for the same work, and another one for other work', async () => {
  const item = (context: string): OutlinedItem => ({
    reused: false,
    steps: [{ step: 'summary', request: request(context), outputTokens }],
  });
  const { kind } = kindOf({ one: item('abc'), same: item('cba'), longer: item('abcd') });
  const [one, same, longer] = await Promise.all(
    ['one', 'same', 'longer'].map(async (key) => (await estimateItems(deps, kind, run, [[key]])).hash),
  );
  expect(same).toBe(one);
  expect(longer).not.toBe(one);
});

test('a failure to read ends the estimate, also while an earlier batch is counted', async () => {
  const outline = async (_: RunContext, [key]: string[]) => {
    if (key === 'broken') throw new Error('cannot read');
    return [{ reused: false, steps: [] }];
  };
  const kind = { name: 'documentation', outline } as unknown as Kind;
  await expect(estimateItems(deps, kind, run, [['a'], ['broken'], ['c']])).rejects.toThrow('cannot read');
});

test('an unknown price is refused with the nearest models, of the organization that asks', async () => {
  await expect(resolvePrice(deps, 'a', 'x/unknown', NOW)).rejects.toMatchObject({
    code: 'price_unknown',
    publicMessage: 'no price is known for x/unknown; known models close to it: x/known',
  });
  await expect(resolvePrice(deps, 'b', 'x/known', NOW)).rejects.toMatchObject({
    code: 'price_unknown',
    publicMessage: 'no price is known for x/known',
  });
  expect(await resolvePrice(deps, 'a', 'x/known', NOW)).toEqual(price);
});
