import { readFileSync } from 'node:fs';
import { costOfUsage, type Price, type Usage, worstCostOf } from '../../domain/money.ts';
import { testWithSharedData } from '../support/shared-data.ts';
import { addBudget, emptyWorld, holdOf, openLedgers, periodIn, storeOf } from './ledger/world.ts';

/** As published for gemini-1.5-flash-8b: 37.5 nano-dollars an input token, so every other call is rounded. */
const PRICE: Price = { inputUsdPerMillion: 0.0375, outputUsdPerMillion: 0.15, source: 'test' };
const CALLS = 8_819;
const AT_ONCE = 200;

testWithSharedData(
  '8,819 real calls: the ledger has the sum of an independent calculation, to the nano-dollar',
  'azure_llm_code_2023.csv',
  async (path) => {
    const usages = readUsages(path);
    expect(usages).toHaveLength(CALLS);
    const ledgers = await openLedgers(process.env.BURSAR_TEST_MONGODB ?? '', 2);
    try {
      const world = await emptyWorld(ledgers.stores);
      const expected = Number(independentSum(usages));
      // What all calls cost, and a nano-dollar for each worst case that is rounded up while its call is open.
      const budget = await addBudget(world, expected + AT_ONCE);
      const hold = await holdOf(world, expected + AT_ONCE, { price: PRICE });
      for (let from = 0; from < usages.length; from += AT_ONCE)
        await Promise.all(
          usages.slice(from, from + AT_ONCE).map(async (usage, index) => {
            const call = from + index;
            const { holds, settle } = storeOf(world, call);
            const worst = worstCostOf({ ...usage, maxOutputTokens: usage.outputTokens }, PRICE);
            const facts = { draw: `${hold._id}.${call}`, seq: call, step: 'code', worst, at: world.now };
            if (!(await holds.draw(hold._id, facts))) throw new Error(`call ${call} was refused`);
            const cost = { org: world.org, hold: hold._id, costNanoUsd: costOfUsage(usage, PRICE), usage };
            await settle(hold, facts, {
              ...cost,
              id: facts.draw,
              step: 'code',
              at: world.now,
              day: '2035-03-10',
            });
          }),
        );
      const store = storeOf(world, 0);
      expect(await store.release(hold, world.now)).toBe(AT_ONCE);
      expect(await store.fold()).toBe(CALLS);
      const report = await store.checkLedger(world.org);
      expect(report).toMatchObject({ entries: CALLS, spentNanoUsd: expected, differences: [] });
      expect(await periodIn(world, budget)).toMatchObject({
        committed: expected,
        left: AT_ONCE,
        spent: expected,
      });
      const [day] = await store.dailyCosts.list(world.org, '2035-03-10', '2035-03-10', {});
      const tokens = (of: (usage: Usage) => number) => usages.reduce((sum, usage) => sum + of(usage), 0);
      expect(day).toMatchObject({ cost: expected, count: CALLS });
      expect(day?.tokens).toMatchObject({
        input: tokens(({ inputTokens }) => inputTokens),
        output: tokens(({ outputTokens }) => outputTokens),
      });
    } finally {
      await ledgers.close();
    }
  },
  120_000,
);

function readUsages(path: string): Usage[] {
  const [header, ...rows] = readFileSync(path, 'utf8').trim().split('\n');
  expect(header?.trim()).toBe('TIMESTAMP,ContextTokens,GeneratedTokens');
  return rows.map((row) => {
    const [, inputTokens, outputTokens] = row.split(',');
    return { inputTokens: Number(inputTokens), outputTokens: Number(outputTokens) };
  });
}

/** With integers alone, of any size: 1/10,000 USD per million tokens, rounded half up for each call. */
function independentSum(usages: Usage[]): bigint {
  return usages.reduce((sum, { inputTokens, outputTokens }) => {
    // 375 and 1,500 of them; each is 1e5 nano-dollars.
    const nanoTimesMillion = 100_000n * (375n * BigInt(inputTokens) + 1_500n * BigInt(outputTokens));
    return sum + (nanoTimesMillion + 500_000n) / 1_000_000n;
  }, 0n);
}
