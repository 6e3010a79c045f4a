import { invalidInput } from '../domain/errors.ts';
import { given } from '../domain/given.ts';
import { standInFor } from '../domain/model-name.ts';
import { fromUsd } from '../domain/money.ts';
import type { Principal } from '../domain/principal.ts';
import type { KindName, RunOptions } from '../domain/run.ts';
import type { Kind } from '../kinds/kind.ts';
import type { Run } from '../store/run-record.ts';
import type { ApiDeps } from './deps.ts';
import { keyTaken, sha256 } from './idempotency.ts';
import { newRunId, runIdFrom } from './run-id.ts';

export interface NewRun {
  kind: KindName;
  input: unknown;
  /** Only stored: `execute` starts it. */
  parked?: boolean | undefined;
  options: Omit<RunOptions, 'model' | 'fallbackModels' | 'runRetries' | 'emergencyReason'> & {
    model?: string | string[] | undefined;
    runRetries?: number | undefined;
    maxCostUsd?: number | undefined;
    emergencyReason?: string | undefined;
  };
  scope: { team?: string | undefined; queue?: string | undefined; user?: string | undefined };
}

/** Checks a requested run against its kind, as far as that can be done before it is stored. */
export async function frozenRun(deps: ApiDeps, org: string, asked: NewRun) {
  const kind = kindOf(deps, asked.kind);
  const input = await kind.freeze(org, kind.parseInput(asked.input));
  const settings = await deps.store.settings.find(org);
  const usual = settings.llmProvider ?? deps.defaultModel;
  const {
    model = usual,
    maxCostUsd,
    emergencyReason,
    runRetries = kind.runRetries ?? 0,
    ...rest
  } = asked.options;
  const models = [model].flat().map(settings.llmMockMode ? standInFor : (name) => name);
  const [first = usual, ...fallbackModels] = models;
  const options: RunOptions = {
    ...rest,
    ...(runRetries > 0 && { runRetries }),
    model: first,
    ...(fallbackModels.length > 0 && { fallbackModels }),
    ...(emergencyReason !== undefined && { emergencyReason }),
  };
  const cap = maxCostUsd === undefined ? {} : { capNanoUsd: fromUsd(maxCostUsd) };
  return { kind, input, options, scope: given(asked.scope), ...cap };
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

export function kindOf(deps: ApiDeps, name: KindName): Kind {
  const kind = deps.kinds[name];
  if (kind !== undefined) return kind;
  const known = Object.keys(deps.kinds).join(', ');
  throw invalidInput(`runs of the kind ${name} are not known here; known: ${known}`, [
    { field: 'kind', problem: `must be one of: ${known}` },
  ]);
}
