import { MAX_AMOUNT_USD } from '../budgets/budget.ts';
import { type ErrorDetail, invalidInput } from '../errors.ts';
import { given } from '../given.ts';
import { fromUsd } from '../money.ts';
import { apportioned, type Decimal, decimalOf, halved, times } from './decimal.ts';

/** USD per unit of what a job used; `base` is per job. 1 KB = 1,024 B, 1 MB = 1,048,576 B. */
export interface Weights {
  cpuSecond: number;
  memoryMbSecond: number;
  payloadKb: number;
  redisOperation: number;
  networkMb: number;
  base: number;
}

/** What a job costs, as one organization prices it. */
export interface CostModel {
  /** 1, 2, 3, … within the organization; a version never changes. */
  version: number;
  weights: Weights;
  /** Further weights: USD per unit of the metric of that name. */
  components: Record<string, number>;
  /** Factors of the whole sum. */
  environments: Record<string, number>;
  /** The factor of an environment that is not named above, and of jobs that name none. */
  defaultMultiplier: number;
}

/** Of the versions that were put in force, only the last one is applied. */
export const COST_MODEL_STATES = ['proposed', 'applied', 'superseded'] as const;
export type CostModelState = (typeof COST_MODEL_STATES)[number];

/** What one job used. */
export interface JobMetrics {
  /** Seconds. */
  cpuTime: number;
  memoryMbSeconds: number;
  payloadBytes: number;
  redisOps: number;
  networkBytes: number;
  /** Metrics of the model's further components, by name. */
  components?: Record<string, number>;
}

export interface JobCost {
  totalNanoUsd: number;
  /** Adds up to the total; one entry for each component of the model. */
  breakdownNanoUsd: Record<string, number>;
}

/** The first version of every organization. */
export const DEFAULT_COST_MODEL: CostModel = {
  version: 1,
  weights: {
    cpuSecond: 0.0001,
    memoryMbSecond: 0.000_01,
    payloadKb: 0.000_02,
    redisOperation: 0.000_001,
    networkMb: 0.01,
    base: 0.001,
  },
  components: {},
  environments: { production: 2, staging: 0.5 },
  defaultMultiplier: 1,
};

/** What an installation sets of its first cost model; the rest is as built in. */
export type CostModelChanges = {
  [Name in keyof Omit<CostModel, 'version' | 'weights'>]?: CostModel[Name] | undefined;
} & { weights?: { [Name in keyof Weights]?: Weights[Name] | undefined } | undefined };

/** The first version of organizations in an installation that has set something of it. */
export function firstCostModel(changes: CostModelChanges = {}): CostModel {
  const { weights = {}, components, environments, defaultMultiplier } = changes;
  return {
    ...DEFAULT_COST_MODEL,
    weights: { ...DEFAULT_COST_MODEL.weights, ...given(weights) },
    ...(components && { components }),
    ...(environments && { environments }),
    ...(defaultMultiplier !== undefined && { defaultMultiplier }),
  };
}

interface BuiltIn {
  /** Its name in a breakdown. */
  component: string;
  weight: keyof Weights;
  metric?: 'cpuTime' | 'memoryMbSeconds' | 'payloadBytes' | 'redisOps' | 'networkBytes';
  /** How often the metric is halved to count in the unit of the weight. */
  halvings: number;
}

/** In the order of a breakdown. What has no metric counts once per job. */
export const BUILT_IN: readonly BuiltIn[] = [
  { component: 'cpu', weight: 'cpuSecond', metric: 'cpuTime', halvings: 0 },
  { component: 'memory', weight: 'memoryMbSecond', metric: 'memoryMbSeconds', halvings: 0 },
  { component: 'payload', weight: 'payloadKb', metric: 'payloadBytes', halvings: 10 },
  { component: 'redis', weight: 'redisOperation', metric: 'redisOps', halvings: 0 },
  { component: 'network', weight: 'networkMb', metric: 'networkBytes', halvings: 20 },
  { component: 'base', weight: 'base', halvings: 0 },
];

/**
 * Whether a further component may have this name: a word in camelCase that is none of the built-in ones, nor
 * one that every object has (`constructor`).
 */
export function isComponentName(name: string): boolean {
  const taken = BUILT_IN.some(({ component }) => component === name) || name in {};
  return /^[a-z][A-Za-z0-9]{0,39}$/.test(name) && !taken;
}

/** The factor of the whole sum for jobs of that environment. */
export function multiplierOf(model: CostModel, environment: string | undefined): number {
  const named = environment !== undefined && Object.hasOwn(model.environments, environment);
  return (named ? model.environments[environment] : undefined) ?? model.defaultMultiplier;
}

/**
 * What a job costs: Σ weight × metric, times the factor of its environment, worked out exactly and rounded
 * half up once. The breakdown adds up to that total (`apportioned`).
 * @throws AppError `invalid_input` for a metric of a component that the model has not, and for a cost above
 *   9,000,000 USD. Metrics and weights are finite and not negative: the doors see to that.
 */
export function costOfJob(metrics: JobMetrics, model: CostModel, environment?: string): JobCost {
  const unknown = unknownComponents(metrics, model);
  if (unknown.length > 0) throw invalidInput('the cost model has no weight for a component', unknown);
  const multiplier = decimalOf(multiplierOf(model, environment));
  const parts = partsOf(metrics, model);
  const nanoUsd = apportioned(parts.map(({ usd }) => inNanoUsd(times(usd, multiplier))));
  const total = nanoUsd.reduce((sum, part) => sum + part, 0n);
  if (total > BigInt(fromUsd(MAX_AMOUNT_USD)))
    throw invalidInput(`the job would cost more than ${MAX_AMOUNT_USD} USD; are the metrics in their units?`);
  const breakdown = parts.map(({ component }, index) => [component, Number(nanoUsd[index])]);
  return { totalNanoUsd: Number(total), breakdownNanoUsd: Object.fromEntries(breakdown) };
}

function partsOf(metrics: JobMetrics, model: CostModel): { component: string; usd: Decimal }[] {
  const builtIn = BUILT_IN.map(({ component, weight, metric, halvings }) => {
    const used = halved(decimalOf(metric === undefined ? 1 : metrics[metric]), halvings);
    return { component, usd: times(decimalOf(model.weights[weight]), used) };
  });
  const further = Object.entries(model.components).map(([component, weight]) => {
    const used = decimalOf(metrics.components?.[component] ?? 0);
    return { component, usd: times(decimalOf(weight), used) };
  });
  return [...builtIn, ...further];
}

function inNanoUsd(usd: Decimal): Decimal {
  return times(usd, { digits: BigInt(fromUsd(1)), scale: 0 });
}

function unknownComponents(metrics: JobMetrics, model: CostModel): ErrorDetail[] {
  const known = Object.keys(model.components);
  const problem = known.length === 0 ? 'the cost model has no components' : `known: ${known.join(', ')}`;
  return Object.keys(metrics.components ?? {})
    .filter((name) => !Object.hasOwn(model.components, name))
    .map((name) => ({ field: `components.${name}`, problem }));
}
