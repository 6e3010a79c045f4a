import fc from 'fast-check';
import { boundFacts, type ExpectedItem } from '../../domain/estimate.ts';
import { costOfUsage, type Price } from '../../domain/money.ts';
import { COLD, calibration, calls, estimateOf, item, model, price } from './expected.ts';

const anyCalls = fc
  .record({
    step: fc.constantFrom('summary', 'columns', 'lineage'),
    inputTokens: fc.integer({ min: 0, max: 300_000 }),
    p50: fc.integer({ min: 0, max: 4_000 }),
    more: fc.integer({ min: 0, max: 4_000 }),
  })
  .map(({ step, inputTokens, p50, more }) => calls(step, inputTokens, p50, p50 + more));
const anyItem = fc
  .record({
    name: fc.constantFrom('staging', 'marts', 'core'),
    asked: fc.array(anyCalls, { maxLength: 4 }),
    saved: fc.array(anyCalls, { maxLength: 2 }),
  })
  .map(({ name, asked, saved }) => item(name, asked, saved));
const anyCalibrations = fc
  .uniqueArray(fc.constantFrom('summary', 'columns', 'lineage'))
  .chain((steps) =>
    fc.tuple(
      ...steps.map((step) =>
        fc.double({ min: 0.1, max: 9, noNaN: true }).map((ratio) => calibration(step, ratio)),
      ),
    ),
  )
  .map((list) => new Map(list.map((one) => [one.step, one])));
const anyPrice = fc.constantFrom<Price>(price, {
  inputUsdPerMillion: 1.1,
  outputUsdPerMillion: 9.7,
  cachedReadUsdPerMillion: 0.11,
  cachedWriteUsdPerMillion: 1.375,
  tiers: [{ aboveInputTokens: 200_000, inputUsdPerMillion: 2.2, outputUsdPerMillion: 14.3 }],
  source: 'test',
});

describe('an estimate', () => {
  test('sums tokens and cost by step, by class and over all, with the repairs to be expected', () => {
    const estimate = estimateOf([
      item('staging', [calls('summary', 100, 10, 20), calls('columns', 300, 30, 60)]),
      item('marts', [calls('summary', 200, 20, 40)]),
      item('marts', [], [calls('summary', 500, 10, 20)]),
    ]);
    const summary = { p50: 300 * 250 + 30 * 2000, p90: 300 * 250 + 60 * 2000 };
    const columns = { p50: 300 * 250 + 30 * 2000, p90: 300 * 250 + 60 * 2000 };
    const overhead = { p50: 0, p90: (summary.p90 + columns.p90) / 20 };
    expect(estimate).toMatchObject({
      basis: 'cold',
      items: 3,
      reusedItems: 1,
      calls: 3,
      inputTokens: 600,
      outputTokens: { p50: 60, p90: 120 },
      costNanoUsd: { p50: summary.p50 + columns.p50, p90: summary.p90 + columns.p90 + overhead.p90 },
      overhead: { share: { p50: 0, p90: 0.05 }, costNanoUsd: overhead },
      reuseSavings: { calls: 1, costNanoUsd: { p50: 500 * 250 + 10 * 2000, p90: 500 * 250 + 20 * 2000 } },
      model,
      price,
    });
    expect(estimate.steps).toMatchObject([
      { step: 'summary', basis: 'cold', samples: 0, calls: 2, inputTokens: 300, costNanoUsd: summary },
      { step: 'columns', basis: 'cold', samples: 0, calls: 1, inputTokens: 300, costNanoUsd: columns },
    ]);
    expect(estimate.classes).toMatchObject([
      { class: 'staging', items: 1, reusedItems: 0, calls: 2, inputTokens: 400 },
      { class: 'marts', items: 2, reusedItems: 1, calls: 1, inputTokens: 200 },
    ]);
  });

  test('of nothing is nothing', () => {
    expect(estimateOf([])).toMatchObject({
      basis: 'cold',
      calls: 0,
      steps: [],
      classes: [],
      costNanoUsd: { p50: 0, p90: 0 },
      overhead: { share: { p50: 0, p90: 0 }, costNanoUsd: { p50: 0, p90: 0 } },
    });
  });

  test('does not depend on the order of the items', () => {
    const shuffled = fc
      .array(anyItem, { maxLength: 20 })
      .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    const sorted = (items: ExpectedItem[]) => {
      const estimate = estimateOf(items);
      return { ...estimate, steps: estimate.steps.toSorted((a, b) => (a.step < b.step ? -1 : 1)) };
    };
    fc.assert(fc.property(shuffled, ([one, other]) => expect(sorted(one)).toEqual(sorted(other))));
  });

  test('is to the nano-dollar its steps and overhead, or classes and overhead; p50 ≤ p90', () => {
    fc.assert(
      fc.property(fc.array(anyItem, { maxLength: 30 }), anyCalibrations, anyPrice, (items, known, at) => {
        const estimate = estimateOf(items, known, at);
        for (const parts of [estimate.steps, estimate.classes])
          for (const end of ['p50', 'p90'] as const) {
            const sum = parts.reduce((all, { costNanoUsd }) => all + costNanoUsd[end], 0);
            expect(sum + estimate.overhead.costNanoUsd[end]).toBe(estimate.costNanoUsd[end]);
          }
        for (const part of [estimate, ...estimate.steps, ...estimate.classes]) {
          expect(part.costNanoUsd.p50).toBeLessThanOrEqual(part.costNanoUsd.p90);
          expect(part.outputTokens.p50).toBeLessThanOrEqual(part.outputTokens.p90);
          expect(Object.values(part.costNanoUsd).every(Number.isSafeInteger)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('has for its middle, call by call, what such calls cost', () => {
    fc.assert(
      fc.property(fc.array(anyCalls, { minLength: 1, maxLength: 20 }), anyPrice, (list, at) => {
        const sum = list.reduce(
          (all, { inputTokens, outputTokens }) =>
            all + costOfUsage({ inputTokens, outputTokens: outputTokens.p50 }, at),
          0,
        );
        const { costNanoUsd } = estimateOf([item('a', list)], COLD, at);
        expect(Math.abs(costNanoUsd.p50 - sum)).toBeLessThanOrEqual(list.length);
      }),
    );
  });

  test('reckons at its dear end with the dearest price: cache writes, and the tier reached', () => {
    const at: Price = {
      inputUsdPerMillion: 1,
      outputUsdPerMillion: 10,
      cachedWriteUsdPerMillion: 1.25,
      tiers: [{ aboveInputTokens: 1000, inputUsdPerMillion: 2, outputUsdPerMillion: 20 }],
      source: 'test',
    };
    const one = estimateOf([item('a', [calls('summary', 1000, 10, 20)])], COLD, at).steps[0];
    expect(one?.costNanoUsd).toEqual({ p50: 1000 * 1000 + 10 * 10_000, p90: 1000 * 1250 + 20 * 10_000 });
    const other = estimateOf([item('a', [calls('summary', 1001, 10, 20)])], COLD, at).steps[0];
    expect(other?.costNanoUsd).toEqual({ p50: 1001 * 2000 + 10 * 20_000, p90: 1001 * 2000 + 20 * 20_000 });
  });

  test('never expects more output than calls can return', () => {
    const capped = { ...calls('summary', 0, 100, 200), maxOutputTokens: 50 };
    const [step] = estimateOf([item('a', [capped])]).steps;
    expect(step).toMatchObject({
      outputTokens: { p50: 50, p90: 50 },
      costNanoUsd: { p50: 100_000, p90: 100_000 },
    });
  });

  test('shows at most forty classes, and the rest as one', () => {
    const items = Array.from({ length: 100 }, (_, at) => item(`c${at}`, [calls('summary', 1, 1, 1)]));
    const { classes, calls: all } = estimateOf(items);
    expect(classes).toHaveLength(41);
    expect(classes[0]).toMatchObject({ class: 'other', items: 60, calls: 60 });
    expect(all).toBe(100);
  });
});

describe('what an approval binds', () => {
  const base = estimateOf([item('a', [calls('summary', 100, 10, 20)])]);
  const facts = (change: object) => boundFacts({ ...base, ...change });

  test.each([
    ['items', { items: 2 }],
    ['reused items', { reusedItems: 1 }],
    ['calls', { calls: 2 }],
    ['input tokens', { inputTokens: 101 }],
    ['output tokens', { outputTokens: { p50: 10, p90: 21 } }],
    ['the cost, by one nano-dollar', { costNanoUsd: { ...base.costNanoUsd, p90: base.costNanoUsd.p90 + 1 } }],
    ['the steps', { steps: [] }],
    ['the overhead', { overhead: { ...base.overhead, costNanoUsd: { p50: 1, p90: 1 } } }],
    ['the model', { model: 'offline/gpt-5' }],
    ['the price', { price: { ...price, inputUsdPerMillion: 0.26 } }],
    ['the price of cached input', { price: { ...price, cachedReadUsdPerMillion: 0.26 } }],
    ['a tier of the price', { price: { ...price, tiers: [{ ...price, aboveInputTokens: 5 }] } }],
    ['where the price comes from', { price: { ...price, source: 'own price' } }],
  ])('changes with %s', (_, change) => {
    expect(facts(change)).not.toBe(facts({}));
  });

  test('is the same for the same estimate, however its fields are ordered and whenever it was made', () => {
    const tier = { aboveInputTokens: 5, inputUsdPerMillion: 1, outputUsdPerMillion: 2 };
    const turned = Object.fromEntries(Object.entries(tier).reverse()) as unknown as typeof tier;
    expect(facts({ price: { ...price, tiers: [tier] } })).toBe(
      facts({ price: { ...price, tiers: [turned] } }),
    );
    expect(facts({ made: { at: new Date(), spentNanoUsd: 5 } })).toBe(facts({}));
  });
});
