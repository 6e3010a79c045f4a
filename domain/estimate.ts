import { costOfUsage, type Price } from './money.ts';
import type { Band } from './run.ts';

/** What one step of one item is expected to need. Tokens. */
export interface ExpectedStep {
  step: string;
  inputTokens: number;
  outputTokens: Band;
}

interface StepEstimate {
  step: string;
  calls: number;
  inputTokens: number;
  outputTokens: Band;
  costNanoUsd: Band;
}

/**
 * Tokens and cost of a run before it starts. `cold`: from stated defaults; `calibrated`: from what runs
 * really used.
 */
export interface Estimate {
  basis: 'cold' | 'calibrated';
  items: number;
  /** Items that are expected to be reused, and so cost nothing. */
  reusedItems: number;
  calls: number;
  inputTokens: number;
  outputTokens: Band;
  costNanoUsd: Band;
  steps: StepEstimate[];
  price: Price;
  model: string;
}

/**
 * Adds up expected steps. The band of the sum is the sum of the bands: outputs of one run err together (same
 * model, same prompt), so the errors are taken as fully dependent rather than averaged away.
 */
export function addUpEstimate(
  expected: Iterable<ExpectedStep>,
  facts: { items: number; reusedItems: number; price: Price; model: string },
): Estimate {
  const bySteps = new Map<string, StepEstimate>();
  for (const { step, inputTokens, outputTokens } of expected) {
    const sum = bySteps.get(step) ?? emptyStep(step);
    sum.calls += 1;
    sum.inputTokens += inputTokens;
    sum.outputTokens.p50 += outputTokens.p50;
    sum.outputTokens.p90 += outputTokens.p90;
    sum.costNanoUsd.p50 += costOfUsage({ inputTokens, outputTokens: outputTokens.p50 }, facts.price);
    sum.costNanoUsd.p90 += costOfUsage({ inputTokens, outputTokens: outputTokens.p90 }, facts.price);
    bySteps.set(step, sum);
  }
  const steps = [...bySteps.values()];
  const sumOf = (pick: (step: StepEstimate) => number) => steps.reduce((sum, step) => sum + pick(step), 0);
  return {
    basis: 'cold',
    ...facts,
    calls: sumOf((step) => step.calls),
    inputTokens: sumOf((step) => step.inputTokens),
    outputTokens: { p50: sumOf((s) => s.outputTokens.p50), p90: sumOf((s) => s.outputTokens.p90) },
    costNanoUsd: { p50: sumOf((s) => s.costNanoUsd.p50), p90: sumOf((s) => s.costNanoUsd.p90) },
    steps,
  };
}

function emptyStep(step: string): StepEstimate {
  return {
    step,
    calls: 0,
    inputTokens: 0,
    outputTokens: { p50: 0, p90: 0 },
    costNanoUsd: { p50: 0, p90: 0 },
  };
}
