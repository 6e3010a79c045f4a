import { DEFAULT_PRIORITY } from '../domain/budgets/budget.ts';
import { messageOf } from '../domain/message.ts';
import { toUsd } from '../domain/money.ts';
import { averageItemMs, percentOf, rateAndEta, successRate } from '../domain/progress.ts';
import { isEnded, type RunState, shownState } from '../domain/run.ts';
import type { GenerationLog } from '../store/generation-logs.ts';
import type { RunItem } from '../store/run-items.ts';
import type { Run } from '../store/run-record.ts';
import type { ApiDeps } from './deps.ts';
import { toUsdBand } from './estimate-view.ts';
import type { ApiRun } from './run-schemas.ts';

/** Errors that a run carries in itself; the rest stand under `/errors`. */
const FIRST_ERRORS = 20;

/** A run as the API shows it everywhere. */
export async function toApiRun(deps: ApiDeps, stored: Run): Promise<ApiRun> {
  const run = await withoutWorker(deps, stored);
  const { runItems } = deps.store;
  const open = !isEnded(run.state);
  const [current, failed, held, waitBudget] = await Promise.all([
    open ? runItems.current(run.org, run._id) : undefined,
    run.counters.failed > 0 ? runItems.list(run.org, run._id, 'failed', { limit: FIRST_ERRORS }) : undefined,
    open ? deps.store.holds.heldBy(run.org, [run._id]) : undefined,
    run.waitBudget === undefined ? null : budgetInTheWay(deps, run.org, run.waitBudget),
  ]);
  return {
    id: run._id,
    kind: run.kind,
    state: shownState(run),
    waitReason: run.waitReason ?? null,
    waitingSince: toTime(run.waitingSince),
    waitingUntil: toTime(run.waitingUntil),
    waitBudget,
    pausedAt: toTime(run.pausedAt),
    parked: run.parked ?? false,
    batch: run.batch ?? null,
    externalId: run.externalId ?? null,
    archivedAt: toTime(run.archivedAt),
    message: messageOf({ ...run, ...(waitBudget !== null && { waitBudgetName: waitBudget.name }) }),
    round: run.round,
    triggeredBy: run.triggeredBy,
    schedule: scheduleOf(run),
    input: run.input as Record<string, unknown>,
    options: { ...run.options, priority: run.options.priority ?? DEFAULT_PRIORITY },
    scope: run.scope ?? {},
    progress: { ...progressOf(run), current: current?.name ?? null },
    averageItemMs: averageItemMs(run.counters),
    tokens: { input: run.counters.inputTokens, output: run.counters.outputTokens },
    calls: run.counters.calls,
    cost: {
      estimatedUsd: run.estimate === undefined ? null : toUsdBand(run.estimate.costNanoUsd),
      estimateHash: run.estimate?.hash ?? null,
      heldUsd: toUsd(held?.get(run._id) ?? 0),
      actualUsd: toUsd(run.counters.costNanoUsd),
      maxUsd: run.capNanoUsd === undefined ? null : toUsd(run.capNanoUsd),
    },
    ...decisionsOn(run),
    errorLog: { count: run.counters.failed, errors: (failed?.rows ?? []).map(toApiError) },
    failure: run.failure === undefined ? null : { code: run.failure.code, message: run.failure.message },
    createdAt: run.createdAt.toISOString(),
    startedAt: toTime(run.startedAt),
    endedAt: toTime(run.endedAt),
    temporalUrl: deps.temporalUrlOf(run._id),
  };
}

function scheduleOf({ schedule, scheduledAt }: Run) {
  if (schedule === undefined || scheduledAt === undefined) return null;
  return { id: schedule, scheduledAt: scheduledAt.toISOString() };
}

/** What people have decided about the run's money. */
function decisionsOn({ approval, bypass }: Run) {
  const cap = approval?.capNanoUsd;
  return {
    approval:
      approval === undefined
        ? null
        : {
            by: approval.by,
            at: approval.at.toISOString(),
            maxCostUsd: cap === undefined ? null : toUsd(cap),
          },
    bypass: bypass === undefined ? null : { ...bypass, at: bypass.at.toISOString() },
  };
}

async function budgetInTheWay(deps: ApiDeps, org: string, id: string) {
  if (id === '') return { id: null, name: "the run's own limit" };
  const budget = await deps.store.budgets.find(org, id);
  return { id, name: budget?.name ?? id };
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
  const { _id, org: _org, seq: _seq, requestId: _requestId, output: _output, ...shown } = log;
  const { costNanoUsd, expectedTokens: _expectedTokens, draw: _draw, ...rest } = shown;
  return { ...rest, costUsd: toUsd(costNanoUsd), error: log.error ?? null, at: log.at.toISOString() };
}

function toTime(date: Date | undefined): string | null {
  return date?.toISOString() ?? null;
}
