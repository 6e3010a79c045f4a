import { toUsd } from '../money.ts';
import { accuracyOf, biasOf, type Comparison, driftOf } from './accuracy.ts';
import { type Benchmark, featuresOf, weightsOf } from './benchmark.ts';
import { CALIBRATES_ABOVE } from './calibration.ts';
import type { CostModel } from './cost-model.ts';
import { dot } from './least-squares.ts';

export const RECOMMENDED_ACTIONS = ['collect_benchmarks', 'calibrate', 'keep'] as const;
type RecommendedAction = (typeof RECOMMENDED_ACTIONS)[number];

/** Below this accuracy, or beyond this drift to either side, a calibration is recommended. */
const ACCURATE_FROM = 0.9;
const DRIFTED_BEYOND = 0.1;

export interface CostModelReport {
  modelVersion: number;
  sampleCount: number;
  /** 0 to 1; see `accuracyOf`. */
  accuracy: number | null;
  /** Shares, above 0 where too much is calculated; see `biasOf` and `driftOf`. */
  bias: number | null;
  drift: number | null;
  recommendedAction: RecommendedAction;
  /** The recommendation in words. */
  message: string;
}

/**
 * How well the applied model fits what jobs really cost. What a benchmark's cost was calculated as counts
 * where it was recorded under the applied version; under an earlier one it is calculated anew, so that the
 * report speaks of the present weights as soon as they are applied. Nothing is recommended but to collect
 * benchmarks until there are more than ten.
 */
export function reportOf(newestFirst: readonly Benchmark[], model: CostModel): CostModelReport {
  const comparisons = newestFirst.map((benchmark) => comparisonOf(benchmark, model));
  const accuracy = accuracyOf(comparisons);
  const drift = driftOf(comparisons);
  const sampleCount = comparisons.length;
  const figures = { modelVersion: model.version, sampleCount, accuracy, bias: biasOf(comparisons), drift };
  return { ...figures, ...recommended(figures) };
}

function comparisonOf(benchmark: Benchmark, model: CostModel): Comparison {
  const recorded = benchmark.modelVersion === model.version;
  const actual = toUsd(benchmark.actualCostNanoUsd);
  if (recorded) return { actual, calculated: toUsd(benchmark.calculatedCostNanoUsd) };
  return { actual, calculated: dot(featuresOf(benchmark, model), weightsOf(model)) };
}

function recommended({
  modelVersion,
  sampleCount,
  accuracy,
  drift,
}: Pick<CostModelReport, 'modelVersion' | 'sampleCount' | 'accuracy' | 'drift'>): {
  recommendedAction: RecommendedAction;
  message: string;
} {
  if (sampleCount <= CALIBRATES_ABOVE)
    return {
      recommendedAction: 'collect_benchmarks',
      message: `a calibration needs more than ${CALIBRATES_ABOVE} benchmarks; there are ${sampleCount}`,
    };
  const inaccurate = (accuracy ?? 0) < ACCURATE_FROM;
  const drifted = Math.abs(drift ?? 0) > DRIFTED_BEYOND;
  const found = `version ${modelVersion} is ${percent(accuracy ?? 0)} accurate${driftInWords(drift)}`;
  if (inaccurate || drifted) return { recommendedAction: 'calibrate', message: `${found}; calibrate it` };
  return { recommendedAction: 'keep', message: `${found}; keep it` };
}

function driftInWords(drift: number | null): string {
  if (drift === null || Math.abs(drift) < 0.0005) return '';
  return `, and of late lies ${percent(Math.abs(drift))} too ${drift < 0 ? 'low' : 'high'}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
