import type { Calibration } from '../../domain/calibration.ts';
import type { ExpectedCalls, ExpectedItem } from '../../domain/estimate.ts';
import { sumEstimate } from '../../domain/estimate-sum.ts';
import type { Price } from '../../domain/money.ts';

export const price: Price = { inputUsdPerMillion: 0.25, outputUsdPerMillion: 2, source: 'test' };
export const model = 'offline/gpt-5-mini';
export const COLD = new Map<string, Calibration>();

export const calls = (step: string, inputTokens: number, p50: number, p90: number): ExpectedCalls => ({
  step,
  calls: 1,
  inputTokens,
  outputTokens: { p50, p90 },
  maxOutputTokens: 10_000,
});
export const item = (name: string, asked: ExpectedCalls[], saved: ExpectedCalls[] = []): ExpectedItem => ({
  class: name,
  reused: asked.length === 0,
  asked,
  saved,
});

export function estimateOf(
  items: ExpectedItem[],
  calibrations: ReadonlyMap<string, Calibration> = COLD,
  at = price,
) {
  const sum = sumEstimate(at);
  for (const each of items) sum.add(each);
  return sum.end({ model }, calibrations);
}

/** All samples alike, of one run without repairs. */
export function calibration(
  step: string,
  ratio: number,
  more: Partial<Calibration['runs'][number]> = {},
): Calibration {
  const run = { meanRatio: ratio, samples: 50, steps: 50, calls: 50, inputTokens: 1000, cachedTokens: 0 };
  return { step, count: 50, ratios: Array(50).fill(ratio), runs: [{ ...run, ...more }] };
}
