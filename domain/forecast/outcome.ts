/** How a forecast of some days did. Amounts in nano-dollars. */
export interface ForecastOutcome {
  /** The first and the last day of which the total is compared, YYYY-MM-DD. */
  start: string;
  end: string;
  predictedNanoUsd: number;
  /** Null until the days are over. */
  actualNanoUsd: number | null;
  accuracyPercent: number | null;
}

/** After so many days the total of a forecast is compared with what came true. */
export const COMPARED_DAYS = 7;
/** So long after the days are over costs that come late are still taken into account. */
const LATE_WINDOW_DAYS = 7;

/** 100 × (1 − |predicted − actual| / |actual|), never below 0; null where nothing was spent. */
function accuracyPercent(predicted: number, actual: number): number | null {
  if (actual === 0) return null;
  return 100 * Math.max(0, 1 - Math.abs(predicted - actual) / Math.abs(actual));
}

/** Intervals of the days ahead as they are stored, in nano-dollars; nothing where too little was known. */
interface StoredIntervals {
  low80: readonly number[];
  high80: readonly number[];
  low95: readonly number[];
  high95: readonly number[];
}

/** Of one of the days ahead, the first is 0. */
export function storedInterval(row: StoredIntervals, percent: 80 | 95, step: number) {
  const [low, high] = [row[`low${percent}`][step], row[`high${percent}`][step]];
  return low === undefined || high === undefined ? null : { low, high };
}

/** An outcome with what came true so far. @param actual of its days, in nano-dollars. */
export function comeTrue(outcome: ForecastOutcome, actual: number): ForecastOutcome {
  const percent = accuracyPercent(outcome.predictedNanoUsd, actual);
  return { ...outcome, actualNanoUsd: actual, accuracyPercent: percent };
}

/**
 * The day on which to look (again) at what came true: when the days of an outcome are over, and each day of
 * the window after that, for late costs. Undefined when all is final. Days are numbers.
 * @param ends the last day of each outcome
 */
export function nextLook(today: number, ends: readonly number[]): number | undefined {
  const next = ends.flatMap((end) => {
    if (today <= end) return end + 1;
    return today < end + 1 + LATE_WINDOW_DAYS ? today + 1 : [];
  });
  return next.length === 0 ? undefined : Math.min(...next);
}
