import { chooseMethod, LEAST_HISTORY_DAYS } from './choose.ts';
import { forecastBy, type MethodName } from './methods.ts';
import { simulatePaths } from './paths.ts';
import { WEEK } from './pattern.ts';
import { prepare } from './prepare.ts';
import { quantile, sumOf } from './statistics.ts';
import { trendOf } from './trend.ts';

/** With fewer days nothing is known of how much they differ. */
const LEAST_DAYS_FOR_INTERVALS = 3;

/** All amounts are in the unit of the history, not rounded. */
export interface ForecastQuestion {
  /** Spend per whole day, oldest first, without gaps: 0 where nothing was spent, negative for credits. */
  history: readonly number[];
  /** How many days to look ahead, from the day after the history on. */
  horizon: number;
  /** After how many days a pattern comes again: a week, unless told otherwise. */
  season?: number;
  /** Where the first of them has begun: what was spent in it, and how much of it has passed, from 0 to 1. */
  today?: { spent: number; passed: number };
  /** What the budget has left after the history, and how many of the days ahead its period has. */
  budget?: { left: number; days: number };
}

/** From low to high. */
interface Interval {
  low: number;
  high: number;
}

interface Expected {
  point: number;
  /** Between which 80 % (95 %) of the paths run; null with too little history to tell. */
  interval80: Interval | null;
  interval95: Interval | null;
}

/** When and how likely the budget is used up. */
interface Overrun {
  /** That more than `left` is spent within the period: a share of the paths. Null without paths. */
  probability: number | null;
  /** Days until then: 1 is the first day ahead. Null where it is beyond the horizon. */
  days: { p10: number | null; p50: number | null; p90: number | null };
}

export interface SpendForecast {
  state: 'ok' | 'insufficient_history';
  method: MethodName;
  /** Σ|error| / Σ|actual| of the method over the trials on the past; null where nothing could be tried. */
  backtestError: number | null;
  trend: ReturnType<typeof trendOf>;
  days: Expected[];
  total: Expected;
  overrun: Overrun | null;
}

/**
 * What will be spent per day and in all, how sure that is, and when it uses up a budget. The same question
 * has always the same answer.
 * @throws RangeError for a number that is none, or a horizon or season that is no number of days: mistakes of
 * the caller.
 */
export function forecastSpend({
  history,
  horizon,
  season = WEEK,
  today,
  budget,
}: ForecastQuestion): SpendForecast {
  refuseNonsense(history, horizon, season);
  const choice = chooseMethod(history, horizon, season);
  const prepared = prepare(history, season);
  const points = forecastBy(choice.method, prepared, horizon);
  const paths = history.length < LEAST_DAYS_FOR_INTERVALS ? [] : simulatePaths(points, prepared, choice);
  if (today !== undefined) for (const course of [points, ...paths]) goOn(course, today);
  const total = expected(
    sumOf(points),
    paths.map((path) => sumOf(path)),
  );
  return {
    state: history.length < LEAST_HISTORY_DAYS ? 'insufficient_history' : 'ok',
    method: choice.method,
    backtestError: choice.backtestError,
    trend: trendOf(prepared.levels),
    days: points.map((point, step) =>
      expected(
        point,
        paths.map((path) => path[step] ?? 0),
      ),
    ),
    total,
    overrun: budget === undefined ? null : overrunOf(paths, points, budget),
  };
}

function refuseNonsense(history: readonly number[], horizon: number, season: number): void {
  const wrong = history.findIndex((value) => !Number.isFinite(value));
  if (wrong !== -1)
    throw new RangeError(`history[${wrong}] is ${history[wrong]}; it must be a finite number`);
  for (const [name, value, least] of [['horizon', horizon, 0] as const, ['season', season, 1] as const])
    if (!Number.isInteger(value) || value < least)
      throw new RangeError(`${name} is ${value}; it must be a whole number of days, ${least} or more`);
}

/** What a day that has begun has brought stays; the rest of it comes as the whole would have. */
function goOn(course: number[], { spent, passed }: { spent: number; passed: number }): void {
  if (course[0] !== undefined) course[0] = spent + (1 - passed) * course[0];
}

function expected(point: number, values: number[]): Expected {
  if (values.length === 0) return { point, interval80: null, interval95: null };
  const sorted = Float64Array.from(values).sort();
  return { point, interval80: intervalOf(sorted, 0.8), interval95: intervalOf(sorted, 0.95) };
}

/** Leaves out as much on each side. */
function intervalOf(sorted: ArrayLike<number>, share: number): Interval {
  return { low: quantile(sorted, (1 - share) / 2), high: quantile(sorted, (1 + share) / 2) };
}

function overrunOf(paths: number[][], points: number[], budget: { left: number; days: number }): Overrun {
  const untilOver = (course: readonly number[]) => {
    let sum = 0;
    const at = course.findIndex((value) => {
      sum += value;
      return sum > budget.left;
    });
    return at === -1 ? Number.POSITIVE_INFINITY : at + 1;
  };
  if (paths.length === 0) {
    const day = untilOver(points);
    return { probability: null, days: { p10: null, p50: Number.isFinite(day) ? day : null, p90: null } };
  }
  const days = Float64Array.from(paths, untilOver).sort();
  const within = paths.filter((path) => untilOver(path.slice(0, budget.days)) <= budget.days);
  // The day itself, not one between two: nobody runs out on day 3.4, and beyond the horizon is no number.
  const dayOf = (share: number) => {
    const day = days[Math.max(0, Math.ceil(share * days.length) - 1)] ?? Number.POSITIVE_INFINITY;
    return Number.isFinite(day) ? day : null;
  };
  return {
    probability: within.length / paths.length,
    days: { p10: dayOf(0.1), p50: dayOf(0.5), p90: dayOf(0.9) },
  };
}
