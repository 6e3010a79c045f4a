/** How many calls of one model may be under way at a time, as providers have let us. */

/** Where nothing is known yet. */
export const FIRST_CONCURRENCY = 16;
export const MOST_CONCURRENCY = 256;
/** After the first refusal of a burst this share of the calls may be under way. */
export const CUT = 0.75;
/** So many answers in a row let one more call be under way. */
export const ANSWERS_FOR_ONE_MORE = 25;
/** Limits of providers are per minute. */
export const WINDOW_MS = 60_000;

/** Where a provider refuses and says nothing usable about when to come back. */
export const USUAL_WAIT_MS = 60_000;

/** What a provider has said, or an admin has set, of one model. */
export interface RateLimits {
  requestsPerMinute?: number;
  tokensPerMinute?: number;
}

/** Whose calls are limited together. */
export interface LimitedKey {
  org: string;
  provider: string;
  /** `provider/model`. */
  model: string;
}

/** A place for one call; or until when there is none (milliseconds since 1970); or all places are taken. */
export type Reservation = 'granted' | { until: number } | 'busy';

/** How one call ended. `refused`: 429, with when to come back (milliseconds since 1970). */
export type CallEnd = { tokens: number; limits?: RateLimits } | { refusedUntil: number } | 'failed';

/** The limits of all workers of an installation. */
export interface SharedLimits {
  /** Sets a place aside for a call with so many tokens, for at most the lease. */
  reserve(
    key: LimitedKey,
    call: { id: string; tokens: number; at: Date; leaseMs: number },
  ): Promise<Reservation>;
  /** Gives the place back, and learns from how the call ended. */
  finish(
    key: LimitedKey,
    call: { id: string; tokens: number; startedAt: Date; at: Date },
    end: CallEnd,
  ): Promise<void>;
}
