import { AppError } from '../domain/errors.ts';
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
  const batch = await findBatch(deps, org, id);
  await tellSoon(deps, batch);
  return batch;
}

/** Runs that have not begun end at once, those under way are asked to. Asking again changes nothing. */
export async function cancelBatch(deps: ApiDeps, org: string, id: string): Promise<Batch> {
  const { state } = await findBatch(deps, org, id);
  if (!(await deps.store.batches.requestCancel(org, id)))
    throw new AppError('conflict', `the batch has ended (${state})`);
  await deps.store.runs.cancelParked(org, id, new Date());
  const batch = await findBatch(deps, org, id);
  await tellSoon(deps, batch);
  return batch;
}
