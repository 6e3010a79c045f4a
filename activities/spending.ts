import type { AppError } from '../domain/errors.ts';
import type { Usage } from '../domain/money.ts';
import type { GenerationLog } from '../store/generation-logs.ts';
import { toFailure } from './failures.ts';
import type { ActivityDeps } from './index.ts';
import type { Ask, PaidCall } from './paid-call.ts';
import { callAnyModel } from './patient-call.ts';
import type { Attempt } from './process-item.ts';

interface SpentOn {
  name: string;
  model: string;
  expectedOutputTokens?: number;
}

/** A call as the step knows it: what goes to which model. */
type StepCall<Result extends { usage: Usage }> = Pick<
  Ask<Result>,
  'inputTokens' | 'maxOutputTokens' | 'call'
>;

/** Adds up what the calls of one step cost, on top of what failed attempts before have spent on it. */
export function startSpending(deps: ActivityDeps, attempt: Attempt, step: SpentOn) {
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
  function onBilled(model: string, { draw, usage, costNanoUsd, settled }: PaidCall): void {
    settling.push(settled);
    row.model = model;
    row.draw = { id: draw, costNanoUsd, usage };
    row.calls += 1;
    row.promptTokens += usage.inputTokens;
    row.completionTokens += usage.outputTokens;
    row.cachedTokens += usage.cachedReadTokens ?? 0;
    row.reasoningTokens += usage.reasoningTokens ?? 0;
    row.costNanoUsd += costNanoUsd;
  }
  return {
    /** `callOf` makes the call for the model that it turns out to go to. */
    async call<Result extends { usage: Usage; requestId?: string }>(
      callOf: (model: string) => StepCall<Result>,
    ): Promise<Result> {
      const result = await callAnyModel(deps, attempt, step.model, (model) => ({
        step: step.name,
        model,
        ...callOf(model),
        onBilled: (call) => onBilled(model, call),
      }));
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

function newRow({ item, logs }: Attempt, step: SpentOn): Omit<GenerationLog, '_id' | 'status' | 'at'> {
  const before = logs.get(step.name);
  return {
    org: item.org,
    run: item.run,
    seq: item.seq,
    object: item.name,
    layer: step.name,
    model: step.model,
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
