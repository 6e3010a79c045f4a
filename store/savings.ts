import {
  addCached,
  addReuse,
  type CachedReads,
  cachingSaved,
  type ReusingRun,
} from '../domain/report/savings.ts';
import type { Collections } from './collections.ts';
import type { DailyCost } from './daily-costs.ts';

type Parts = Pick<Collections, 'dailyCosts' | 'runs'>;

/** What reports call savings, over all organizations and all of their time. */
export function createSavings({ dailyCosts, runs }: Parts) {
  /** By organization and model: prices may be an organization's own. */
  async function cached(): Promise<Iterable<CachedReads>> {
    const byOrg = new Map<string, Map<string, CachedReads>>();
    const rows = dailyCosts.model.collection.find({ 'tokens.cachedRead': { $gt: 0 } } as never, {
      projection: { org: 1, model: 1, components: 1, tokens: 1 },
    });
    for await (const row of rows as unknown as AsyncIterable<DailyCost>) {
      const ofOrg = byOrg.get(row.org) ?? new Map<string, CachedReads>();
      byOrg.set(row.org, ofOrg);
      addCached(ofOrg, row);
    }
    return [...byOrg.values()].flatMap((ofOrg) => [...ofOrg.values()]);
  }

  /** @returns nano-dollars. It reads all rows of daily costs and all runs: whoever asks often keeps it. */
  return async function savings(): Promise<number> {
    const reuse = { items: 0, nanoUsd: 0, unpricedItems: 0 };
    const reusing = runs.model.collection.find({ 'counters.reused': { $gt: 0 } } as never, {
      projection: { counters: 1, 'estimate.reusedItems': 1, 'estimate.reuseSavings': 1 },
    });
    for await (const run of reusing as unknown as AsyncIterable<ReusingRun>) addReuse(reuse, run);
    return reuse.nanoUsd + cachingSaved(await cached()).nanoUsd;
  };
}
