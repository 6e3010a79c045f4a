import { classicCalls } from '../../domain/estimate.ts';
import type { Price } from '../../domain/money.ts';
import { calibration, calls, estimateOf, item, price } from './expected.ts';

describe('with a calibration', () => {
  test('a step has the outputs that were seen, and the whole is calibrated when all steps are', () => {
    const items = [item('a', [calls('summary', 100, 10, 90), calls('columns', 100, 10, 90)])];
    const half = estimateOf(items, new Map([['summary', calibration('summary', 3)]]));
    expect(half.basis).toBe('cold');
    expect(half.steps).toMatchObject([
      { step: 'summary', basis: 'calibrated', samples: 50, outputTokens: { p50: 30 } },
      { step: 'columns', basis: 'cold', samples: 0, outputTokens: { p50: 10, p90: 90 } },
    ]);
    const both = new Map(['summary', 'columns'].map((step) => [step, calibration(step, 3)]));
    expect(estimateOf(items, both)).toMatchObject({ basis: 'calibrated', outputTokens: { p50: 60 } });
  });

  test('nine samples are too few, ten are enough', () => {
    const items = [item('a', [calls('summary', 100, 10, 20)])];
    const basisWith = (count: number) => {
      const known = { ...calibration('summary', 3), ratios: Array(count).fill(3) };
      return estimateOf(items, new Map([['summary', known]])).basis;
    };
    expect([basisWith(9), basisWith(10)]).toEqual(['cold', 'calibrated']);
  });

  test('repairs cost what share of calls they have been', () => {
    const known = new Map([['summary', calibration('summary', 1, { steps: 50, calls: 60 })]]);
    const { overhead, steps, costNanoUsd } = estimateOf([item('a', [calls('summary', 100, 10, 20)])], known);
    expect(overhead.share.p50).toBeCloseTo(0.2);
    expect(overhead.costNanoUsd.p50).toBe((steps[0]?.costNanoUsd.p50 ?? 0) / 5);
    expect(costNanoUsd.p50).toBe((100 * 250 + 10 * 2000) * 1.2);
  });

  test('input from the provider’s cache makes the middle cheaper, and not the dear end', () => {
    const at: Price = { ...price, cachedReadUsdPerMillion: 0.05 };
    const known = new Map([['summary', calibration('summary', 1, { inputTokens: 1000, cachedTokens: 500 })]]);
    const [step] = estimateOf([item('a', [calls('summary', 1000, 0, 0)])], known, at).steps;
    expect(step?.costNanoUsd).toEqual({ p50: 500 * 250 + 500 * 50, p90: 1000 * 250 });
  });
});

test('blocks without prompts cost by the classic formula: blocks × average tokens × price + overhead', () => {
  const averageOutputTokens = { p50: 400, p90: 900 };
  const blocks = classicCalls({ step: 'NB1', blocks: 15, averageInputTokens: 2_000, averageOutputTokens });
  const { costNanoUsd, calls: count } = estimateOf([item('company', [blocks])]);
  expect(count).toBe(15);
  expect(costNanoUsd).toEqual({
    p50: 15 * (2_000 * 250 + 400 * 2000),
    p90: 15 * (2_000 * 250 + 900 * 2000) * 1.05,
  });
  expect(estimateOf([item('company', [{ ...blocks, calls: 0 }])]).costNanoUsd).toEqual({ p50: 0, p90: 0 });
});
