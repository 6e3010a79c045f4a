import type { Counters } from '../progress.ts';
import type { Band } from '../run.ts';

/** Tokens of one model whose calls have read from a cache, and what they have cost; nano-dollars. */
export interface CachedReads {
  cachedTokens: number;
  cachedCost: number;
  plainTokens: number;
  plainCost: number;
}

interface PricedTokens {
  model?: string;
  components?: Record<string, number>;
  tokens?: Record<string, number>;
}

/** Adds what a row of daily costs tells of caching, by model. */
export function addCached(all: Map<string, CachedReads>, row: PricedTokens): void {
  const { tokens = {}, components = {}, model = '' } = row;
  const cachedTokens = tokens.cachedRead ?? 0;
  // Costs that came as one sum name no price of their tokens.
  if (cachedTokens === 0 || !('input' in components || 'cachedRead' in components)) return;
  const sum = all.get(model) ?? { cachedTokens: 0, cachedCost: 0, plainTokens: 0, plainCost: 0 };
  all.set(model, sum);
  sum.cachedTokens += cachedTokens;
  sum.cachedCost += components.cachedRead ?? 0;
  sum.plainTokens += Math.max(0, (tokens.input ?? 0) - cachedTokens - (tokens.cachedWrite ?? 0));
  sum.plainCost += components.input ?? 0;
}

/**
 * What tokens read from a cache would have cost more as plain input, at what plain input of the same model
 * has cost in the same calls. Where all was read from a cache there is no such price, and nothing is claimed.
 */
export function cachingSaved(all: Iterable<CachedReads>): { tokens: number; nanoUsd: number } {
  const saved = { tokens: 0, nanoUsd: 0 };
  for (const { cachedTokens, cachedCost, plainTokens, plainCost } of all) {
    saved.tokens += cachedTokens;
    if (plainTokens === 0) continue;
    saved.nanoUsd += Math.max(0, Math.round((plainCost / plainTokens) * cachedTokens) - cachedCost);
  }
  return saved;
}

/** What is known of a run whose items were taken over from earlier ones. */
export interface ReusingRun {
  counters: Pick<Counters, 'done' | 'failed' | 'reused' | 'costNanoUsd'>;
  estimate?: { reusedItems: number; reuseSavings: { costNanoUsd: Band } };
}

export interface ReuseSum {
  items: number;
  nanoUsd: number;
  /** Items of which nobody can say what they would have cost. */
  unpricedItems: number;
}

/**
 * Adds what a run did not have to pay: its reused items at what the estimate has reckoned for them (p50),
 * else at what an item of the same run has cost.
 */
export function addReuse(sum: ReuseSum, { counters, estimate }: ReusingRun): void {
  const { done, failed, reused, costNanoUsd } = counters;
  if (reused === 0) return;
  sum.items += reused;
  const reckoned = estimate?.reuseSavings.costNanoUsd.p50 ?? 0;
  if (reckoned > 0 && (estimate?.reusedItems ?? 0) > 0)
    sum.nanoUsd += Math.round((reckoned / (estimate?.reusedItems ?? 1)) * reused);
  else if (done + failed > 0) sum.nanoUsd += Math.round((costNanoUsd / (done + failed)) * reused);
  else sum.unpricedItems += reused;
}
