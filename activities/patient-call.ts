import { setTimeout as sleep } from 'node:timers/promises';
import { asAppError } from '../domain/errors.ts';
import { USUAL_WAIT_MS } from '../domain/limiter.ts';
import type { Usage } from '../domain/money.ts';
import { LATER_AFTER_MS } from '../domain/run.ts';
import { Blocked } from './hold-book.ts';
import { type ActivityDeps, modelsOf } from './index.ts';
import { type Ask, paidCall } from './paid-call.ts';
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
 * Makes a call with the model that it is for, or with the next one of the run where that one is down or its
 * budgets have nothing left. `askOf` makes the call for a model.
 * @throws Blocked, where budgets stop the only model that is left; Later; what the last model throws.
 */
export async function callAnyModel<Result extends { usage: Usage }>(
  deps: ActivityDeps,
  attempt: Attempt,
  wanted: string,
  askOf: (model: string) => Ask<Result>,
): Promise<Result> {
  const { options } = attempt.context;
  const models = wanted === options.model ? modelsOf(options) : [wanted];
  const standing = models.filter((model) => !deps.downModels.isDown(model));
  let blocked: Blocked | undefined;
  for (const model of standing.length > 0 ? standing : models) {
    const isLast = model === models.at(-1);
    try {
      return await callPatiently(deps, attempt, askOf(model));
    } catch (thrown) {
      const down = models.length > 1 && asAppError(thrown).code === 'llm_unavailable';
      if (down) deps.downModels.add(model);
      if (attempt.signal.aborted) throw thrown;
      if (thrown instanceof Blocked) blocked ??= thrown;
      else if (!down || isLast) throw thrown;
    }
  }
  throw blocked ?? new Error(`no model was left for ${wanted}`);
}

/** Waits in the slot while the provider asks for little patience; longer waits are thrown as Later. */
async function callPatiently<Result extends { usage: Usage }>(
  deps: ActivityDeps,
  attempt: Attempt,
  ask: Ask<Result>,
): Promise<Result> {
  let waitedMs = 0;
  for (;;) {
    try {
      return await paidCall(deps, attempt, ask);
    } catch (thrown) {
      const error = asAppError(thrown);
      if (error.code !== 'llm_rate_limited') throw thrown;
      const waitMs = Math.max(1, error.retryAfterMs ?? USUAL_WAIT_MS);
      const until = new Date(deps.now().getTime() + waitMs);
      const tooLong = waitMs > LATER_AFTER_MS || waitedMs + waitMs > WAITS_LIMIT_MS;
      if (tooLong || attempt.watch.pauseRequested()) throw new Later(until);
      waitedMs += waitMs;
      await sleep(waitMs, undefined, { signal: attempt.signal });
    }
  }
}
