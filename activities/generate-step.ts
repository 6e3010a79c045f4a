import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, asAppError, type ErrorCode } from '../domain/errors.ts';
import type { GenerateRequest, GenerateResult } from '../domain/llm.ts';
import { LATER_AFTER_MS } from '../domain/run.ts';
import type { Step } from '../kinds/kind.ts';
import type { GenerationLog } from '../store/generation-logs.ts';
import { toAppError, toFailure } from './failures.ts';
import { Blocked } from './hold-book.ts';
import type { ActivityDeps } from './index.ts';
import { type PaidCall, type PaidCallOptions, paidCall } from './paid-call.ts';
import type { Attempt } from './process-item.ts';

/** Thrown where an item must wait longer than it may occupy its slot. */
export class Later extends Error {
  readonly at: Date;
  constructor(at: Date) {
    super(`later, at ${at.toISOString()}`);
    this.at = at;
  }
}

/** How long one step may wait in its slot altogether before it gives the slot away. */
const WAITS_LIMIT_MS = 30_000;

/**
 * Generates one step, with one repair where the answer does not pass the checks, and stores the result.
 * @returns the accepted text; that of another attempt where it was faster.
 * @throws AppError with the failure's code, after a row that says so is stored; Later where the provider asks
 * to wait; Blocked where a budget says no.
 */
export async function generateStep(
  deps: ActivityDeps,
  attempt: Attempt,
  step: Step,
  done: ReadonlyMap<string, string>,
): Promise<string> {
  const request = step.request(done);
  const spending = await startSpending(deps, attempt, step);
  const ask = async (asked: GenerateRequest): Promise<{ text: string; problems: string[] }> => {
    try {
      const { text } = await spending.call(asked);
      return { text, problems: step.check(text) };
    } catch (thrown) {
      if (thrown instanceof Blocked) throw thrown;
      const error = asAppError(thrown);
      if (!REPAIRABLE.has(error.code)) throw thrown;
      return { text: '', problems: [error.publicMessage] };
    }
  };
  try {
    let answer = await ask(request);
    if (answer.problems.length > 0) {
      const instruction = `${request.instruction}\n\n${step.repair(answer.problems)}`;
      answer = await ask({ ...request, instruction });
    }
    if (answer.problems.length === 0) return await spending.store(answer.text);
    const message = `the answer for ${step.name} was not accepted: ${answer.problems[0]}`;
    throw new AppError('llm_output_invalid', message);
  } catch (thrown) {
    if (thrown instanceof Later || thrown instanceof Blocked || attempt.signal.aborted) throw thrown;
    const error = toAppError(thrown);
    // Without the database nothing can be stored, and the step has not failed.
    if (error.code !== 'services_unavailable') await spending.storeFailure(error);
    throw thrown;
  }
}

/** What one more attempt may mend: a refusal, and an answer that is empty, malformed or cut off. */
const REPAIRABLE: ReadonlySet<ErrorCode> = new Set(['llm_refused', 'llm_output_invalid']);

/** Adds up what the calls of one step cost, on top of what failed attempts before have spent on it. */
function startSpending(deps: ActivityDeps, attempt: Attempt, step: Step) {
  const startedAt = deps.now().getTime();
  const row = newRow(attempt, step);
  const settling: Promise<void>[] = [];
  async function save(status: Pick<GenerationLog, 'status' | 'output' | 'error'>): Promise<GenerationLog> {
    const at = deps.now();
    const durationMs = row.durationMs + at.getTime() - startedAt;
    const saving = deps.store.generationLogs.store({ ...row, durationMs, ...status, at });
    const [stored] = await Promise.all([saving, ...settling]);
    attempt.logs.set(step.name, stored);
    return stored;
  }
  function onBilled({ draw, usage, costNanoUsd, settled }: PaidCall): void {
    settling.push(settled);
    row.draw = { id: draw, costNanoUsd, usage };
    row.calls += 1;
    row.promptTokens += usage.inputTokens;
    row.completionTokens += usage.outputTokens;
    row.cachedTokens += usage.cachedReadTokens ?? 0;
    row.reasoningTokens += usage.reasoningTokens ?? 0;
    row.costNanoUsd += costNanoUsd;
  }
  return {
    async call(request: GenerateRequest): Promise<GenerateResult> {
      const result = await callPatiently(deps, attempt, { step: step.name, request, onBilled });
      if (result.requestId !== undefined) row.requestId = result.requestId;
      return result;
    },
    async store(output: string): Promise<string> {
      const stored = await save({ status: 'done', output });
      return stored.output ?? output;
    },
    async storeFailure(error: AppError): Promise<void> {
      await save({ status: 'failed', error: toFailure(error) });
    },
  };
}

function newRow({ item, context, logs }: Attempt, step: Step): Omit<GenerationLog, '_id' | 'status' | 'at'> {
  const before = logs.get(step.name);
  return {
    org: item.org,
    run: item.run,
    seq: item.seq,
    object: item.name,
    layer: step.name,
    model: context.options.model,
    promptTokens: before?.promptTokens ?? 0,
    completionTokens: before?.completionTokens ?? 0,
    cachedTokens: before?.cachedTokens ?? 0,
    reasoningTokens: before?.reasoningTokens ?? 0,
    calls: before?.calls ?? 0,
    durationMs: before?.durationMs ?? 0,
    costNanoUsd: before?.costNanoUsd ?? 0,
    ...(step.expectedOutputTokens !== undefined && { expectedTokens: step.expectedOutputTokens }),
  };
}

/** Waits in the slot while the provider asks for little patience; longer waits are thrown as Later. */
async function callPatiently(
  deps: ActivityDeps,
  attempt: Attempt,
  options: PaidCallOptions,
): Promise<GenerateResult> {
  let waitedMs = 0;
  for (;;) {
    try {
      return await paidCall(deps, attempt, options);
    } catch (thrown) {
      const error = asAppError(thrown);
      if (error.code !== 'llm_rate_limited') throw thrown;
      const waitMs = Math.max(1, error.retryAfterMs ?? 60_000);
      const until = new Date(deps.now().getTime() + waitMs);
      const tooLong = waitMs > LATER_AFTER_MS || waitedMs + waitMs > WAITS_LIMIT_MS;
      if (tooLong || attempt.watch.pauseRequested()) throw new Later(until);
      waitedMs += waitMs;
      await sleep(waitMs, undefined, { signal: attempt.signal });
    }
  }
}
