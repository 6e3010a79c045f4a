import { lineThrough, withPattern } from './pattern.ts';
import type { Prepared } from './prepare.ts';
import { DAMPING, smooth, smoothWithTrend } from './smoothing.ts';
import { meanOf } from './statistics.ts';

/** The next `horizon` days of a history. Never NaN, whatever the history; an empty one is zeros. */
type Method = (prepared: Prepared, horizon: number) => number[];

const METHODS = {
  /** The mean of the last seven days, or of whatever length a week has. */
  mean7: ({ history, season }, horizon) => new Array<number>(horizon).fill(meanOf(history.slice(-season))),
  /** As a week before. */
  seasonal_naive: ({ history, season }, horizon) =>
    Array.from({ length: horizon }, (_, at) => history.at((at % season) - season) ?? history.at(-1) ?? 0),
  /** A straight line through the last days, bent by the week. */
  trend_weekday: (prepared, horizon) => {
    const { start, slope } = lineThrough(prepared.levels);
    return throughWeek(prepared, horizon, (step) => start + slope * (prepared.levels.length + step));
  },
  /** Simple exponential smoothing of the series without its week. */
  smoothing: (prepared, horizon) => {
    const { level } = smooth(prepared.levels);
    return throughWeek(prepared, horizon, () => level);
  },
  /**
   * Smoothing, and half of the trend (Assimakopoulos, Nikolopoulos 2000; as smoothing with drift: Hyndman,
   * Billah 2003).
   */
  theta: (prepared, horizon) => {
    const { level, alpha } = smooth(prepared.levels);
    const drift = lineThrough(prepared.levels).slope / 2;
    const lag = (1 - (1 - alpha) ** prepared.levels.length) / alpha;
    return throughWeek(prepared, horizon, (step) => level + drift * (step + lag));
  },
  /** Smoothing with a trend that fades. */
  damped_trend: (prepared, horizon) => {
    const { level, slope } = smoothWithTrend(prepared.levels);
    // DAMPING + DAMPING² + …, one more term a day.
    const grown = (step: number) => (slope * DAMPING * (1 - DAMPING ** (step + 1))) / (1 - DAMPING);
    return throughWeek(prepared, horizon, (step) => level + grown(step));
  },
} as const satisfies Record<string, Method>;

export type MethodName = keyof typeof METHODS;
export const METHOD_NAMES = Object.keys(METHODS) as MethodName[];

/**
 * What one method says of the next days, in the unit of the history. Never below zero where no day of the
 * history was: only who got a credit once will get one again.
 */
export function forecastBy(method: MethodName, prepared: Prepared, horizon: number): number[] {
  const points = METHODS[method](prepared, horizon);
  return hasCredits(prepared.history) ? points : points.map((value) => Math.max(0, value));
}

export function hasCredits(history: readonly number[]): boolean {
  return history.some((value) => value < 0);
}

/** Brings the week back in. */
function throughWeek({ history, pattern }: Prepared, horizon: number, levelAt: (step: number) => number) {
  return Array.from({ length: horizon }, (_, step) =>
    withPattern(pattern, levelAt(step), history.length + step),
  );
}
