import { estimateItems } from '../kinds/estimate.ts';
import { translating } from './failures.ts';
import { heartbeating } from './heartbeat.ts';
import { type ActivityDeps, loadRun, type RunRef } from './index.ts';

const BATCH = 100;

/** Estimates what is still open of a run, and stores the estimate with it. */
export function createEstimate(deps: ActivityDeps) {
  const calibrationsOf = deps.store.calibrations.of;
  async function* openKeys(of: RunRef): AsyncGenerator<string[]> {
    for (let afterSeq = -1; ; ) {
      const rows = await deps.store.runItems.open(of.org, of.runId, afterSeq, BATCH);
      const last = rows.at(-1);
      if (last === undefined) return;
      afterSeq = last.seq;
      yield rows.map((row) => row.key);
    }
  }
  return translating(
    async (of: RunRef): Promise<void> =>
      heartbeating(async () => {
        const { context, kind } = await loadRun(deps, of);
        // Counted anew by the plan; nothing is under way since.
        const run = await deps.store.runs.find(of.org, of.runId);
        const made = { at: deps.now(), spentNanoUsd: run?.counters.costNanoUsd ?? 0 };
        const estimate = await estimateItems({ ...deps, calibrationsOf }, kind, context, openKeys(of));
        await deps.store.runs.setEstimate(of.org, of.runId, { ...estimate, made });
      }),
  );
}
