import { USUAL_WAIT_MS } from '../../domain/limiter.ts';

/**
 * A wrong header must neither make a busy loop nor close a key for days: it is asked again at least every
 * hour.
 */
const MIN_RETRY_AFTER_MS = 100;
const MAX_RETRY_AFTER_MS = 3_600_000;

/**
 * How long a 429 asks to wait, in milliseconds from 100 ms to one hour: `retry-after-ms`, else
 * `retry-after` as seconds or as an HTTP date, else the latest time at which Anthropic says that one of its
 * limits is full again, else 60 s.
 * @param headers with names in lower case.
 * @param now milliseconds since 1970, to turn a date into a wait.
 */
export function readRetryAfter(headers: Record<string, string | undefined>, now: number): number {
  const waitMs =
    positive(headers['retry-after-ms']) ??
    times1000(positive(headers['retry-after'])) ??
    untilDate(headers['retry-after'], now) ??
    untilReset(headers, now) ??
    USUAL_WAIT_MS;
  return Math.min(MAX_RETRY_AFTER_MS, Math.max(MIN_RETRY_AFTER_MS, Math.ceil(waitMs)));
}

function positive(value: string | undefined): number | undefined {
  const text = value?.trim() ?? '';
  return /^\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

function times1000(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

/** A date that has passed asks for no wait. */
function untilDate(value: string | undefined, now: number): number | undefined {
  const at = /[a-z]/i.test(value ?? '') ? Date.parse(value ?? '') : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** `anthropic-ratelimit-…-reset` of the limits of which nothing is left, as RFC 3339. */
function untilReset(headers: Record<string, string | undefined>, now: number): number | undefined {
  const waits = ['requests', 'tokens', 'input-tokens', 'output-tokens']
    .filter((limit) => headers[`anthropic-ratelimit-${limit}-remaining`]?.trim() === '0')
    .flatMap((limit) => untilDate(headers[`anthropic-ratelimit-${limit}-reset`], now) ?? []);
  return waits.length === 0 ? undefined : Math.max(...waits);
}
