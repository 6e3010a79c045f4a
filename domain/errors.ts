/**
 * One table of everything that can go wrong and that somebody is told about. `docs/errors.md` lists the same
 * codes; a test holds both equal. HTTP status codes and exit codes belong to `api/` and `cli/`.
 */
export const ERRORS = {
  invalid_input: 'The request or the file is not valid; the details name the field and what would be right.',
  not_authenticated:
    'No API key or token, or one that is not valid; or e-mail address or password are wrong.',
  not_allowed: 'The role or the scope does not allow this.',
  too_many_attempts: 'Too many attempts to sign in have failed.',
  not_found: 'There is nothing of that id in this organization.',
  conflict: 'The request contradicts the present state, or an earlier request with the same Idempotency-Key.',
  too_large: 'The upload is larger than the limit.',
  services_unavailable:
    'A server that Bursar needs (Temporal, MongoDB) could not be found, built or reached.',
  worker_missing: 'No worker answered in time; start one, or look at its log.',
  budget_exceeded: 'A budget has too little left; the details carry its numbers.',
  circuit_open: 'The circuit breaker of a budget is open; the details carry its numbers.',
  price_unknown: 'No price is known for the model, so its cost cannot be held.',
  llm_key_missing: 'The provider needs an API key and none is set.',
  llm_key_rejected: 'The provider did not accept the API key.',
  llm_model_unknown: 'The provider does not know the model.',
  llm_rate_limited: 'The provider asks to wait.',
  llm_unavailable: 'The provider could not be reached, timed out, or answered with a server error.',
  llm_bad_request: 'The provider refused the request as malformed or too long.',
  llm_refused: 'The model declined to answer.',
  llm_output_invalid: 'The answer did not pass the checks, and one repair did not help.',
  item_crashed: 'The process died three times while it worked on this object.',
  unexpected: 'A bug in Bursar; the log has the details under the request id.',
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** Errors that make no sense to repeat for other items either: the run ends at once. */
const FATAL: ReadonlySet<ErrorCode> = new Set([
  'price_unknown',
  'llm_key_missing',
  'llm_key_rejected',
  'llm_model_unknown',
]);

/** Errors that may go away by themselves, so the same item is tried again. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set(['llm_unavailable', 'services_unavailable']);

/** The period of a budget that refuses, as it was then. Amounts in USD. */
export interface BudgetNumbers {
  budgetId: string;
  budgetName: string;
  /** With what was rolled over and raised. */
  amountUsd: number;
  committedUsd: number;
  spentUsd: number;
  leftUsd: number;
  /** What was asked for. */
  neededUsd: number;
  /** When the period ends, or the breaker lets a probe through. */
  until: string;
}

export interface ErrorDetail extends Partial<BudgetNumbers> {
  /** Path of the field, e.g. `options.maxRetries`, or of the file. */
  field?: string;
  problem: string;
}

export interface AppErrorOptions {
  cause?: unknown;
  details?: ErrorDetail[];
  /** For `llm_rate_limited` and `too_many_attempts`: how long to wait. */
  retryAfterMs?: number;
}

/**
 * The one error class. `publicMessage` may be shown to anybody in the organization: no key, prompt or
 * document text.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly publicMessage: string;
  readonly details: ErrorDetail[];
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, publicMessage: string, options: AppErrorOptions = {}) {
    super(`${code}: ${publicMessage}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.publicMessage = publicMessage;
    this.details = options.details ?? [];
    this.retryAfterMs = options.retryAfterMs;
  }

  get fatal(): boolean {
    return FATAL.has(this.code);
  }

  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}

/** Bad input with the field that is wrong. */
export function invalidInput(message: string, details: ErrorDetail[] = []): AppError {
  return new AppError('invalid_input', message, { details });
}

/** Any thrown thing as an AppError; what is not one becomes `unexpected` with the original as its cause. */
export function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return new AppError('unexpected', 'Something went wrong inside Bursar.', { cause: thrown });
}
