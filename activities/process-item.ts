import { randomBytes } from 'node:crypto';
import { CancelledFailure, Context } from '@temporalio/activity';
import { AppError } from '../domain/errors.ts';
import { CRASH_LIMIT, type Failure } from '../domain/run.ts';
import type { PreparedItem } from '../kinds/kind.ts';
import type { GenerationLog } from '../store/generation-logs.ts';
import type { Spent } from '../store/run-item-moves.ts';
import type { RunItem } from '../store/run-items.ts';
import type { ItemResult } from '../workflows/messages.ts';
import { toActivityFailure, toAppError, toFailure, translating } from './failures.ts';
import { generateStep } from './generate-step.ts';
import { heartbeating } from './heartbeat.ts';
import { Blocked, blockedResult, type Line } from './hold-book.ts';
import type { ActivityDeps, LoadedRun, RequestWatch, RunRef } from './index.ts';
import { cachedRuns } from './paid-runs.ts';
import { Later } from './patient-call.ts';
import { recoverDraws } from './recover-draws.ts';

/** One attempt at one item: what it belongs to, and what has been spent on it. */
export interface Attempt extends LoadedRun {
  item: RunItem;
  watch: RequestWatch;
  /** Aborts on cancel and when the worker shuts down. */
  signal: AbortSignal;
  /** Results by step, those of earlier attempts included. */
  logs: Map<string, GenerationLog>;
  startedAt: Date;
  /** What its calls of a model are paid from. @throws AppError `price_unknown`. */
  lineFor(model: string): Promise<Line>;
  /** A fresh id for each call: the ledger's entry of it. */
  nextDraw(): string;
}

/**
 * Works on one item, step by step, storing each result before the next call. Whatever happens, a later
 * attempt goes on where this one stopped and generates nothing twice.
 */
export function createProcessItem(deps: ActivityDeps) {
  const runOf = cachedRuns(deps);
  return translating(async (of: RunRef & { seq: number }): Promise<ItemResult> => {
    const startedAt = deps.now();
    const item = await deps.store.runItems.claim(of.org, of.runId, of.seq, startedAt);
    if (item === undefined) throw new Error(`run ${of.runId} has no item ${of.seq}`);
    if (item.state !== 'pending' && item.state !== 'working') return endedBefore(item);
    const watch = deps.watch(of.runId);
    try {
      const signal = AbortSignal.any([watch.cancelled, Context.current().cancellationSignal]);
      const logs = await earlierResults(deps, item);
      const run = await runOf(of);
      const nextDraw = drawIds(item);
      const lineFor = (model: string) => run.lineFor(model, item.user);
      const attempt = { ...run, item, watch, signal, logs, startedAt, lineFor, nextDraw };
      return await heartbeating(() => attemptItem(deps, attempt));
    } finally {
      await watch.close();
    }
  });
}

async function attemptItem(deps: ActivityDeps, attempt: Attempt): Promise<ItemResult> {
  if (attempt.item.starts >= CRASH_LIMIT)
    return fail(
      deps,
      attempt,
      new AppError('item_crashed', `the process died ${CRASH_LIMIT} times at this object`),
    );
  try {
    // What an attempt that died has left open is settled before anything new is paid.
    if (attempt.item.startedAt !== undefined) await recoverDraws(deps, attempt.item);
    const prepared = await attempt.kind.prepare(attempt.context, attempt.item);
    const texts = await generateAll(deps, attempt, prepared);
    if (texts === 'stopped') return stop(deps, attempt);
    await prepared.finish(texts);
    return await finish(deps, attempt, prepared.reused ? 'reused' : 'done');
  } catch (thrown) {
    return answer(deps, attempt, thrown);
  }
}

async function generateAll(
  deps: ActivityDeps,
  attempt: Attempt,
  prepared: PreparedItem,
): Promise<Map<string, string> | 'stopped'> {
  const texts = new Map<string, string>();
  for (const step of prepared.steps) {
    const stored = attempt.logs.get(step.name);
    if (stored?.status === 'done' && stored.output !== undefined) {
      texts.set(step.name, stored.output);
      continue;
    }
    if (attempt.watch.cancelled.aborted || (await mustPause(deps, attempt))) return 'stopped';
    texts.set(step.name, await generateStep(deps, attempt, step, texts));
  }
  return texts;
}

/** The watch may be half a second old, and the pause taken back since: then the item goes on. */
async function mustPause(deps: ActivityDeps, { item, watch }: Attempt): Promise<boolean> {
  if (!watch.pauseRequested()) return false;
  const [now] = await deps.store.runs.flagsOf([item.run]);
  return now?.pauseRequested === true;
}

/** What follows from an error: wait, stop, fail the run, try again, or fail the item. */
async function answer(deps: ActivityDeps, attempt: Attempt, thrown: unknown): Promise<ItemResult> {
  if (thrown instanceof Later) {
    await putBack(deps, attempt);
    return { outcome: 'later', at: thrown.at.getTime() };
  }
  if (thrown instanceof Blocked) {
    await putBack(deps, attempt);
    return blockedResult(thrown);
  }
  if (attempt.watch.cancelled.aborted) return stop(deps, attempt);
  const cancelled = thrown instanceof CancelledFailure || Context.current().cancellationSignal.aborted;
  const error = toAppError(thrown);
  if (cancelled || error.fatal || error.code === 'services_unavailable') {
    await putBack(deps, attempt);
    throw cancelled ? await Context.current().cancelled.catch((reason: unknown) => reason) : error;
  }
  const tries = attempt.item.attempts + 1;
  const mayRetry = error.retryable || error.code === 'unexpected';
  if (!mayRetry || tries > attempt.context.options.maxRetries) return fail(deps, attempt, error);
  await putBack(deps, attempt, toFailure(error));
  throw toActivityFailure(error);
}

async function stop(deps: ActivityDeps, attempt: Attempt): Promise<ItemResult> {
  await putBack(deps, attempt);
  return { outcome: 'stopped', why: attempt.watch.cancelled.aborted ? 'cancel' : 'pause' };
}

/** Leaves the item for a later attempt; what it has spent so far counts already. */
async function putBack(deps: ActivityDeps, attempt: Attempt, failed?: Failure): Promise<void> {
  const { org, run, seq } = attempt.item;
  const spent = spentOn(attempt);
  if (await deps.store.runItems.putBack(org, run, seq, spent, failed)) await count(deps, attempt, spent);
}

async function fail(deps: ActivityDeps, attempt: Attempt, error: AppError): Promise<ItemResult> {
  const failure = toFailure(error);
  const counted = await end(deps, attempt, { state: 'failed', failure });
  return { ...failedResult(failure, attempt.item.attempts + 1), ...(counted ? {} : { recount: true }) };
}

async function finish(deps: ActivityDeps, attempt: Attempt, state: 'done' | 'reused'): Promise<ItemResult> {
  const counted = await end(deps, attempt, { state });
  const line = await attempt.lineFor(attempt.context.options.model);
  const factor = await deps.factorOf(line, attempt.priority);
  return { outcome: state, ...(counted ? {} : { recount: true }), ...(factor < 1 && { factor }) };
}

/** Ends the item and counts it; false where it had ended before. */
async function end(
  deps: ActivityDeps,
  attempt: Attempt,
  how: { state: 'done' | 'reused' } | { state: 'failed'; failure: Failure },
): Promise<boolean> {
  const { org, run, seq } = attempt.item;
  const at = deps.now();
  const sums = { ...spentOn(attempt), durationMs: at.getTime() - attempt.startedAt.getTime() };
  const ended = await deps.store.runItems.end(org, run, seq, { ...sums, ...how }, at);
  if (ended) await count(deps, attempt, sums, { [how.state]: 1 });
  return ended;
}

/** What all attempts at the item have spent, by its log. */
function spentOn({ logs }: Attempt): Spent {
  const spent = { inputTokens: 0, outputTokens: 0, calls: 0, costNanoUsd: 0 };
  for (const log of logs.values()) {
    spent.inputTokens += log.promptTokens;
    spent.outputTokens += log.completionTokens;
    spent.calls += log.calls;
    spent.costNanoUsd += log.costNanoUsd;
  }
  return spent;
}

/** Adds to the run what is new: an item that was put back or is retried was counted before. */
async function count(
  deps: ActivityDeps,
  { item }: Attempt,
  sums: Spent & { durationMs?: number },
  moved: Record<string, number> = {},
): Promise<void> {
  const news = Object.entries(sums).map(([name, sum]) => [name, sum - item[name as keyof typeof sums]]);
  await deps.countProgress({ org: item.org, runId: item.run }, { ...Object.fromEntries(news), ...moved });
}

/** The item had ended when a died attempt could no longer say so. */
function endedBefore(item: RunItem): ItemResult {
  if (item.state === 'failed' && item.failure !== undefined)
    return { ...failedResult(item.failure, item.attempts), recount: true };
  return { outcome: item.state === 'reused' ? 'reused' : 'done', recount: true };
}

/** Unique over attempts, because each has its number, and short, because there are many. */
function drawIds({ run, seq, begun }: RunItem): () => string {
  const attempt = `${begun.toString(36)}${randomBytes(2).toString('hex')}`;
  let calls = 0;
  return () => {
    calls += 1;
    return `${run}:${seq.toString(36)}.${attempt}.${calls.toString(36)}`;
  };
}

function failedResult(failure: Failure, attempts: number) {
  return { outcome: 'failed', fingerprint: failure.fingerprint, attempts } as const;
}

/** An item that was never started has no results to look for. */
async function earlierResults(deps: ActivityDeps, item: RunItem): Promise<Map<string, GenerationLog>> {
  if (item.startedAt === undefined) return new Map();
  const logs = await deps.store.generationLogs.ofItem(item.org, item.run, item.seq);
  return new Map(logs.map((log) => [log.layer, log]));
}
