import { meanOf } from './statistics.ts';

/**
 * Weighted absolute percentage error: Σ|actual − forecast| / Σ|actual|, as a share. Null where nothing was
 * spent: no share of nothing says anything.
 */
export function wape(actual: readonly number[], forecast: readonly number[]): number | null {
  const sum = actual.reduce((total, value) => total + Math.abs(value), 0);
  return sum === 0 ? null : errorsOf(actual, forecast).reduce((total, error) => total + error, 0) / sum;
}

/**
 * Symmetric mean absolute percentage error, in percent, as the M4 competition counts it: the mean of
 * 200·|y − f| / (|y| + |f|) (Makridakis, Spiliotis, Assimakopoulos 2020). A point where both are zero has no
 * error. Null without points.
 */
export function smape(actual: readonly number[], forecast: readonly number[]): number | null {
  const errors = actual.map((value, index) => {
    const size = Math.abs(value) + Math.abs(forecast[index] ?? 0);
    return size === 0 ? 0 : (200 * Math.abs(value - (forecast[index] ?? 0))) / size;
  });
  return meanOrNull(errors);
}

/**
 * Mean absolute scaled error (Hyndman, Koehler 2006): the mean absolute error over that of the forecast "as
 * one season before" within the history. Null where the history has no such error to compare with.
 * @param actual what came after the history; `forecast` is for the same points.
 * @param season in points, 1 or more.
 */
export function mase(
  history: readonly number[],
  actual: readonly number[],
  forecast: readonly number[],
  season: number,
): number | null {
  const naive = history.slice(season).map((value, index) => Math.abs(value - (history[index] ?? 0)));
  const scale = meanOrNull(naive);
  const error = meanOrNull(errorsOf(actual, forecast));
  return scale === null || scale === 0 || error === null ? null : error / scale;
}

function errorsOf(actual: readonly number[], forecast: readonly number[]): number[] {
  return actual.map((value, index) => Math.abs(value - (forecast[index] ?? 0)));
}

function meanOrNull(values: readonly number[]): number | null {
  return values.length === 0 ? null : meanOf(values);
}
