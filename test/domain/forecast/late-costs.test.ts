import { reportedInFull, sharesKnown } from '../../../domain/forecast/late-costs.ts';
import { forecastScope, type SpendFacts } from '../../../domain/forecast/scope-forecast.ts';
import { randomOf } from '../../../domain/forecast/statistics.ts';

const steady = (count: number) => {
  const random = randomOf(count);
  return Array.from({ length: count }, () => 95 + 10 * random());
};
const weekly = (count: number) => Array.from({ length: count }, (_, at) => (at % 7 < 5 ? 100 : 20));
const seen = (early: number[]) => Array.from({ length: 6 }, () => ({ early, now: [100, 100, 100] }));
const facts = (more: Partial<SpendFacts>): SpendFacts => ({
  ...{ today: 20_640, passed: 0, history: steady(40), begun: 0, reported: [], stale: false },
  span: { first: 20_634, last: 20_653, budget: { amountUsd: 2_500, spentUsd: 600 } },
  ...more,
});

describe('costs that come days after their day', () => {
  test('the share that is known of the newest days is learned from earlier ones', () => {
    expect(sharesKnown(seen([0, 60, 100]))).toEqual([0, 0.6, 1]);
    expect(sharesKnown(seen([0, 60, 100]).slice(2))).toEqual([1, 1, 1]);
    expect(sharesKnown([])).toEqual([1, 1, 1]);
    // Credits that came later make a day look as if more had been known than there is.
    expect(sharesKnown(seen([150, -20, 100]))).toEqual([1, 0, 1]);
    expect(sharesKnown(Array.from({ length: 6 }, () => ({ early: [0], now: [0] })))).toEqual([1, 1, 1]);
  });

  test('a day that is half known counts twice, one of which nothing is known as the usual', () => {
    const history = [...weekly(35), 100, 48, 0];
    expect(reportedInFull(history, [0, 0.5, 1])).toEqual({
      history: [...weekly(35), 100, 96, 100],
      missing: [...weekly(35).map(() => 0), 0, 48, 100],
    });
  });

  test('a day with all of its costs is left as it is, whatever share is usual by now', () => {
    const history = [...weekly(35), 100, 100, 130];
    expect(reportedInFull(history, [0.2, 0.6, 0.9]).history).toEqual(history);
    // The weekend is not made a working day.
    expect(reportedInFull(weekly(35), [0.2, 0.6]).history).toEqual(weekly(35));
  });

  test('credits and short histories are no trouble', () => {
    expect(reportedInFull([100, 100, -30], [0]).history).toEqual([100, 100, 100]);
    expect(reportedInFull([], [0, 0, 0])).toEqual({ history: [], missing: [] });
    expect(reportedInFull([5], [0, 0, 0]).history).toEqual([5]);
  });

  test('the period is forecast as if all had come in time', () => {
    const whole = forecastScope(facts({}), 30);
    const history = steady(40);
    const [yesterday = 0, before = 0] = [history[39], history[38]];
    const late = [...history.slice(0, 38), before / 2, 0];
    const spentUsd = 600 - yesterday - before / 2;
    const span = { ...facts({}).span, budget: { amountUsd: 2_500, spentUsd } };
    const mended = forecastScope(facts({ history: late, span, reported: [0, 0.5, 1] }), 30);
    expect(mended.predictedSpendUsd / whole.predictedSpendUsd).toBeCloseTo(1, 2);
    expect(mended.spentUsd).toBe(spentUsd);
    expect(mended.overrun?.p50).toBe(whole.overrun?.p50);
    const blind = forecastScope(facts({ history: late, span }), 30);
    expect(blind.predictedSpendUsd).toBeLessThan(0.95 * whole.predictedSpendUsd);
  });
});

describe('a forecast of a scope', () => {
  test('adds what today has brought to what the rest of it will bring', () => {
    const day = (more: Partial<SpendFacts>) => forecastScope(facts(more), 1).days[0]?.point ?? 0;
    const whole = day({});
    expect(day({ begun: 30, passed: 0.5 })).toBeCloseTo(30 + whole / 2, 9);
    expect(day({ begun: 30, passed: 1 })).toBe(30);
    // A credit that came today does not make the rest of it cheaper.
    expect(day({ begun: -50, passed: 0.5 })).toBeCloseTo(-50 + whole / 2, 9);
  });

  test('one credit neither bends the level nor comes again as the usual', () => {
    const history = steady(40);
    const plain = forecastScope(facts({ history }), 30);
    const credited = history.map((value, at) => (at === 33 ? value - 400 : value));
    const found = forecastScope(facts({ history: credited }), 30);
    expect(found.predictedSpendUsd / plain.predictedSpendUsd).toBeCloseTo(1, 1);
    expect(found.days.every(({ point }) => point > 80)).toBe(true);
    expect(found.days[0]?.interval95?.low).toBeLessThan(plain.days[0]?.interval95?.low ?? 0);
  });

  test('days without cost are days: whoever sleeps is not forecast from the last day awake', () => {
    const asleep = forecastScope(facts({ history: [...steady(30), ...new Array(10).fill(0)] }), 30);
    expect(asleep.predictedSpendUsd).toBeLessThan(700);
    const weekends = forecastScope(facts({ history: weekly(42).map((day) => (day === 20 ? 0 : day)) }), 14);
    expect(weekends.days.filter(({ point }) => point < 10)).toHaveLength(4);
  });

  test('costs that nobody counts are said before anything else but a budget that is used up', () => {
    const { span } = facts({});
    const states = [
      facts({ stale: true }),
      facts({ stale: true, span: { first: span.first, last: span.last } }),
      facts({ stale: true, history: [1] }),
      facts({ stale: true, span: { ...span, budget: { amountUsd: 10, spentUsd: 10 } } }),
    ].map((each) => forecastScope(each, 1));
    expect(states.map(({ state }) => state)).toEqual(['stale', 'stale', 'stale', 'budget_exceeded']);
    expect(states[0]?.recommendation).toMatch(/^Costs wait to be counted: \$\d+\.\d\d is told without them/);
  });

  test('a period of centuries is neither too long to be forecast nor cut short', () => {
    const span = { first: 20_634, last: 20_639 + 73_200, budget: { amountUsd: 1e6, spentUsd: 600 } };
    const found = forecastScope(facts({ span }), 90);
    expect(found.predictedSpendUsd / 7_320_000).toBeCloseTo(1, 1);
    expect(found.predicted.interval80?.high).toBeGreaterThan(found.predictedSpendUsd);
  });
});
