import { translating } from './failures.ts';
import { heartbeating } from './heartbeat.ts';
import { type ActivityDeps, loadRun, type RunRef } from './index.ts';

/** Stores the items of a run, or in a later round opens the failed ones again. Repeatable. */
export function createPlan(deps: ActivityDeps) {
  return translating(
    async (of: RunRef): Promise<{ total: number }> =>
      heartbeating(async () => {
        const { context, kind, round, retryFingerprint } = await loadRun(deps, of);
        if (round > 1) await deps.store.runItems.reopenFailed(of.org, of.runId, retryFingerprint);
        else await deps.store.runItems.insertPlan(of.org, of.runId, await kind.plan(context));
        const counters = await deps.store.runItems.count(of.org, of.runId);
        await deps.store.runs.setCounters(of.org, of.runId, counters);
        return { total: counters.total };
      }),
  );
}
