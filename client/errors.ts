import { AppError, type ErrorCode } from '../domain/errors.ts';

/** What may go away by itself within seconds or minutes: the same request may be sent again. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  'services_unavailable',
  'worker_missing',
  'llm_unavailable',
  'llm_rate_limited',
]);
/** What goes away when there is money again: nobody knows when, and asking at once is of no use. */
const WAITS_FOR_MONEY: ReadonlySet<ErrorCode> = new Set(['budget_exceeded', 'circuit_open']);

/** The code of an error of Bursar (docs/errors.md); `unexpected` of any other. */
export function errorCode(error: unknown): ErrorCode {
  return error instanceof AppError ? error.code : 'unexpected';
}

/** Whether the same request may succeed soon. */
export function isRetryable(error: unknown): boolean {
  return RETRYABLE.has(errorCode(error));
}

/**
 * Whether the same request will never succeed. Neither this nor retryable are `budget_exceeded` and
 * `circuit_open`: such work waits until a budget is raised, reset or freed.
 */
export function isPermanent(error: unknown): boolean {
  return !isRetryable(error) && !WAITS_FOR_MONEY.has(errorCode(error));
}
