import { meanOf } from './statistics.ts';

/** Days after which a pattern comes again. */
export const WEEK = 7;

/**
 * What belongs to a day's place in the week. Places count from the first day of the history, so that a
 * pattern can be carried on without knowing which weekday that was.
 */
export interface Pattern {
  /** How a day with this pattern comes about from its level: times a factor, or plus an amount. */
  kind: 'times' | 'plus';
  /** One for each place, of mean 1 or 0; none where nothing comes again. */
  byPlace: number[];
}

/**
 * The weekly pattern of a series, where it is stronger than chance: of each place the mean of what its days
 * were beside the mean of their week. Whole weeks are counted from the end: the newest days take part.
 * @param values without odd days.
 * @param season the length of a week; of hours a day has 24.
 */
export function patternOf(values: readonly number[], season: number): Pattern {
  const weeks = wholeWeeks(values, season);
  if (weeks.length < 2 || !comesAgain(weeks.map(({ days }) => days))) return { kind: 'plus', byPlace: [] };
  const times = values.every((value) => value > 0);
  const byPlace = Array.from({ length: season }, () => [] as number[]);
  for (const { start, days } of weeks) {
    const middle = meanOf(days);
    for (const [at, value] of days.entries())
      byPlace[(start + at) % season]?.push(times ? value / middle : value - middle);
  }
  const rough = byPlace.map(meanOf);
  const centre = meanOf(rough);
  const sure = certaintyOf(byPlace);
  if (times) return { kind: 'times', byPlace: rough.map((value) => 1 + sure * (value / centre - 1)) };
  return { kind: 'plus', byPlace: rough.map((value) => sure * (value - centre)) };
}

function wholeWeeks(values: readonly number[], season: number): { start: number; days: number[] }[] {
  const weeks: { start: number; days: number[] }[] = [];
  for (let start = values.length % season; start + season <= values.length; start += season)
    weeks.push({ start, days: values.slice(start, start + season) });
  return weeks;
}

/**
 * How much of the pattern to believe, from 0 to 1: 1 − 1/F, where F is the variance between the places over
 * that within them (shrinkage as by James, Stein 1961). A pattern of few noisy weeks is partly noise.
 */
function certaintyOf(byPlace: readonly number[][]): number {
  const weeks = byPlace[0]?.length ?? 0;
  const places = byPlace.length - 1;
  const all = meanOf(byPlace.flat());
  let [between, within] = [0, 0];
  for (const values of byPlace) {
    const own = meanOf(values);
    between += (weeks * (own - all) ** 2) / places;
    for (const value of values) within += (value - own) ** 2 / (places * (weeks - 1));
  }
  return between === 0 ? 0 : Math.max(0, 1 - within / between);
}

/** The normal number that 75 % stay below: in simulations stricter tests lose more than they save. */
const STRICTNESS = 0.6745;

/**
 * Whether the days of a week differ alike in all weeks: Friedman's test (1937) with the weeks for blocks. It
 * looks at ranks within each week alone, so that neither a trend, a step nor a single odd day decides it.
 */
function comesAgain(weeks: number[][]): boolean {
  const season = weeks[0]?.length ?? 0;
  const sums = new Array<number>(season).fill(0);
  for (const days of weeks)
    for (const [place, rank] of ranksOf(days).entries()) sums[place] = (sums[place] ?? 0) + rank;
  const squares = sums.reduce((sum, value) => sum + value * value, 0);
  const statistic = (12 * squares) / (weeks.length * season * (season + 1)) - 3 * weeks.length * (season + 1);
  return season > 1 && statistic > chiSquareLimit(season - 1);
}

/** Of so many degrees of freedom (Wilson, Hilferty 1931). */
function chiSquareLimit(degreesOfFreedom: number): number {
  const spread = 2 / (9 * degreesOfFreedom);
  return degreesOfFreedom * (1 - spread + STRICTNESS * Math.sqrt(spread)) ** 3;
}

/** From 1; equal values share the mean of their ranks. */
function ranksOf(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal + 1) / 2;
  });
}

/** Least squares: value = start + slope · place. */
export function lineThrough(values: readonly number[]): { start: number; slope: number } {
  const count = values.length;
  const middle = (count - 1) / 2;
  const average = meanOf(values);
  let product = 0;
  let square = 0;
  for (const [at, value] of values.entries()) {
    product += (at - middle) * (value - average);
    square += (at - middle) ** 2;
  }
  const slope = square === 0 ? 0 : product / square;
  return { start: average - slope * middle, slope };
}

/** The level of a day, with its pattern taken out. */
export function withoutPattern({ kind, byPlace }: Pattern, value: number, at: number): number {
  const own = byPlace[at % byPlace.length];
  if (own === undefined) return value;
  if (kind === 'plus') return value - own;
  return own <= 0 ? value : value / own;
}

/** The value of a day of this level. */
export function withPattern({ kind, byPlace }: Pattern, level: number, at: number): number {
  const own = byPlace[at % byPlace.length];
  if (own === undefined) return level;
  return kind === 'plus' ? level + own : level * own;
}
