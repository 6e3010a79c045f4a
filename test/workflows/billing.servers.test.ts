import { setTimeout as sleep } from 'node:timers/promises';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { type Provider, startProvider } from '../support/provider.ts';
import { SHOP } from '../support/shop.ts';

/**
 * What the provider says that it has used, and what that costs by its price list, worked out by hand.
 * USD per million tokens: gpt-4o-mini 0.15 in, 0.075 cached, 0.60 out, reasoning among it; claude-haiku-4-5
 * 1.00 in, 0.10 read from and 1.25 written to the cache, 5.00 out, with the cached ones beside the others.
 */
const BILLS = [
  {
    model: 'openai/gpt-4o-mini',
    usage: {
      prompt_tokens: 500,
      completion_tokens: 100,
      prompt_tokens_details: { cached_tokens: 200 },
      completion_tokens_details: { reasoning_tokens: 40 },
    },
    tokens: { inputTokens: 500, outputTokens: 100, cachedReadTokens: 200, reasoningTokens: 40 },
    // 300 × 150 + 200 × 75 + 100 × 600 nano-dollars
    costUsd: 0.00012,
  },
  {
    model: 'anthropic/claude-haiku-4-5',
    usage: {
      input_tokens: 100,
      output_tokens: 90,
      cache_read_input_tokens: 200,
      cache_creation_input_tokens: 80,
    },
    tokens: { inputTokens: 380, outputTokens: 90, cachedReadTokens: 200, cachedWriteTokens: 80 },
    // 100 × 1,000 + 200 × 100 + 80 × 1,250 + 90 × 5,000 nano-dollars
    costUsd: 0.00067,
  },
];

let provider: Provider;
let bursar: Bursar;
let projectId: string;
beforeAll(async () => {
  provider = await startProvider();
  const environment = {
    ...provider.environment,
    ANTHROPIC_BASE_URL: provider.url,
    ANTHROPIC_API_KEY: 'test',
  };
  bursar = await startBursar({ environment });
  projectId = (await bursar.client.upload(SHOP, { name: 'shop' })).id;
}, 90_000);
afterAll(() => Promise.all([bursar?.stop(), provider?.stop()]));

/** Daily costs come by the fold, within a second or two. */
async function folded(query: string, tries = 50): Promise<{ total_jobs: number }> {
  const { total } = await bursar.client.get<{ total: { total_jobs: number } }>(`/costs/daily?${query}`);
  if (total.total_jobs > 0 || tries === 0) return total;
  await sleep(100);
  return folded(query, tries - 1);
}

test.each(BILLS)('a call of $model costs what its provider bills for it', async (bill) => {
  const budget = await bursar.client.post<{ id: string }>('/budgets', {
    name: bill.model,
    amountUsd: 10,
    period: { type: 'monthly' },
    scope: { model: bill.model },
  });
  await provider.setFaults([{ every: 1, usage: bill.usage }]);
  const input = { projectId, layers: ['summary'], select: ['stg_orders'] };
  const { id } = await bursar.client.startRun(input, { model: bill.model, regenerateAll: true });
  const ended = await bursar.client.untilEnded(id);
  expect([ended.state, ended.calls, ended.cost.actualUsd]).toEqual(['completed', 1, bill.costUsd]);
  expect(ended.tokens).toEqual({ input: bill.tokens.inputTokens, output: bill.tokens.outputTokens });
  const { entries } = await bursar.client.get<{ entries: object[] }>(`/costs/entries?run=${id}`);
  expect(entries).toMatchObject([{ costUsd: bill.costUsd, usage: bill.tokens }]);
  const { logs } = await bursar.client.get<{ logs: object[] }>(`/runs/${id}/logs`);
  expect(logs).toMatchObject([{ costUsd: bill.costUsd, promptTokens: bill.tokens.inputTokens }]);
  const day = new Date().toISOString().slice(0, 10);
  const query = `start=${day}&end=${day}&model=${encodeURIComponent(bill.model)}`;
  expect(await folded(query)).toMatchObject({ total_jobs: 1, total_cost: bill.costUsd });
  const { current } = await bursar.client.get<{ current: object }>(`/budgets/${budget.id}`);
  expect(current).toMatchObject({ spentUsd: bill.costUsd, reservedUsd: 0, leftUsd: 10 - bill.costUsd });
});
