import { isEnded } from '../domain/run.ts';
import type { Run } from '../store/run-record.ts';
import { countRun } from './count-run.ts';
import { translating } from './failures.ts';
import type { ActivityDeps } from './index.ts';
import { recoverDraws } from './recover-draws.ts';

/** A request needs a moment from storing the run to starting its workflow: younger runs are left alone. */
const LEAVE_ALONE_MS = 30_000;
const PER_SWEEP = 500;
/** The workflow of a batch looks at it every minute. */
const BATCH_UNSEEN_MS = 150_000;

/**
 * Brings together what a crash has left apart: a stored run whose workflow never started is started, one
 * whose workflow was ended from outside is finished, and a wish of pause, resume or cancel that got lost on
 * its way is delivered. Batches that nobody looks at any more go on.
 */
export function createSweep(deps: ActivityDeps) {
  return translating(async (): Promise<void> => {
    const before = new Date(deps.now().getTime() - LEAVE_ALONE_MS);
    for (const run of await deps.store.runs.openBefore(before, PER_SWEEP)) await mend(deps, run);
    const unseen = new Date(deps.now().getTime() - BATCH_UNSEEN_MS);
    for (const { org, _id } of await deps.store.batches.unseenSince(unseen, PER_SWEEP))
      await deps.starter.tellBatch(org, _id);
  });
}

async function mend(deps: ActivityDeps, listed: Run): Promise<void> {
  const status = await deps.starter.statusOf(listed._id);
  // Read anew: since the list was made it may have started, been resumed, or even have ended properly.
  const run = await deps.store.runs.find(listed.org, listed._id);
  if (run === undefined || isEnded(run.state) || run.parked || run.round !== listed.round) return;
  if (status === 'missing' || (status === 'closed' && run.state === 'queued')) return deps.starter.start(run);
  if (status === 'closed') return finish(deps, run);
  if (run.cancelRequested) return deps.starter.cancel(run._id);
  if (run.pauseRequested && run.state !== 'paused') return deps.starter.signal(run._id, 'pause');
  if (!run.pauseRequested && run.state === 'paused') return deps.starter.signal(run._id, 'resume');
}

async function finish(deps: ActivityDeps, run: Run): Promise<void> {
  await recoverDraws(deps, { org: run.org, run: run._id });
  for (const hold of await deps.store.holds.unsettledOf(run.org, run._id))
    await deps.store.release(hold, deps.now());
  await countRun(deps, run.org, run._id);
  const message = 'its workflow was ended from outside (terminated or timed out)';
  const failure = { code: 'unexpected', message, fingerprint: 'unexpected:terminated' };
  await deps.store.runs.move(run.org, run._id, { state: 'failed', failure }, run.round);
}
