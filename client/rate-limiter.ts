import { setTimeout as sleep } from 'node:timers/promises';
import type { Scope } from '../domain/budgets/scope.ts';
import { AppError } from '../domain/errors.ts';
import type { BudgetClient, BudgetDecision } from './budget-client.ts';
import { isRetryable } from './errors.ts';

export interface RateLimiterOptions {
  client: Pick<BudgetClient, 'check'>;
  scope: Scope;
  /** 1 to 10, 10 is the most urgent; default 5. */
  priority?: number;
  /** Tokens that come back each second while no budget throttles. */
  perSecond: number;
  /** Tokens that may be taken at once after a pause; default those of one second, at least one. */
  burst?: number;
  /** What a budget that blocks means: wait until it no longer does (default), or throw. */
  whenBlocked?: 'wait' | 'throw';
  /** So long a decision counts. */
  checkEveryMs?: number;
  /** So long the last decision counts where Bursar cannot be reached; then takers get its error. */
  trustMs?: number;
  /** For tests: milliseconds, and a wait. */
  now?: () => number;
  wait?: (ms: number, signal?: AbortSignal) => Promise<unknown>;
}

export interface RateLimiter {
  /**
   * Waits for a token, in the order of asking. @returns the decision that let it through
   * @throws BursarError `budget_exceeded` where a budget blocks and `whenBlocked` is `throw`
   */
  take(signal?: AbortSignal): Promise<BudgetDecision>;
}

const CHECK_EVERY_MS = 1_000;
const TRUST_MS = 60_000;

/**
 * A token bucket that budgets turn down: at `throttle` tokens come back at the factor's share of the pace, at
 * `block` none does. Spending is not its business: what is to be exact takes a hold as well.
 */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { perSecond, burst = Math.max(1, perSecond), whenBlocked = 'wait' } = options;
  const { now = Date.now, wait = (ms, signal) => sleep(ms, undefined, signal && { signal }) } = options;
  if (!(perSecond > 0)) throw new RangeError(`perSecond must be above 0, it is ${perSecond}`);
  if (!(burst >= 1)) throw new RangeError(`burst must be at least 1, it is ${burst}`);
  const decide = createDecider(options, now);
  const checkEveryMs = options.checkEveryMs ?? CHECK_EVERY_MS;
  let tokens = burst;
  let filledAt = now();
  let last: Promise<unknown> = Promise.resolve();

  function fill(factor: number): void {
    const at = now();
    tokens = Math.min(burst, tokens + ((at - filledAt) / 1000) * perSecond * factor);
    filledAt = at;
  }

  async function next(signal?: AbortSignal): Promise<BudgetDecision> {
    for (;;) {
      signal?.throwIfAborted();
      const decision = await decide();
      fill(decision.factor);
      if (decision.type === 'block') {
        if (whenBlocked === 'throw') throw new AppError('budget_exceeded', decision.message);
        await wait(checkEveryMs, signal);
      } else if (tokens >= 1) {
        tokens -= 1;
        return decision;
      } else {
        const missing = ((1 - tokens) / (perSecond * decision.factor)) * 1000;
        // Not past the next look: a budget may turn the pace up or down meanwhile.
        await wait(Math.max(1, Math.min(missing, checkEveryMs)), signal);
      }
    }
  }

  return {
    take(signal) {
      const turn = last.then(() => next(signal));
      last = turn.catch(() => {});
      return turn;
    },
  };
}

/** The decision of the moment; an old one for a while where nobody answers. */
function createDecider({ client, scope, priority, ...options }: RateLimiterOptions, now: () => number) {
  const { checkEveryMs = CHECK_EVERY_MS, trustMs = TRUST_MS } = options;
  let known: { decision: BudgetDecision; at: number } | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  return async (): Promise<BudgetDecision> => {
    if (known !== undefined && now() - lookedAt < checkEveryMs) return known.decision;
    try {
      const decision = await client.check({ ...scope, ...(priority !== undefined && { priority }) });
      known = { decision, at: now() };
    } catch (error) {
      if (known === undefined || !isRetryable(error) || now() - known.at > trustMs) throw error;
    }
    lookedAt = now();
    return known.decision;
  };
}
