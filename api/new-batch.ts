import { MAX_RUNS, sumEstimates } from '../domain/batches/batch.ts';
import { AppError, type ErrorDetail, invalidInput } from '../domain/errors.ts';
import { given } from '../domain/given.ts';
import { toUsd } from '../domain/money.ts';
import type { Principal } from '../domain/principal.ts';
import { isEnded } from '../domain/run.ts';
import { runIdFrom } from '../kinds/run-id.ts';
import type { Batch } from '../store/batches.ts';
import { type AskedRun, canonical, type FrozenRun, freezeRuns, readRuns } from './batch-items.ts';
import type { NewBatch } from './batch-schemas.ts';
import type { ApiDeps } from './deps.ts';
import { sha256 } from './idempotency.ts';
import { estimateOf } from './new-estimate.ts';

/** Others may add to the same batch at the same time. */
const MAX_RACES = 5;
const TOLD = 20;

/** What became of the runs of a request. */
export interface Submitted {
  batch: Batch;
  added: number;
  unchanged: number;
}

/**
 * Stores a batch with its runs, all or none, and starts its workflow. The same request again changes nothing;
 * runs that a later one has more are added.
 * @throws AppError `invalid_input` with all that is wrong; `conflict` where a run came with another request
 * before, or the batch takes no more.
 */
export async function submitBatch(
  deps: ApiDeps,
  principal: Principal,
  asked: NewBatch,
  idempotencyKey: string | undefined,
): Promise<Submitted> {
  const { org } = principal;
  const runs = readRuns(asked);
  const id = batchIdOf(deps, org, asked, runs, idempotencyKey);
  for (let race = 0; race < MAX_RACES; race += 1) {
    const known = await deps.store.batches.find(org, id);
    const fresh = await freshRuns(deps, org, id, runs);
    if (known !== undefined && fresh.length > 0) refuseWhereClosed(known, fresh.length);
    const { name, order, parallelism } = asked;
    if (known === undefined || fresh.length > 0 || changesPace(known, asked)) {
      const frozen = await freezeRuns(deps, org, fresh);
      const createdBy = { id: principal.id, ...(principal.email && { email: principal.email }) };
      const batch = given({ _id: id, org, name, order, parallelism, createdBy });
      const docs = frozen.map((run) => docOf(deps, id, createdBy, org, run));
      if (!(await deps.store.addToBatch(batch, docs, new Date()))) continue;
    }
    const batch = await deps.store.batches.find(org, id);
    if (batch === undefined) throw new Error(`batch ${id} is not stored`);
    if (!isEnded(batch.state)) await tellSoon(deps, batch);
    return { batch, added: fresh.length, unchanged: runs.length - fresh.length };
  }
  throw new AppError('conflict', 'others are adding to this batch at the same time: try again');
}

/** What the runs of a request would need and cost together; nothing is stored. */
export async function estimateBatch(deps: ApiDeps, org: string, asked: NewBatch) {
  const frozen = await freezeRuns(deps, org, readRuns(asked));
  const estimates = [];
  // One at a time: each may read a large project.
  for (const { externalId, frozen: run } of frozen)
    estimates.push({ externalId, estimate: await estimateOf(deps, org, run) });
  const { costNanoUsd, ...sum } = sumEstimates(estimates).sum;
  return { ...sum, costUsd: { p50: toUsd(costNanoUsd.p50), p90: toUsd(costNanoUsd.p90) } };
}

/** Stored first: where Temporal does not answer, housekeeping tells the workflow later. */
export async function tellSoon(deps: ApiDeps, batch: Pick<Batch, '_id' | 'org'>): Promise<void> {
  try {
    await deps.workflows.tellBatch(batch.org, batch._id);
  } catch (error) {
    deps.logger.warn({ err: error, batch: batch._id }, 'the batch will be looked at by housekeeping');
  }
}

function batchIdOf(deps: ApiDeps, org: string, { name }: NewBatch, runs: AskedRun[], key?: string): string {
  const content = () => sha256(canonical(runs.map((run) => [run.externalId, run.requestHash])));
  const words =
    key !== undefined ? `key ${key}` : name !== undefined ? `name ${name}` : `content ${content()}`;
  return `bat_${runIdFrom(deps, org, `batch ${words}`)}`;
}

/** Those that the batch does not have yet. @throws AppError `conflict` for those that it has otherwise. */
async function freshRuns(deps: ApiDeps, org: string, id: string, runs: AskedRun[]): Promise<AskedRun[]> {
  const stored = await deps.store.runs.namesOfBatch(org, id);
  const known = new Map(stored.map(({ externalId, requestHash }) => [externalId, requestHash]));
  const others = runs.filter(
    ({ externalId, requestHash }) => (known.get(externalId) ?? requestHash) !== requestHash,
  );
  if (others.length > 0) {
    const details: ErrorDetail[] = others.slice(0, TOLD).map(({ index, externalId }) => ({
      field: `runs.${index}`,
      problem: `the batch has a run ${JSON.stringify(externalId)} that was asked for otherwise`,
    }));
    const names = others.slice(0, TOLD).map(({ externalId }) => JSON.stringify(externalId));
    const what = `runs that it has already: ${names.join(', ')}${others.length > TOLD ? ', …' : ''}`;
    throw new AppError('conflict', `the batch cannot change ${what}; give them another externalId`, {
      details,
    });
  }
  const fresh = runs.filter(({ externalId }) => !known.has(externalId));
  if (stored.length + fresh.length > MAX_RUNS) {
    const problem = `a batch has at most ${MAX_RUNS} runs; it has ${stored.length} already`;
    throw invalidInput(problem, [{ field: 'runs', problem }]);
  }
  return fresh;
}

function refuseWhereClosed({ state, cancelRequested }: Batch, fresh: number): void {
  const takesMore = !isEnded(state) || state === 'completed' || state === 'completed_with_errors';
  if (takesMore && !(cancelRequested && !isEnded(state))) return;
  const shown = isEnded(state) ? state : 'being cancelled';
  throw new AppError(
    'conflict',
    `the batch is ${shown} and takes no more runs (${fresh} new): give it another name`,
  );
}

function changesPace(known: Batch, { order, parallelism }: NewBatch): boolean {
  return !isEnded(known.state) && (known.order !== order || known.parallelism !== parallelism);
}

function docOf(
  deps: ApiDeps,
  batch: string,
  triggeredBy: Batch['createdBy'],
  org: string,
  { externalId, requestHash, asked, frozen: { kind: _kind, ...frozen } }: FrozenRun,
) {
  const _id = runIdFrom(deps, org, `batch ${batch} ${externalId}`);
  return { _id, org, kind: asked.kind, ...frozen, triggeredBy, requestHash, externalId };
}
