import { AppError } from './errors.ts';
import type { Usage } from './money.ts';

/** What is known of a call that gave no usable answer. */
export interface FailedCallFacts {
  /** HTTP status of the answer, where there was one. */
  status?: number | undefined;
  /** The provider's or the network's short code. */
  providerCode?: string | undefined;
  usage?: Usage | undefined;
}

/** What is known of the provider's failure behind an error; undefined where no provider was asked. */
export function failureBehind(error: unknown): FailedCallFacts | undefined {
  return error instanceof AppError ? (error.cause as FailedCallFacts | undefined) : undefined;
}

/** What the provider will charge for a failed call: this usage, nothing, or nobody knows. */
export type Billing = { billed: Usage } | 'unbilled' | 'unknown';

/** The request never left, or met nobody. */
const NEVER_ARRIVED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * What a failed call is billed. Providers charge for answers: a refusal by status is free. A call that was
 * aborted, timed out or broke off may have been answered: it is counted at its worst, never silently as zero.
 * @param failure undefined where no request was made (no key, a key that is closed after a 429).
 */
export function billingOf(failure: FailedCallFacts | undefined, aborted: boolean): Billing {
  if (failure?.usage !== undefined) return { billed: failure.usage };
  if (failure === undefined) return aborted ? 'unknown' : 'unbilled';
  if (failure.status !== undefined) return failure.status >= 300 ? 'unbilled' : 'unknown';
  return NEVER_ARRIVED.has(failure.providerCode ?? '') ? 'unbilled' : 'unknown';
}
