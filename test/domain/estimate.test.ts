import fc from 'fast-check';
import { addUpEstimate, type ExpectedStep } from '../../domain/estimate.ts';
import type { Price } from '../../domain/money.ts';

const price: Price = { inputUsdPerMillion: 0.25, outputUsdPerMillion: 2, source: 'test' };
const facts = { items: 2, reusedItems: 1, price, model: 'offline/gpt-5-mini' };
const step = (name: string, inputTokens: number, p50: number, p90: number): ExpectedStep => ({
  step: name,
  inputTokens,
  outputTokens: { p50, p90 },
});
const anyStep = fc
  .record({
    step: fc.constantFrom('summary', 'columns', 'lineage'),
    inputTokens: fc.integer({ min: 0, max: 100_000 }),
    p50: fc.integer({ min: 0, max: 4_000 }),
    more: fc.integer({ min: 0, max: 4_000 }),
  })
  .map(({ step: name, inputTokens, p50, more }) => step(name, inputTokens, p50, p50 + more));

describe('addUpEstimate', () => {
  test('sums tokens and cost by step and over all of them', () => {
    const all = [step('summary', 100, 10, 20), step('columns', 300, 30, 60), step('summary', 200, 20, 40)];
    const estimate = addUpEstimate(all, facts);
    expect(estimate).toMatchObject({
      basis: 'cold',
      items: 2,
      reusedItems: 1,
      calls: 3,
      inputTokens: 600,
      outputTokens: { p50: 60, p90: 120 },
      costNanoUsd: { p50: 600 * 250 + 60 * 2000, p90: 600 * 250 + 120 * 2000 },
      model: 'offline/gpt-5-mini',
      price,
    });
    expect(estimate.steps).toEqual([
      {
        step: 'summary',
        calls: 2,
        inputTokens: 300,
        outputTokens: { p50: 30, p90: 60 },
        costNanoUsd: { p50: 300 * 250 + 30 * 2000, p90: 300 * 250 + 60 * 2000 },
      },
      {
        step: 'columns',
        calls: 1,
        inputTokens: 300,
        outputTokens: { p50: 30, p90: 60 },
        costNanoUsd: { p50: 300 * 250 + 30 * 2000, p90: 300 * 250 + 60 * 2000 },
      },
    ]);
  });

  test('of nothing is nothing', () => {
    expect(addUpEstimate([], facts)).toMatchObject({ calls: 0, steps: [], costNanoUsd: { p50: 0, p90: 0 } });
  });

  test('does not depend on the order of the steps', () => {
    const shuffled = fc
      .array(anyStep, { maxLength: 30 })
      .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    const sorted = (steps: ExpectedStep[]) => {
      const estimate = addUpEstimate(steps, facts);
      return { ...estimate, steps: estimate.steps.toSorted((a, b) => (a.step < b.step ? -1 : 1)) };
    };
    fc.assert(fc.property(shuffled, ([one, other]) => expect(sorted(one)).toEqual(sorted(other))));
  });

  test('is the sum of its steps to the nano-dollar, and p50 never exceeds p90', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 30 }), (list) => {
        const { steps, costNanoUsd, calls } = addUpEstimate(list, facts);
        expect(steps.reduce((sum, one) => sum + one.costNanoUsd.p50, 0)).toBe(costNanoUsd.p50);
        expect(steps.reduce((sum, one) => sum + one.costNanoUsd.p90, 0)).toBe(costNanoUsd.p90);
        expect(costNanoUsd.p50).toBeLessThanOrEqual(costNanoUsd.p90);
        expect(calls).toBe(list.length);
      }),
    );
  });
});
