import { toUsd } from '../money.ts';
import { accuracyOf } from './accuracy.ts';
import { type Benchmark, featuresOf, weightsOf } from './benchmark.ts';
import { BUILT_IN, type CostModel, type Weights } from './cost-model.ts';
import { dot } from './least-squares.ts';
import { nonNegativeLeastSquares } from './non-negative-least-squares.ts';

/** A calibration needs more benchmarks than this. */
export const CALIBRATES_ABOVE = 10;
/** The newest that a calibration and a report look at. */
export const MAX_BENCHMARKS = 2_000;
/** From here on there are enough to keep some back. */
const HELD_OUT_FROM = 20;
const FOLDS = 5;
/** More digits are rounding errors of the fit: exact data brings back the weights that it came from. */
const SIGNIFICANT_DIGITS = 10;
/** A weight that explains less of the cost than this is a rounding error too. */
const NEGLIGIBLE = 1e-10;

/** Where the weights of a version come from, as far as benchmarks are concerned. */
export interface Calibration {
  /** The version whose weights were there before. */
  from: number;
  sampleCount: number;
  /** `accuracyOf` the weights before, and of the fitted ones, over all benchmarks. */
  accuracyBefore: number;
  accuracyAfter: number;
  /** Whether `accuracyAfter` was measured on benchmarks that the fit had not seen. */
  heldOut: boolean;
  /** Components of a breakdown that no benchmark says anything about; their weights stay. */
  kept: string[];
}

interface Row {
  features: number[];
  actualUsd: number;
}

/**
 * Fits the weights of a model to more than ten benchmarks, by non-negative least squares over the actual
 * costs, so that dear jobs count most. From twenty on the accuracy afterwards is cross-validated: each
 * fifth of the benchmarks is calculated with a fit of the other four; with fewer it is that of the fit on
 * its own benchmarks. What is proposed is the fit over all. Environments and their factors stay as they
 * are.
 */
export function calibrate(
  benchmarks: readonly Benchmark[],
  model: CostModel,
): { weights: Weights; components: Record<string, number>; calibration: Calibration } {
  const rows = benchmarks.map((benchmark) => ({
    features: featuresOf(benchmark, model),
    actualUsd: toUsd(benchmark.actualCostNanoUsd),
  }));
  const before = weightsOf(model);
  const after = fitted(rows, before);
  const heldOut = rows.length >= HELD_OUT_FROM;
  const unseen = heldOut ? crossValidated(rows, before) : compared(rows, after);
  const names = [...BUILT_IN.map(({ component }) => component), ...Object.keys(model.components)];
  return {
    ...named(after, model),
    calibration: {
      from: model.version,
      sampleCount: rows.length,
      accuracyBefore: accuracyOf(compared(rows, before)) ?? 0,
      accuracyAfter: accuracyOf(unseen) ?? 0,
      heldOut,
      kept: names.filter((_, index) => isUnused(rows, index)),
    },
  };
}

function fitted(rows: readonly Row[], before: readonly number[]): number[] {
  const columns = before.map((_, index) => rows.map(({ features }) => features[index]!));
  const target = rows.map(({ actualUsd }) => actualUsd);
  const negligible = NEGLIGIBLE * target.reduce((sum, value) => sum + value, 0);
  return nonNegativeLeastSquares({ columns, target }).map((weight, index) => {
    if (isUnused(rows, index)) return before[index]!;
    const explained = weight * columns[index]!.reduce((sum, value) => sum + value, 0);
    return explained < negligible ? 0 : Number(weight.toPrecision(SIGNIFICANT_DIGITS));
  });
}

function isUnused(rows: readonly Row[], index: number): boolean {
  return rows.every(({ features }) => features[index] === 0);
}

/** Each row calculated with a fit of the rows of the other folds. */
function crossValidated(rows: readonly Row[], before: readonly number[]) {
  return Array.from({ length: FOLDS }, (_, fold) => {
    const others = rows.filter((_, at) => at % FOLDS !== fold);
    const own = rows.filter((_, at) => at % FOLDS === fold);
    return compared(own, fitted(others, before));
  }).flat();
}

function compared(rows: readonly Row[], weights: readonly number[]) {
  return rows.map(({ features, actualUsd }) => ({ actual: actualUsd, calculated: dot(features, weights) }));
}

function named(weights: readonly number[], model: CostModel) {
  const builtIn = BUILT_IN.map(({ weight }, index) => [weight, weights[index]!] as const);
  const further = Object.keys(model.components).map(
    (name, index) => [name, weights[BUILT_IN.length + index]!] as const,
  );
  return {
    weights: Object.fromEntries(builtIn) as Record<keyof Weights, number>,
    components: Object.fromEntries(further),
  };
}
