import type { Scope } from '../domain/budgets/scope.ts';
import type { Usage } from '../domain/money.ts';
import { createFetch } from './fetch.ts';

export interface BudgetClientOptions {
  /** Of the API, e.g. `http://127.0.0.1:3000`. */
  url: string;
  /** Of the role operator, to hold and report; viewers may check. */
  apiKey: string;
  /** For one request. */
  timeoutMs?: number;
  /** Ends all that is under way. */
  signal?: AbortSignal;
}

/** What budgets say to work of a scope. Money in USD. */
export interface BudgetDecision {
  type: 'allow' | 'warn' | 'throttle' | 'block';
  /** The share of the usual pace that may go on: 1, less while throttled, 0 while blocked. */
  factor: number;
  message: string;
  budgetId: string | null;
  currentSpendUsd: number;
  budgetAmountUsd: number | null;
  utilization: number;
}

/** Money set aside. */
export interface Hold {
  id: string;
  amountUsd: number;
  leftUsd: number;
  state: 'open' | 'stale' | 'closed';
  expiresAt: string;
}

export interface NewHold {
  scope: Scope;
  amountUsd: number;
  /** Default an hour, at most a week. */
  ttlSeconds?: number;
  /** 1 to 10, 10 is the most urgent; default 5. */
  priority?: number;
  /** The same key brings the same hold. */
  idempotencyKey?: string;
}

/** A cost as it came true. */
export interface Cost {
  costUsd: number;
  /** The same id under the same hold is the same cost: a report may be sent again. */
  id?: string;
  usage?: Usage;
  step?: string;
}

export type BudgetClient = ReturnType<typeof createBudgetClient>;

const TIMEOUT_MS = 10_000;

/**
 * Budgets of Bursar for other systems. Errors are `BursarError`s: see `errorCode`, `isRetryable`,
 * `isPermanent`.
 */
export function createBudgetClient({ url, apiKey, timeoutMs = TIMEOUT_MS, signal }: BudgetClientOptions) {
  const base = `${url.replace(/\/+$/, '')}/api/v1`;
  const request = createFetch(url, signal ?? new AbortController().signal);

  async function send<Answer>(method: string, path: string, body?: object, headers = {}): Promise<Answer> {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const init = { method, headers: { 'x-api-key': apiKey, ...json, ...headers } };
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await request(`${base}${path}`, { ...init, ...content }, timeoutMs);
    return (await answer.json()) as Answer;
  }
  const holdPath = (id: string) => `/holds/${encodeURIComponent(id)}`;

  return {
    /** Whether work may go on, by counters at most a second old. It advises; a hold is the exact form. */
    check: (work: Scope & { priority?: number } = {}) => send<BudgetDecision>('POST', '/budgets/check', work),
    /** Sets money aside. @throws BursarError `budget_exceeded` with the budget's numbers in `details`. */
    hold: ({ idempotencyKey, ...hold }: NewHold) =>
      send<Hold>('POST', '/holds', hold, idempotencyKey && { 'idempotency-key': idempotencyKey }),
    /** Settles a cost against a hold. @returns the hold as it is then */
    async report(holdId: string, cost: Cost): Promise<Hold> {
      return (await send<{ hold: Hold }>('POST', `${holdPath(holdId)}/entries`, cost)).hold;
    },
    /** Gives back what is left. Repeatable. */
    release: (holdId: string) => send<Hold>('DELETE', holdPath(holdId)),
  };
}
