import { robustDeviation } from './statistics.ts';

/** A new level must have been held for so many days, and the old one too. */
const LEAST_DAYS = 5;
/** By how many standard errors the two levels must differ: a wandering series has breaks everywhere. */
const CLEAR = 8;

/**
 * The days since the level changed for good, by one clear step; all days where there was none. What was
 * spent before a new workload came, or an old one went, says little about the days to come.
 * @param levels days without their week.
 */
export function sinceBreak(levels: number[]): number[] {
  let best = { score: CLEAR, at: 0 };
  const noise = robustDeviation(differencesOf(levels)) / Math.SQRT2;
  const sums = runningSums(levels);
  const all = sums.at(-1) ?? 0;
  for (let at = LEAST_DAYS; at <= levels.length - LEAST_DAYS; at += 1) {
    const before = (sums[at - 1] ?? 0) / at;
    const after = (all - (sums[at - 1] ?? 0)) / (levels.length - at);
    const error = noise * Math.sqrt(1 / at + 1 / (levels.length - at));
    const gap = Math.abs(after - before);
    const score = error === 0 ? (gap === 0 ? 0 : Number.POSITIVE_INFINITY) : gap / error;
    if (score > best.score && isStep(levels, at, before, after)) best = { score, at };
  }
  return best.at === 0 ? levels : levels.slice(best.at);
}

/** The days beside the step stand at the two levels already: a slope gets there little by little. */
function isStep(levels: readonly number[], at: number, before: number, after: number): boolean {
  const middle = (before + after) / 2;
  const side = Math.sign(after - before);
  const near = levels.slice(at - 3, at).map((value) => -side * (value - middle));
  near.push(...levels.slice(at, at + 3).map((value) => side * (value - middle)));
  return near.every((distance) => distance > Math.abs(after - before) / 4);
}

function differencesOf(values: readonly number[]): number[] {
  return values.slice(1).map((value, index) => value - (values[index] ?? 0));
}

function runningSums(values: readonly number[]): number[] {
  let sum = 0;
  return values.map((value) => {
    sum += value;
    return sum;
  });
}
