import { AppError } from '../domain/errors.ts';
import { controlProblem, isEnded, type RunControl, shownState } from '../domain/run.ts';
import type { Run } from '../store/run-record.ts';
import { STANDING_KIND } from '../workflows/messages.ts';
import type { ApiDeps } from './deps.ts';
import { tellSoon } from './new-batch.ts';
import { startSoon } from './new-run.ts';

/** @throws AppError `not_found`, also for another organization's run. */
export async function findRun(deps: ApiDeps, org: string, id: string): Promise<Run> {
  const run = await deps.store.runs.find(org, id);
  if (run === undefined) throw new AppError('not_found', `there is no run ${id}`);
  return run;
}

/** Nothing starts from now on; what is under way ends its step. Asking again changes nothing. */
export async function pauseRun(deps: ApiDeps, org: string, id: string): Promise<Run> {
  return ask(deps, org, id, 'pause', { pauseRequested: true }, () => deps.workflows.signal(id, 'pause'));
}

export async function resumeRun(deps: ApiDeps, org: string, id: string): Promise<Run> {
  return ask(deps, org, id, 'resume', { pauseRequested: false }, () => deps.workflows.signal(id, 'resume'));
}

/** Calls in flight are aborted within a second. */
export async function cancelRun(deps: ApiDeps, org: string, id: string): Promise<Run> {
  const { kind, parked, round, batch } = await findRun(deps, org, id);
  // It has no workflow that could end it. Of two who want to move it, one gets it.
  if (parked && (await deps.store.runs.letGo(org, id)) !== undefined) {
    await deps.store.runs.move(org, id, { state: 'cancelled' }, round);
    if (batch !== undefined) await tellSoon(deps, { org, _id: batch });
    return findRun(deps, org, id);
  }
  if (kind === STANDING_KIND)
    throw new AppError('conflict', 'this run stands for all memories and never ends: pause it instead');
  return ask(deps, org, id, 'cancel', { cancelRequested: true }, () => deps.workflows.cancel(id));
}

/**
 * Stores the wish first, then tells the workflow: if the message is lost, housekeeping still finds the wish.
 */
async function ask(
  deps: ApiDeps,
  org: string,
  id: string,
  control: RunControl,
  flags: Partial<Pick<Run, 'pauseRequested' | 'cancelRequested'>>,
  tell: () => Promise<void>,
): Promise<Run> {
  refuse(control, await findRun(deps, org, id));
  const run = await deps.store.runs.request(org, id, flags);
  if (run === undefined) {
    refuse(control, await findRun(deps, org, id));
    throw new AppError('conflict', 'the run has just ended');
  }
  await tell();
  return run;
}

/** @throws AppError `conflict` where the run was not parked, or has been started. */
export async function executeRun(deps: ApiDeps, org: string, id: string): Promise<Run> {
  const { batch } = await findRun(deps, org, id);
  if (batch !== undefined)
    throw new AppError('conflict', `the run belongs to the batch ${batch}, which starts it in its turn`);
  const run = await deps.store.runs.letGo(org, id);
  if (run === undefined) throw new AppError('conflict', 'the run is not parked: it has been started already');
  await startSoon(deps, run);
  return run;
}

/** @throws AppError `worker_missing` where no worker answers within 5 seconds. */
export async function setConcurrency(
  deps: ApiDeps,
  org: string,
  id: string,
  concurrency: number,
): Promise<Run> {
  refuse('setConcurrency', await findRun(deps, org, id));
  await deps.workflows.setConcurrency(id, concurrency);
  await deps.store.runs.setConcurrency(org, id, concurrency);
  return findRun(deps, org, id);
}

/**
 * Opens failed items again, all or those of one fingerprint: within an open run at once, in an ended one as a
 * new round.
 * @throws AppError `conflict` where there is nothing to retry.
 */
export async function retryRun(
  deps: ApiDeps,
  org: string,
  id: string,
  fingerprint: string | undefined,
): Promise<Run> {
  const run = await retryableRun(deps, org, id, fingerprint);
  if (!isEnded(run.state)) {
    await deps.workflows.retryFailed(id, fingerprint);
    return findRun(deps, org, id);
  }
  const opened = await deps.store.runs.openRound(org, id, run.round, fingerprint);
  if (opened === undefined) throw new AppError('conflict', 'the run was retried by another request just now');
  await startSoon(deps, opened);
  return opened;
}

/** @throws AppError `not_found`; `conflict` where there is nothing to retry. */
export async function retryableRun(
  deps: ApiDeps,
  org: string,
  id: string,
  fingerprint: string | undefined,
): Promise<Run> {
  const run = await findRun(deps, org, id);
  refuse('retry', run);
  await somethingToRetry(deps, run, fingerprint);
  return run;
}

/**
 * A run that ended early has items that never came to their turn: those go on as well, so no failure is
 * needed.
 */
async function somethingToRetry(deps: ApiDeps, run: Run, fingerprint: string | undefined): Promise<void> {
  const { total, done, reused, failed } = run.counters;
  const neverEnded = isEnded(run.state) && (total === 0 || done + reused + failed < total);
  if (fingerprint === undefined) {
    if (failed > 0 || neverEnded) return;
    throw new AppError('conflict', 'the run has no failed objects');
  }
  const groups = await deps.store.runItems.failureGroups(run.org, run._id);
  if (groups.some((group) => group.fingerprint === fingerprint)) return;
  throw new AppError('conflict', `the run has no failures of the fingerprint ${fingerprint}`);
}

const ARCHIVED = 'the details of this run lie in the archive: restore it first';

/** A run whose items and logs are at hand. @throws AppError `not_found`; `conflict`: they are archived. */
export async function findRunInFull(deps: ApiDeps, org: string, id: string): Promise<Run> {
  const run = await findRun(deps, org, id);
  if (run.archivedAt !== undefined) throw new AppError('conflict', ARCHIVED);
  return run;
}

function refuse(control: RunControl, run: Run): void {
  const problem = run.parked
    ? `the run is parked: ${run.batch === undefined ? 'execute it' : 'its batch starts it'}, or cancel it`
    : run.archivedAt !== undefined
      ? ARCHIVED
      : controlProblem(control, shownState(run), run.waitReason);
  if (problem !== undefined) throw new AppError('conflict', problem);
}
