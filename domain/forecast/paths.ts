import type { Choice } from './choose.ts';
import { forecastBy, hasCredits } from './methods.ts';
import { withoutPattern, withPattern } from './pattern.ts';
import { type Prepared, shocksOf } from './prepare.ts';
import { type Pace, pacesOf } from './smoothing.ts';
import { chiSquareOf, randomOf, sumOf } from './statistics.ts';

const PATHS = 500;

/** Looked up once, as in `statistics.ts`. */
const { floor, max } = Math;

/** What is not known of the days to come, in level. */
interface Unknown {
  /** Errors of one-day forecasts, as wide as those to come. */
  shocks: number[];
  /** How many of them are free of what was fitted to them. */
  free: number;
  /** How fast the level wanders. */
  paces: Pace[];
  /** By how much other methods differ from the chosen one, day by day. */
  rivals: { share: number; shifts: number[] }[];
}

/**
 * What the next days may be like: courses of daily values around a forecast. The method may be wrong, the
 * level is known no better than the history shows it and wanders at a pace that the history makes likely,
 * each day strays from it as days did before, and how far they stray is known from a few days only. The same
 * history gives the same paths.
 * @param points the forecast of each day, in the unit of the history.
 */
export function simulatePaths(points: readonly number[], prepared: Prepared, choice: Choice): number[][] {
  const { history, pattern } = prepared;
  const count = history.length;
  const levels = points.map((point, step) => withoutPattern(pattern, point, count + step));
  const unknown = unknownOf(levels, prepared, choice);
  const { shocks, free, paces, rivals } = unknown;
  const least = hasCredits(history) ? Number.NEGATIVE_INFINITY : 0;
  const random = randomOf(prepared.levels.length * 7919 + count);
  let scale = 1;
  const draw = () => scale * (shocks[floor(random() * shocks.length)] ?? 0);
  return Array.from({ length: PATHS }, () => {
    // Student's t: a deviation seen on few days may well be another.
    scale = Math.sqrt(free / chiSquareOf(free, random));
    const alpha = pick(paces, random())?.alpha ?? 0;
    const shifts = pick(rivals, random())?.shifts;
    // To both sides, so that the paths run around the forecast.
    const side = random() < 0.5 ? 1 : -1;
    let drift = startError(alpha, prepared.levels.length, draw);
    return levels.map((level, step) => {
      const shock = draw();
      const value = level + side * (shifts?.[step] ?? 0) + drift + shock;
      drift += alpha * shock;
      return max(least, withPattern(pattern, value, count + step));
    });
  });
}

function unknownOf(levels: readonly number[], prepared: Prepared, choice: Choice): Unknown {
  const { history, pattern, season } = prepared;
  const own = shocksOf(prepared);
  const paces = pacesOf(prepared.levels);
  // A level and its pace, and the places of the week: a fit follows its own history closer than what comes.
  const fitted = pattern.byPlace.length > 0 ? 1 + season : 2;
  const free = Math.max(2, own.length - fitted);
  const wider = Math.sqrt(own.length / free);
  const variance = (wider ** 2 * sumOf(own.map((value) => value ** 2))) / Math.max(1, own.length);
  const width = wider * correctionOf(choice, variance, paces, prepared);
  const rivals = choice.shares.map(({ method, share }) => {
    const other = forecastBy(method, prepared, levels.length);
    const levelOf = (step: number) => withoutPattern(pattern, other[step] ?? 0, history.length + step);
    return { share, shifts: levels.map((level, step) => levelOf(step) - level) };
  });
  return { shocks: own.map((value) => width * value), free, paces, rivals };
}

/** For how many trials the model of the paths itself stands, beside those that were made. */
const TRIALS_OF_THE_MODEL = 2;

/**
 * How much further off than the paths would be the totals of the trials were, as a factor of deviation. What
 * was tried before a break, or just after it, says nothing of the days since.
 */
function correctionOf(
  { totals }: Choice,
  variance: number,
  paces: readonly Pace[],
  { before, levels, season }: Prepared,
): number {
  const since = before === 0 ? 0 : before + season;
  const trials = totals.filter(({ origin }) => origin >= since);
  if (variance === 0 || trials.length === 0) return 1;
  const squares = trials.map(
    ({ days, error }) => error ** 2 / (variance * totalVariance(paces, days, levels.length)),
  );
  const origins = trials.map(({ origin }) => origin);
  const days = sumOf(trials.map((trial) => trial.days)) / trials.length;
  // Trials that look at the same days tell the same.
  const separate = Math.min(trials.length, 1 + (Math.max(...origins) - Math.min(...origins)) / days);
  const mean = sumOf(squares) / squares.length;
  return Math.sqrt((TRIALS_OF_THE_MODEL + separate * mean) / (TRIALS_OF_THE_MODEL + separate));
}

/** Of the total of so many days, for shocks of variance 1: as the paths below have it. */
function totalVariance(paces: readonly Pace[], days: number, history: number): number {
  const own = paces.map(({ alpha, share }) => {
    let sum = days ** 2 * levelVariance(alpha, history);
    for (let after = 0; after < days; after += 1) sum += (1 + alpha * after) ** 2;
    return share * sum;
  });
  return sumOf(own);
}

/**
 * How far today's level may be from where smoothing sees it: the errors of the past, weighted as smoothing
 * weights them, make a variance of alpha / (2 − alpha) of theirs; it is never known better than by the mean
 * of all days.
 */
function levelVariance(alpha: number, days: number): number {
  return Math.max(alpha / (2 - alpha), 1 / Math.max(1, days));
}

/** Of several draws, so that it is nearly normal. */
const DRAWS = 6;

function startError(alpha: number, days: number, draw: () => number): number {
  let sum = 0;
  for (let turn = 0; turn < DRAWS; turn += 1) sum += draw();
  return Math.sqrt(levelVariance(alpha, days) / DRAWS) * sum;
}

/** One of them, each as often as its share says. `at` is from 0 to 1. */
function pick<T extends { share: number }>(all: readonly T[], at: number): T | undefined {
  let sum = 0;
  for (const each of all) {
    sum += each.share;
    if (at < sum) return each;
  }
  return all.at(-1);
}
