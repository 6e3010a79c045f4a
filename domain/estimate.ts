import type { Price } from './money.ts';
import type { Band } from './run.ts';

/** Figures come from stated defaults, or from what runs really used. */
export type Basis = 'cold' | 'calibrated';

/** Calls of one step of one item, as its kind expects them before anything is known of past runs. Tokens. */
export interface ExpectedCalls {
  step: string;
  /** Mostly 1. */
  calls: number;
  /** Of each call. */
  inputTokens: number;
  /** Of each call. */
  outputTokens: Band;
  /** The most that each call can return; absent where there is no such limit. */
  maxOutputTokens?: number;
}

export interface ExpectedItem {
  /** What items of a kind are told apart by, for people, e.g. `staging`, `marts`. */
  class: string;
  reused: boolean;
  asked: ExpectedCalls[];
  /** What is not asked because a stored result is still fresh. */
  saved: ExpectedCalls[];
}

/** Sums over calls. Repairs are not in them: they stand in `overhead`. */
interface Sums {
  calls: number;
  inputTokens: number;
  outputTokens: Band;
  costNanoUsd: Band;
}

export interface StepEstimate extends Sums {
  step: string;
  basis: Basis;
  /** Calls of past runs that its figures come from; 0 where cold. */
  samples: number;
}

export interface ClassEstimate extends Sums {
  class: string;
  items: number;
  reusedItems: number;
}

/**
 * Tokens and cost of a run before it starts. Steps and overhead, and likewise classes and overhead, add up to
 * the cost of the whole to the nano-dollar.
 */
export interface Estimate extends Sums {
  /** `calibrated` where every step is. */
  basis: Basis;
  items: number;
  /** Items that are expected to be reused as a whole, and so cost nothing. */
  reusedItems: number;
  steps: StepEstimate[];
  classes: ClassEstimate[];
  /** Calls beyond the first of a step (repairs), as a share of all calls, and what they cost. */
  overhead: { share: Band; costNanoUsd: Band };
  /** What steps would have cost whose stored results are still fresh. */
  reuseSavings: { calls: number; costNanoUsd: Band };
  price: Price;
  model: string;
  /** SHA-256, in hexadecimal, over all that an approval binds. */
  hash: string;
  /** Of a run's estimate: when it was made, and what the run had cost by then. */
  made?: { at: Date; spentNanoUsd: number };
}

/**
 * The classic formula, for steps whose prompts cannot be rendered before the run: number of blocks × average
 * tokens × price + overhead. It comes out of the same sums, with an average in place of each prompt's tokens.
 */
export function classicCalls(of: {
  step: string;
  blocks: number;
  averageInputTokens: number;
  averageOutputTokens: Band;
}): ExpectedCalls {
  const { step, blocks, averageInputTokens, averageOutputTokens } = of;
  return { step, calls: blocks, inputTokens: averageInputTokens, outputTokens: averageOutputTokens };
}

/** All that an approval binds, in one fixed order: what the hash of an estimate is made over. */
export function boundFacts(estimate: Omit<Estimate, 'hash'>): string {
  const { items, reusedItems, calls, inputTokens, outputTokens, costNanoUsd, basis, model, price } = estimate;
  const { inputUsdPerMillion, outputUsdPerMillion, cachedReadUsdPerMillion, cachedWriteUsdPerMillion } =
    price;
  const rates = [inputUsdPerMillion, outputUsdPerMillion, cachedReadUsdPerMillion, cachedWriteUsdPerMillion];
  const tiers = (price.tiers ?? []).map((tier) => Object.entries(tier).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify([
    [items, reusedItems, calls, inputTokens, pair(outputTokens), pair(costNanoUsd), basis],
    estimate.steps.map((step) => [step.step, step.calls, step.inputTokens, pair(step.costNanoUsd)]),
    [pair(estimate.overhead.costNanoUsd), model, rates.map((rate) => rate ?? null), tiers, price.source],
  ]);
}

function pair({ p50, p90 }: Band): [number, number] {
  return [p50, p90];
}
