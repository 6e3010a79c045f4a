import type { Estimate } from '../domain/estimate.ts';
import { messageOf } from '../domain/message.ts';
import { toUsd } from '../domain/money.ts';
import { averageItemMs, percentOf, rateAndEta, successRate } from '../domain/progress.ts';
import { type Band, isEnded, type RunState, shownState } from '../domain/run.ts';
import type { GenerationLog } from '../store/generation-logs.ts';
import type { RunItem } from '../store/run-items.ts';
import type { Run } from '../store/run-record.ts';
import type { ApiDeps } from './deps.ts';
import type { ApiRun } from './run-schemas.ts';

/** Errors that a run carries in itself; the rest stand under `/errors`. */
const FIRST_ERRORS = 20;

/** A run as the API shows it everywhere. */
export async function toApiRun(deps: ApiDeps, stored: Run): Promise<ApiRun> {
  const run = await withoutWorker(deps, stored);
  const { runItems } = deps.store;
  const open = !isEnded(run.state);
  const [current, failed] = await Promise.all([
    open ? runItems.current(run.org, run._id) : undefined,
    run.counters.failed > 0 ? runItems.list(run.org, run._id, 'failed', { limit: FIRST_ERRORS }) : undefined,
  ]);
  return {
    id: run._id,
    kind: run.kind,
    state: shownState(run),
    waitReason: run.waitReason ?? null,
    waitingSince: toTime(run.waitingSince),
    waitingUntil: toTime(run.waitingUntil),
    pausedAt: toTime(run.pausedAt),
    message: messageOf(run),
    round: run.round,
    triggeredBy: run.triggeredBy,
    input: run.input as Record<string, unknown>,
    options: run.options,
    progress: { ...progressOf(run), current: current?.name ?? null },
    averageItemMs: averageItemMs(run.counters),
    tokens: { input: run.counters.inputTokens, output: run.counters.outputTokens },
    calls: run.counters.calls,
    cost: {
      estimatedUsd: run.estimate === undefined ? null : toUsdBand(run.estimate.costNanoUsd),
      heldUsd: 0,
      actualUsd: toUsd(run.counters.costNanoUsd),
    },
    errorLog: { count: run.counters.failed, errors: (failed?.rows ?? []).map(toApiError) },
    failure: run.failure === undefined ? null : { code: run.failure.code, message: run.failure.message },
    createdAt: run.createdAt.toISOString(),
    startedAt: toTime(run.startedAt),
    endedAt: toTime(run.endedAt),
    temporalUrl: deps.temporalUrlOf(run._id),
  };
}

/** A worker needs a moment to take up a run. */
const WORKER_EXPECTED_MS = 5_000;
/** In these states a worker should be at it; a paused or waiting run needs none. */
const AT_WORK: ReadonlySet<RunState> = new Set(['queued', 'planning', 'estimating', 'running']);

/** No workflow can say that no worker is there to run it, so whoever looks finds out. */
async function withoutWorker(deps: ApiDeps, run: Run): Promise<Run> {
  const age = Date.now() - run.createdAt.getTime();
  if (!AT_WORK.has(shownState(run)) || age < WORKER_EXPECTED_MS) return run;
  const { workers, lastWorkerAt } = await deps.health();
  if (workers !== 0) return run;
  const waitingSince =
    lastWorkerAt === undefined || lastWorkerAt < run.createdAt ? run.createdAt : lastWorkerAt;
  return { ...run, state: 'waiting', waitReason: 'worker_missing', waitingSince };
}

function progressOf(run: Run) {
  const { total, done, reused, failed } = run.counters;
  const ended = isEnded(run.state);
  const remaining = ended ? 0 : total - done - reused - failed;
  // Since the work itself began, in this round: planning, waiting and earlier rounds are no slow work.
  const began =
    run.history.findLast(({ state }) => state === 'running')?.at ?? run.startedAt ?? run.createdAt;
  const { itemsPerSecond, etaSeconds } = rateAndEta(run.samples, remaining, began.getTime());
  const runs = run.state === 'running';
  const eta = runs ? etaSeconds : null;
  const completion = eta === null ? null : new Date(Date.now() + eta.p50 * 1000).toISOString();
  return {
    total,
    processed: done + reused,
    done,
    failed,
    reused,
    percent: percentOf(run.counters),
    successRate: successRate(run.counters),
    itemsPerSecond: runs || ended ? itemsPerSecond : 0,
    etaSeconds: eta,
    estimatedCompletionAt: completion,
  };
}

export function toApiError(item: RunItem) {
  return {
    object: item.name,
    code: item.failure?.code ?? 'unexpected',
    message: item.failure?.message ?? '',
    fingerprint: item.failure?.fingerprint ?? '',
    attempts: item.attempts,
    at: toTime(item.endedAt),
  };
}

export function toApiItem(item: RunItem) {
  return {
    seq: item.seq,
    key: item.key,
    name: item.name,
    state: item.state,
    attempts: item.attempts,
    failure: item.failure ?? null,
    tokens: { input: item.inputTokens, output: item.outputTokens },
    costUsd: toUsd(item.costNanoUsd),
    durationMs: item.durationMs,
    startedAt: toTime(item.startedAt),
    endedAt: toTime(item.endedAt),
  };
}

export function toApiLog(log: GenerationLog) {
  const { _id, org: _org, seq: _seq, costNanoUsd, requestId: _requestId, output: _output, ...rest } = log;
  return { ...rest, costUsd: toUsd(costNanoUsd), error: log.error ?? null, at: log.at.toISOString() };
}

export function toApiEstimate(estimate: Estimate) {
  const { inputUsdPerMillion, outputUsdPerMillion, source } = estimate.price;
  return {
    basis: estimate.basis,
    items: estimate.items,
    reusedItems: estimate.reusedItems,
    calls: estimate.calls,
    model: estimate.model,
    tokens: { input: estimate.inputTokens, output: estimate.outputTokens },
    costUsd: toUsdBand(estimate.costNanoUsd),
    steps: estimate.steps.map(({ costNanoUsd, ...step }) => ({ ...step, costUsd: toUsdBand(costNanoUsd) })),
    price: { inputUsdPerMillion, outputUsdPerMillion, source },
  };
}

function toUsdBand(band: Band): Band {
  return { p50: toUsd(band.p50), p90: toUsd(band.p90) };
}

function toTime(date: Date | undefined): string | null {
  return date?.toISOString() ?? null;
}
