import type { Counters } from '../domain/progress.ts';
import type { ActivityDeps } from './index.ts';

/**
 * Counts a run anew from its items, and its cost from the ledger, which also knows of calls whose process
 * died.
 * To be called while nothing of it is under way.
 */
export async function countRun(
  deps: Pick<ActivityDeps, 'store'>,
  org: string,
  run: string,
): Promise<Counters> {
  const { runItems, entries, runs } = deps.store;
  const [counted, cost] = await Promise.all([runItems.count(org, run), entries.costOfRun(run)]);
  // Runs of a version without a ledger have no entries.
  const counters = { ...counted, ...(cost !== undefined && { costNanoUsd: cost }) };
  await runs.setCounters(org, run, counters);
  return counters;
}
