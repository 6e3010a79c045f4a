import { lineThrough } from './pattern.ts';
import { meanOf, sumOf } from './statistics.ts';

/** Of the last days alone: a rise that ended long ago is none. */
const DAYS = 28;
const LEAST_DAYS = 14;
/** How many standard errors the slope must be off zero: with 28 days chance alone does it in 1 of 150. */
const CLEAR = 3;
/** Less than this share of the level over all of the days is nothing to act on. */
const LEAST_CHANGE = 0.05;

/**
 * Where the level of the last four weeks goes, by a straight line through it; flat where that may be
 * chance, or is too little to matter.
 * @param levels days without their week, since the last break.
 */
export function trendOf(levels: readonly number[]): 'rising' | 'falling' | 'flat' {
  const last = levels.slice(-DAYS);
  if (last.length < LEAST_DAYS) return 'flat';
  const { start, slope } = lineThrough(last);
  const squares = sumOf(last.map((value, at) => (value - start - slope * at) ** 2));
  const spread = (last.length * (last.length ** 2 - 1)) / 12;
  const error = Math.sqrt(squares / (last.length - 2) / spread);
  const change = Math.abs(slope * last.length);
  if (Math.abs(slope) <= CLEAR * error || change < LEAST_CHANGE * Math.abs(meanOf(last))) return 'flat';
  return slope > 0 ? 'rising' : 'falling';
}
