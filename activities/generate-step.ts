import { AppError, asAppError, type ErrorCode } from '../domain/errors.ts';
import type { GenerateRequest } from '../domain/llm.ts';
import { vectorToText } from '../domain/vector.ts';
import { promptTokens } from '../kinds/estimate.ts';
import type { EmbedStep, Step } from '../kinds/kind.ts';
import { toAppError } from './failures.ts';
import { Blocked } from './hold-book.ts';
import type { ActivityDeps } from './index.ts';
import { Later } from './patient-call.ts';
import type { Attempt } from './process-item.ts';
import { startSpending } from './spending.ts';

/** What one more attempt may mend: a refusal, and an answer that is empty, malformed or cut off. */
const REPAIRABLE: ReadonlySet<ErrorCode> = new Set(['llm_refused', 'llm_output_invalid']);

/**
 * Carries out one step and stores the result.
 * @returns the accepted text, or the vector as text; that of another attempt where it was faster.
 * @throws AppError with the failure's code, after a row that says so is stored; Later where the provider asks
 * to wait; Blocked where a budget says no.
 */
export async function generateStep(
  deps: ActivityDeps,
  attempt: Attempt,
  step: Step | EmbedStep,
  done: ReadonlyMap<string, string>,
): Promise<string> {
  return 'embed' in step ? embed(deps, attempt, step, done) : generate(deps, attempt, step, done);
}

/** With one repair where the answer does not pass the checks. */
async function generate(
  deps: ActivityDeps,
  attempt: Attempt,
  step: Step,
  done: ReadonlyMap<string, string>,
): Promise<string> {
  const request = step.request(done);
  const spending = startSpending(deps, attempt, { ...step, model: request.model });
  const callOf = (asked: GenerateRequest) => (model: string) => ({
    inputTokens: promptTokens(deps, { ...asked, model }),
    maxOutputTokens: asked.maxOutputTokens,
    call: (paidBy: { org: string; callId: string }) =>
      deps.model.generate({ ...asked, ...paidBy, model }, attempt.signal),
  });
  const ask = async (asked: GenerateRequest): Promise<{ text: string; problems: string[] }> => {
    try {
      const { text } = await spending.call(callOf(asked));
      return { text, problems: step.check(text) };
    } catch (thrown) {
      if (thrown instanceof Blocked) throw thrown;
      const error = asAppError(thrown);
      if (!REPAIRABLE.has(error.code)) throw thrown;
      return { text: '', problems: [error.publicMessage] };
    }
  };
  return storingFailures(attempt, spending, async () => {
    let answer = await ask(request);
    if (answer.problems.length > 0) {
      const instruction = `${request.instruction}\n\n${step.repair(answer.problems)}`;
      answer = await ask({ ...request, instruction });
    }
    if (answer.problems.length === 0) return spending.store(answer.text);
    const message = `the answer for ${step.name} was not accepted: ${answer.problems[0]}`;
    throw new AppError('llm_output_invalid', message);
  });
}

async function embed(
  deps: ActivityDeps,
  attempt: Attempt,
  step: EmbedStep,
  done: ReadonlyMap<string, string>,
): Promise<string> {
  const request = step.embed(done);
  const spending = startSpending(deps, attempt, { name: step.name, model: request.model });
  return storingFailures(attempt, spending, async () => {
    const { vector } = await spending.call((model) => ({
      inputTokens: deps.countTokens(model, request.text),
      maxOutputTokens: 0,
      call: (paidBy) => deps.model.embed({ ...request, ...paidBy, model }, attempt.signal),
    }));
    return spending.store(vectorToText(vector));
  });
}

async function storingFailures(
  attempt: Attempt,
  spending: ReturnType<typeof startSpending>,
  work: () => Promise<string>,
): Promise<string> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof Later || thrown instanceof Blocked || attempt.signal.aborted) throw thrown;
    const error = toAppError(thrown);
    // Without the database nothing can be stored, and the step has not failed.
    if (error.code !== 'services_unavailable') await spending.storeFailure(error);
    throw thrown;
  }
}
