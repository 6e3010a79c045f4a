import { AppError } from '../domain/errors.ts';
import { isEnded } from '../domain/run.ts';
import type { Batch } from '../store/batches.ts';
import type { ApiDeps } from './deps.ts';
import { tellSoon } from './new-batch.ts';

/** @throws AppError `not_found`, also for another organization's batch. */
export async function findBatch(deps: ApiDeps, org: string, id: string): Promise<Batch> {
  const batch = await deps.store.batches.find(org, id);
  if (batch === undefined) throw new AppError('not_found', `there is no batch ${id}`);
  return batch;
}

/** Approves the estimate that the batch waits with. @throws AppError `conflict` where no such one waits. */
export async function approveBatch(
  deps: ApiDeps,
  { org, id: by }: { org: string; id: string },
  id: string,
  hash: string,
): Promise<Batch> {
  const { state, waitReason } = await findBatch(deps, org, id);
  if (!(await deps.store.batches.approve(org, id, { hash, by, at: new Date() }))) {
    const waits = state === 'waiting' && waitReason === 'approval';
    const other = 'this is not the estimate that waits for approval; look at the batch again';
    throw new AppError('conflict', waits ? other : 'the batch does not wait for an approval');
  }
  return told(deps, org, id);
}

/** Runs that have not begun end at once, those under way are asked to. Asking again changes nothing. */
export async function cancelBatch(deps: ApiDeps, org: string, id: string): Promise<Batch> {
  await ask(deps, org, id, { cancelRequested: true });
  await deps.store.runs.cancelParked(org, id, new Date());
  return told(deps, org, id);
}

/** No run begins from now on, and those under way pause. Asking again changes nothing. */
export async function pauseBatch(deps: ApiDeps, org: string, id: string): Promise<Batch> {
  await ask(deps, org, id, { pauseRequested: true });
  return told(deps, org, id);
}

/** Lets a batch go on, with its runs that are paused. */
export async function resumeBatch(deps: ApiDeps, org: string, id: string): Promise<Batch> {
  const { pauseRequested } = await findBatch(deps, org, id);
  await ask(deps, org, id, { pauseRequested: false });
  if (!pauseRequested) throw new AppError('conflict', 'the batch is not paused');
  for (const run of await deps.store.runs.openOfBatch(org, id)) {
    if (!run.pauseRequested || run.cancelRequested) continue;
    await deps.store.runs.request(org, run._id, { pauseRequested: false });
    await deps.workflows.signal(run._id, 'resume');
  }
  return told(deps, org, id);
}

async function ask(
  deps: ApiDeps,
  org: string,
  id: string,
  flags: Partial<Pick<Batch, 'pauseRequested' | 'cancelRequested'>>,
): Promise<void> {
  const { state, cancelRequested } = await findBatch(deps, org, id);
  if (cancelRequested && !isEnded(state) && !flags.cancelRequested)
    throw new AppError('conflict', 'the batch is being cancelled');
  if (!(await deps.store.batches.request(org, id, flags)))
    throw new AppError('conflict', `the batch has ended (${state})`);
}

async function told(deps: ApiDeps, org: string, id: string): Promise<Batch> {
  const batch = await findBatch(deps, org, id);
  await tellSoon(deps, batch);
  return batch;
}
