import { BUILT_IN, type CostModel, type JobMetrics, multiplierOf } from './cost-model.ts';

/** One job whose actual cost is known, to measure a cost model by. */
export interface Benchmark {
  id: string;
  jobType: string;
  environment?: string;
  metrics: JobMetrics;
  actualCostNanoUsd: number;
  /** As the cost model of that version says, or as the caller did while that version was applied. */
  calculatedCostNanoUsd: number;
  modelVersion: number;
  /** The part of the actual cost that is infrastructure, where it is known; kept as evidence. */
  infrastructureCostNanoUsd?: number;
  /** When the job ended. */
  timestamp: Date;
}

/**
 * How much of each weight a job's cost holds, in the order of `weightsOf`; what has no weight is left out.
 */
export function featuresOf(benchmark: Benchmark, model: CostModel): number[] {
  const { metrics, environment } = benchmark;
  const multiplier = multiplierOf(model, environment);
  const builtIn = BUILT_IN.map(({ metric, halvings }) =>
    metric === undefined ? multiplier : (metrics[metric] / 2 ** halvings) * multiplier,
  );
  const further = Object.keys(model.components).map((name) => (metrics.components?.[name] ?? 0) * multiplier);
  return [...builtIn, ...further];
}

/** The weights of a model, the built-in ones first. */
export function weightsOf(model: CostModel): number[] {
  return [...BUILT_IN.map(({ weight }) => model.weights[weight]), ...Object.values(model.components)];
}
