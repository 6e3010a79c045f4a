import { sinceBreak } from './level-break.ts';
import { withoutOddDays } from './odd-days.ts';
import { type Pattern, patternOf, withoutPattern } from './pattern.ts';
import { smooth } from './smoothing.ts';
import { meanOf } from './statistics.ts';

/** A history taken apart, once for all methods. */
export interface Prepared {
  /** As it came: spend per day, oldest first. */
  history: readonly number[];
  /** The same with odd days made usual. */
  usual: readonly number[];
  /** The length of a week. */
  season: number;
  pattern: Pattern;
  /** The days since the last break, the usual ones, without their week. */
  levels: number[];
  /** How many days of the history lie before the break. */
  before: number;
}

export function prepare(history: readonly number[], season: number): Prepared {
  const usual = withoutOddDays(history, season);
  const pattern = patternOf(usual, season);
  const levels = sinceBreak(usual.map((value, at) => withoutPattern(pattern, value, at)));
  return { history, usual, season, pattern, levels, before: history.length - levels.length };
}

/** The first days were forecast from next to nothing: their errors say nothing of those to come. */
const LEARNING_DAYS = 4;
/** After a break with fewer days the errors of the time before it count too. */
const FEW_DAYS = 14;

/**
 * What each day was beside the forecast of the day before it, by simple smoothing, with odd days as they
 * were: they will come again. In level, with mean 0: a trend that smoothing lags behind is the forecast's.
 */
export function shocksOf({ history, usual, pattern, levels, before }: Prepared): number[] {
  const levelOf = (value: number | undefined, at: number) => withoutPattern(pattern, value ?? 0, at);
  const oddity = (at: number) => levelOf(history[at], at) - levelOf(usual[at], at);
  const errorsOf = (days: readonly number[], first: number) =>
    smooth(days)
      .residuals.map((error, index) => error + oddity(first + index))
      .slice(Math.min(LEARNING_DAYS, days.length >> 1));
  const shocks = errorsOf(levels, before);
  if (before > 0 && levels.length < FEW_DAYS)
    shocks.unshift(...errorsOf(usual.slice(0, before).map(levelOf), 0));
  const middle = meanOf(shocks);
  return shocks.map((value) => value - middle);
}
