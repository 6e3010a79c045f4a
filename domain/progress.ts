import type { Band } from './run.ts';

/** How many items ended in a stretch of time; a run keeps the last `MAX_SAMPLES` of them. */
export interface RateSample {
  /** Milliseconds since 1970, when the stretch ended. */
  at: number;
  items: number;
}

export const MAX_SAMPLES = 120;
/** Only what happened in this stretch before the newest sample counts as the present rate. */
const RATE_WINDOW_MS = 60_000;

export interface Counters {
  total: number;
  done: number;
  failed: number;
  reused: number;
  inputTokens: number;
  outputTokens: number;
  /** Calls of a model. */
  calls: number;
  costNanoUsd: number;
  /** Sum over the items that ended, for the average. */
  durationMs: number;
}

export const NO_PROGRESS: Counters = {
  total: 0,
  done: 0,
  failed: 0,
  reused: 0,
  inputTokens: 0,
  outputTokens: 0,
  calls: 0,
  costNanoUsd: 0,
  durationMs: 0,
};

/**
 * (processed + failed) / total in percent with one decimal; 100 only when everything has ended, and 0 as long
 * as nothing is planned.
 */
export function percentOf(counters: Pick<Counters, 'total' | 'done' | 'reused' | 'failed'>): number {
  const ended = counters.done + counters.reused + counters.failed;
  if (counters.total === 0) return 0;
  if (ended >= counters.total) return 100;
  return Math.min(99.9, Math.floor((ended / counters.total) * 1000) / 10);
}

/** Share of the ended items that did not fail, 0 to 1; 1 where none has ended. */
export function successRate(counters: Counters): number {
  const good = counters.done + counters.reused;
  const ended = good + counters.failed;
  return ended === 0 ? 1 : good / ended;
}

/** Average milliseconds per item that was worked on (reused ones cost no time); 0 where there is none. */
export function averageItemMs(counters: Counters): number {
  const worked = counters.done + counters.failed;
  return worked === 0 ? 0 : Math.round(counters.durationMs / worked);
}

/**
 * Items per second lately, and the seconds left as a band. The p90 takes the rate down by 1.28 standard
 * errors of the samples' rates (a normal approximation), and by a tenth at least, for a steady past is no
 * promise. `startedAt` bounds the first sample's stretch (milliseconds since 1970).
 */
export function rateAndEta(
  samples: RateSample[],
  remaining: number,
  startedAt: number,
): { itemsPerSecond: number; etaSeconds: Band | null } {
  const newest = samples.at(-1);
  if (newest === undefined)
    return { itemsPerSecond: 0, etaSeconds: remaining === 0 ? { p50: 0, p90: 0 } : null };
  const recent = samples.filter((sample) => sample.at > newest.at - RATE_WINDOW_MS);
  const before = samples[samples.length - recent.length - 1]?.at ?? startedAt;
  const seconds = Math.max(0.001, (newest.at - Math.max(before, newest.at - RATE_WINDOW_MS)) / 1000);
  const items = recent.reduce((sum, sample) => sum + sample.items, 0);
  const rate = items / seconds;
  if (rate === 0 || remaining === 0)
    return { itemsPerSecond: round3(rate), etaSeconds: remaining === 0 ? { p50: 0, p90: 0 } : null };
  const slowRate = Math.max(rate * 0.2, rate - Math.max(rate * 0.1, 1.28 * standardError(recent, seconds)));
  return {
    itemsPerSecond: round3(rate),
    etaSeconds: { p50: Math.ceil(remaining / rate), p90: Math.ceil(remaining / slowRate) },
  };
}

/**
 * Standard error of the mean rate: the samples are counts of a stretch each, all stretches about equally
 * long.
 */
function standardError(samples: RateSample[], seconds: number): number {
  if (samples.length < 2) return 0;
  const mean = samples.reduce((sum, sample) => sum + sample.items, 0) / samples.length;
  const variance =
    samples.reduce((sum, sample) => sum + (sample.items - mean) ** 2, 0) / (samples.length - 1);
  const stretchSeconds = seconds / samples.length;
  return Math.sqrt(variance / samples.length) / stretchSeconds;
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
