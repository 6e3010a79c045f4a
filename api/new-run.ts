import type { Principal } from '../domain/principal.ts';
import type { RunRequest } from '../domain/run-request.ts';
import { frozenRun } from '../kinds/frozen-run.ts';
import { newRunId, runIdFrom } from '../kinds/run-id.ts';
import type { Run } from '../store/run-record.ts';
import type { ApiDeps } from './deps.ts';
import { keyTaken, sha256 } from './idempotency.ts';

export interface NewRun extends RunRequest {
  /** Only stored: `execute` starts it. */
  parked?: boolean | undefined;
}

/**
 * Stores a run and starts its workflow. The same Idempotency-Key brings the same run.
 * @throws AppError `conflict` where the key came with another request before.
 */
export async function createRun(
  deps: ApiDeps,
  principal: Principal,
  asked: NewRun,
  idempotencyKey: string | undefined,
): Promise<Run> {
  const requestHash = sha256(JSON.stringify(asked));
  const id =
    idempotencyKey === undefined ? newRunId() : runIdFrom(deps, principal.org, `key ${idempotencyKey}`);
  const known = idempotencyKey === undefined ? undefined : await deps.store.runs.find(principal.org, id);
  const run = known ?? (await storeRun(deps, principal, asked, { id, requestHash }));
  if (run.requestHash !== requestHash) throw keyTaken(`run ${run._id}`);
  if (run.state === 'queued' && !run.parked) await startSoon(deps, run);
  return run;
}

async function storeRun(
  deps: ApiDeps,
  principal: Principal,
  asked: NewRun,
  of: { id: string; requestHash: string },
): Promise<Run> {
  const { kind: _kind, ...frozen } = await frozenRun(deps, principal.org, asked);
  const { run } = await deps.store.runs.create({
    _id: of.id,
    org: principal.org,
    kind: asked.kind,
    ...frozen,
    ...(asked.parked && { parked: true }),
    triggeredBy: { id: principal.id, ...(principal.email && { email: principal.email }) },
    requestHash: of.requestHash,
  });
  return run;
}

/**
 * The run is stored, so it is accepted: where Temporal does not answer, housekeeping starts it when it is
 * back.
 */
export async function startSoon(deps: ApiDeps, run: Run): Promise<void> {
  try {
    await deps.workflows.start(run);
  } catch (error) {
    deps.logger.warn({ err: error, run: run._id }, 'the workflow will be started by housekeeping');
  }
}
