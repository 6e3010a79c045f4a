/** What a model said against what was paid, both in the same unit. */
export interface Comparison {
  actual: number;
  calculated: number;
}

/**
 * How much of the cost is calculated right, 0 to 1: 1 − Σ|calculated − actual| ÷ Σ actual (1 − WAPE), at
 * least 0. Large jobs weigh as much as their cost. Null where there is nothing to compare.
 */
export function accuracyOf(comparisons: readonly Comparison[]): number | null {
  if (comparisons.length === 0) return null;
  const missed = total(comparisons, ({ actual, calculated }) => Math.abs(calculated - actual));
  if (missed === 0) return 1;
  const paid = total(comparisons, ({ actual }) => actual);
  return paid === 0 ? 0 : Math.max(0, 1 - missed / paid);
}

/**
 * By how much of the cost the calculation lies too high (above 0) or too low (below 0): Σ(calculated −
 * actual) ÷ Σ actual. Null where nothing was paid, so that there is no share of it.
 */
export function biasOf(comparisons: readonly Comparison[]): number | null {
  const paid = total(comparisons, ({ actual }) => actual);
  if (paid === 0) return null;
  return total(comparisons, ({ actual, calculated }) => calculated - actual) / paid;
}

/**
 * Where the calculation stands now: the bias of the newest third, rounded up to whole comparisons. −0.1 =
 * jobs of late cost a tenth more than was calculated. How far that has moved is its difference to the bias
 * of all.
 */
export function driftOf(newestFirst: readonly Comparison[]): number | null {
  return biasOf(newestFirst.slice(0, Math.ceil(newestFirst.length / 3)));
}

function total(comparisons: readonly Comparison[], of: (comparison: Comparison) => number): number {
  return comparisons.reduce((sum, comparison) => sum + of(comparison), 0);
}
