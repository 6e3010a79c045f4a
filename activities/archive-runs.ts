import { translating } from './failures.ts';
import { heartbeating } from './heartbeat.ts';
import type { ActivityDeps } from './index.ts';

const DAY_MS = 86_400_000;

/**
 * Brings the details of runs that ended long ago into the archive, a hundred runs a minute at most, and old
 * jobs, alerts and rows of the audit log, where they are not kept for ever.
 */
export function createArchiveRuns(deps: ActivityDeps) {
  return translating(async () =>
    heartbeating(async () => {
      const runs = await archiveOldRuns(deps);
      await deps.store.archiveOld(deps.retention, deps.now());
      return runs;
    }),
  );
}

/** @returns how many runs, and whether there may be more */
export async function archiveOldRuns({
  store,
  retentionDays,
  now,
}: Pick<ActivityDeps, 'store' | 'retentionDays' | 'now'>) {
  const at = now();
  return store.archiveRuns(new Date(at.getTime() - retentionDays * DAY_MS), at);
}
