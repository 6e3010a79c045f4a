import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, asAppError, type ErrorCode } from '../domain/errors.ts';
import type { GenerateRequest, GenerateResult } from '../domain/llm.ts';
import { costOfUsage, type Usage } from '../domain/money.ts';
import { LATER_AFTER_MS } from '../domain/run.ts';
import type { ProviderFailure } from '../gateways/llm/provider-failure.ts';
import { knownPrice } from '../kinds/estimate.ts';
import type { Step } from '../kinds/kind.ts';
import type { GenerationLog } from '../store/generation-logs.ts';
import { toAppError, toFailure } from './failures.ts';
import type { ActivityDeps } from './index.ts';
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
 * to wait.
 */
export async function generateStep(
  deps: ActivityDeps,
  attempt: Attempt,
  step: Step,
  done: ReadonlyMap<string, string>,
): Promise<string> {
  const request = step.request(done);
  const spending = startSpending(deps, attempt, step.name);
  const ask = async (asked: GenerateRequest): Promise<{ text: string; problems: string[] }> => {
    try {
      const { text } = await spending.call(asked);
      return { text, problems: step.check(text) };
    } catch (thrown) {
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
    if (thrown instanceof Later || attempt.signal.aborted) throw thrown;
    const error = toAppError(thrown);
    // Without the database nothing can be stored, and the step has not failed.
    if (error.code !== 'services_unavailable') await spending.storeFailure(error);
    throw thrown;
  }
}

/** What one more attempt may mend: a refusal, and an answer that is empty, malformed or cut off. */
const REPAIRABLE: ReadonlySet<ErrorCode> = new Set(['llm_refused', 'llm_output_invalid']);

/** Adds up what the calls of one step cost, on top of what failed attempts before have spent on it. */
function startSpending(deps: ActivityDeps, attempt: Attempt, layer: string) {
  const { item, context } = attempt;
  const price = knownPrice(deps, context.options.model);
  const startedAt = deps.now().getTime();
  const before = attempt.logs.get(layer);
  const row: Omit<GenerationLog, '_id' | 'status' | 'at'> = {
    org: item.org,
    run: item.run,
    seq: item.seq,
    object: item.name,
    layer,
    model: context.options.model,
    promptTokens: before?.promptTokens ?? 0,
    completionTokens: before?.completionTokens ?? 0,
    cachedTokens: before?.cachedTokens ?? 0,
    reasoningTokens: before?.reasoningTokens ?? 0,
    calls: before?.calls ?? 0,
    durationMs: before?.durationMs ?? 0,
    costNanoUsd: before?.costNanoUsd ?? 0,
  };
  async function save(status: Pick<GenerationLog, 'status' | 'output' | 'error'>): Promise<GenerationLog> {
    const at = deps.now();
    const durationMs = row.durationMs + at.getTime() - startedAt;
    const stored = await deps.store.generationLogs.store({ ...row, durationMs, ...status, at });
    attempt.logs.set(layer, stored);
    return stored;
  }
  function add(usage: Usage): void {
    row.calls += 1;
    row.promptTokens += usage.inputTokens;
    row.completionTokens += usage.outputTokens;
    row.cachedTokens += usage.cachedReadTokens ?? 0;
    row.reasoningTokens += usage.reasoningTokens ?? 0;
    row.costNanoUsd += costOfUsage(usage, price);
  }
  return {
    async call(request: GenerateRequest): Promise<GenerateResult> {
      try {
        const result = await callPatiently(deps, attempt, request);
        add(result.usage);
        if (result.requestId !== undefined) row.requestId = result.requestId;
        return result;
      } catch (thrown) {
        const billed = billedUsage(thrown);
        if (billed !== undefined) add(billed);
        throw thrown;
      }
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

/** What was billed for an answer that cannot be used. */
function billedUsage(thrown: unknown): Usage | undefined {
  if (!(thrown instanceof AppError)) return undefined;
  return (thrown.cause as Partial<ProviderFailure> | undefined)?.usage;
}

/** Waits in the slot while the provider asks for little patience; longer waits are thrown as Later. */
async function callPatiently(
  deps: ActivityDeps,
  attempt: Attempt,
  request: GenerateRequest,
): Promise<GenerateResult> {
  let waitedMs = 0;
  for (;;) {
    try {
      return await deps.model.generate(request, attempt.signal);
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
