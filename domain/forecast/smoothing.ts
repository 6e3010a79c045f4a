/** A series in one number that follows it: how fast, where it stands, and what it was wrong by each day. */
interface Smoothed {
  alpha: number;
  level: number;
  /** Per day; 0 without a trend. */
  slope: number;
  /** What each day was beside the forecast of the day before. */
  residuals: number[];
}

const ALPHAS = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9];
const BETAS = [0.02, 0.1, 0.3];
/** How much of the slope is left the next day. Gardner, McKenzie (1985) found 0.8 to 0.98 to be sensible. */
export const DAMPING = 0.9;

/** A pace of smoothing, and how well it goes with the history beside the others: all shares add up to 1. */
export interface Pace {
  alpha: number;
  share: number;
}

/** Simple exponential smoothing with the alpha of the least squared error of one day ahead. */
export function smooth(values: readonly number[]): Smoothed {
  return best(ALPHAS.map((alpha) => follow(values, alpha, 0)));
}

/** With a trend that fades (Gardner, McKenzie 1985). */
export function smoothWithTrend(values: readonly number[]): Smoothed {
  return best(ALPHAS.flatMap((alpha) => BETAS.map((beta) => follow(values, alpha, beta))));
}

/**
 * How likely each pace is to be that of the series: with few days several are. As the likelihood of normal
 * errors has it, (sum of squares)^(−n/2), where before all alphas from 0 to 1 are alike.
 */
export function pacesOf(values: readonly number[]): Pace[] {
  const errors = ALPHAS.map((alpha) => squares(follow(values, alpha, 0).residuals));
  const smallest = Math.min(...errors);
  const weights = errors.map((error, index) => {
    const [before = 0, after = 1] = [ALPHAS[index - 1], ALPHAS[index + 1]];
    return (after - before) * (smallest === 0 ? 1 : (smallest / error) ** (values.length / 2));
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return ALPHAS.map((alpha, index) => ({ alpha, share: (weights[index] ?? 0) / sum }));
}

/** Of these nobody could know. */
const FIRST_DAYS = 3;

/** But for the first days, of which nobody could know. */
function squares(values: readonly number[]): number {
  return values.slice(FIRST_DAYS).reduce((sum, value) => sum + value * value, 0);
}

function best(tries: Smoothed[]): Smoothed {
  const scored = tries.map((tried) => ({ tried, error: squares(tried.residuals) }));
  return scored.reduce((least, next) => (next.error < least.error ? next : least)).tried;
}

/**
 * The first days count alike, as in a running mean, until there are as many as the pace looks back on:
 * neither does the first day stand for all, nor is anything known before it came.
 */
function follow(values: readonly number[], alpha: number, beta: number): Smoothed {
  let level = values[0] ?? 0;
  let slope = 0;
  const residuals: number[] = [];
  for (const [at, value] of values.entries()) {
    const expected = level + DAMPING * slope;
    const error = value - expected;
    const pace = Math.max(alpha, 1 / (at + 1));
    residuals.push(error);
    level = expected + pace * error;
    slope = DAMPING * slope + pace * beta * error;
  }
  return { alpha, level, slope, residuals };
}
