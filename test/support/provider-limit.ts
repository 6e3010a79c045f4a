import type { ProviderFault } from './provider-wire.ts';

/** What a provider lets through: so many requests in each window of time, then 429 until its end. */
export interface ProviderLimit {
  requests: number;
  windowMs: number;
}

/** What came of it. */
export interface LimitFigures {
  admitted: number;
  refused: number;
  /** Requests that came although an answer had told to wait, and that answer was there before. */
  whileClosed: number;
  /** Windows in which a request was refused. */
  bursts: number;
  /** Of windows that are over, from the first request on: admitted by all that could have been. */
  usedShare: number | null;
}

/**
 * So long after a refusal all callers must know of it. What has its place by then may still be on its way, on
 * a busy machine for more than 100 ms; who does not wait asks until the window ends.
 */
const ROUND_TRIP_MS = 300;

/** Counts requests by windows that begin with the first one, as a rate limit of a provider does. */
export function createProviderLimit() {
  let limit: ProviderLimit | undefined;
  let startedAt: number | undefined;
  let lastAt = 0;
  const admitted = new Map<number, number>();
  const refusedAt = new Map<number, number>();
  let [refused, whileClosed] = [0, 0];

  return {
    set(given: ProviderLimit | undefined): void {
      limit = given;
      startedAt = undefined;
      admitted.clear();
      refusedAt.clear();
      [refused, whileClosed] = [0, 0];
    },
    /** The fault that the next request meets, if any. */
    next(): ProviderFault | undefined {
      if (limit === undefined) return undefined;
      const now = performance.now();
      startedAt ??= now;
      lastAt = now;
      const window = Math.floor((now - startedAt) / limit.windowMs);
      const firstRefusal = refusedAt.get(window);
      if (firstRefusal !== undefined && now > firstRefusal + ROUND_TRIP_MS) whileClosed += 1;
      const count = admitted.get(window) ?? 0;
      if (count < limit.requests) {
        admitted.set(window, count + 1);
        return undefined;
      }
      refused += 1;
      if (firstRefusal === undefined) refusedAt.set(window, now);
      const waitMs = Math.ceil(startedAt + (window + 1) * limit.windowMs - now);
      return { status: 429, code: 'rate_limit_exceeded', headers: { 'retry-after-ms': String(waitMs) } };
    },
    figures(): LimitFigures {
      const counts = [...admitted.values()];
      const sum = counts.reduce((total, count) => total + count, 0);
      const over = limit === undefined ? 0 : Math.floor((lastAt - (startedAt ?? lastAt)) / limit.windowMs);
      const inThem = [...admitted].reduce((total, [at, count]) => total + (at < over ? count : 0), 0);
      const usedShare = limit === undefined || over === 0 ? null : inThem / (over * limit.requests);
      return { admitted: sum, refused, whileClosed, bursts: refusedAt.size, usedShare };
    },
  };
}
