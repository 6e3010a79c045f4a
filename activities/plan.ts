import { AppError } from '../domain/errors.ts';
import { isEnded } from '../domain/run.ts';
import { countRun } from './count-run.ts';
import { translating } from './failures.ts';
import { heartbeating } from './heartbeat.ts';
import { type ActivityDeps, loadRun, type RunRef } from './index.ts';

/**
 * Stores the items of a run, and in a later round opens the failed ones again. Repeatable.
 * @throws AppError `conflict` for a round that has ended: two may have started its workflow, one after the
 * other.
 */
export function createPlan(deps: ActivityDeps) {
  return translating(
    async (of: RunRef): Promise<{ total: number }> =>
      heartbeating(async () => {
        const { context, kind, state, round, retryFingerprint } = await loadRun(deps, of);
        if (round !== of.round || isEnded(state))
          throw new AppError('conflict', 'this round of the run has ended before');
        // In a later round too: the first may have ended in the middle of its plan.
        await deps.store.runItems.insertPlan(of.org, of.runId, await kind.plan(context));
        if (round > 1) await deps.store.runItems.reopenFailed(of.org, of.runId, retryFingerprint);
        const { total } = await countRun(deps, of.org, of.runId);
        return { total };
      }),
  );
}
