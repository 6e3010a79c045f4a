import { cachedShare, extraCallShare, type RunLesson, ratioBand } from '../../domain/calibration.ts';

const run = (more: Partial<RunLesson> = {}): RunLesson => ({
  meanRatio: 1,
  samples: 10,
  steps: 10,
  calls: 10,
  inputTokens: 100,
  cachedTokens: 0,
  ...more,
});

/** Numbers between 0 and 1, the same ones each time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

const sum = (values: number[]) => values.reduce((all, value) => all + value, 0);
const mean = (values: number[]) => sum(values) / values.length;

describe('the band of one call', () => {
  test('is about the median and the ninetieth percentile of what was seen', () => {
    const ratios = Array.from({ length: 200 }, (_, at) => (at < 100 ? 1 : 1 + (at - 100) / 50));
    const band = ratioBand({ ratios, runs: Array(20).fill(run({ meanRatio: mean(ratios) })) }, 1);
    expect(band.p50).toBeCloseTo(1, 1);
    expect(band.p90).toBeGreaterThan(2.5);
    expect(band.p90).toBeLessThan(2.9);
  });

  test('of equal samples is as wide as runs are assumed to stray, and less after many runs', () => {
    const ratios = Array(50).fill(2);
    const width = (runs: number) =>
      ratioBand({ ratios, runs: Array(runs).fill(run({ meanRatio: 2 })) }, 1).p90 / 2 - 1;
    expect(width(1)).toBeGreaterThan(0.2);
    expect(width(20)).toBeLessThan(0.1);
    expect(width(20)).toBeGreaterThan(0);
  });

  test('is wider where whole runs have strayed from each other', () => {
    const ratios = Array(50).fill(1);
    const alike = Array(10).fill(run());
    const apart = [0.5, 1.5, 0.6, 1.4, 0.5, 1.5, 0.7, 1.3, 0.5, 1.5].map((meanRatio) => run({ meanRatio }));
    expect(ratioBand({ ratios, runs: apart }, 1000).p90).toBeGreaterThan(
      ratioBand({ ratios, runs: alike }, 1000).p90 + 0.3,
    );
  });
});

describe('the band of many calls', () => {
  const skewed = (() => {
    const random = seeded(7);
    return Array.from({ length: 200 }, () => Math.exp(normal(random)));
  })();

  test('has its middle at the mean, for answers that are far too long weigh more than short ones', () => {
    const calibration = { ratios: skewed, runs: [run({ meanRatio: mean(skewed) })] };
    expect(ratioBand(calibration, 1).p50).toBeLessThan(mean(skewed) * 0.75);
    expect(ratioBand(calibration, 1000).p50).toBeCloseTo(mean(skewed), 2);
  });

  test('gets narrower with their number, and never narrower than what is not known', () => {
    const calibration = { ratios: skewed, runs: [run({ meanRatio: mean(skewed) })] };
    const widths = [1, 10, 100, 1000, 1e6].map((calls) => {
      const { p50, p90 } = ratioBand(calibration, calls);
      return p90 - p50;
    });
    expect(widths).toEqual(widths.toSorted((a, b) => b - a));
    expect(widths.at(-1)).toBeGreaterThan(0.1 * mean(skewed));
  });
});

/**
 * Organizations whose runs differ: each run has a factor of its own, each answer one more. From some runs the
 * band of the next one is made, and the next one really happens.
 */
function coverageOf(
  of: { runSpread: number; answerSpread: number; calls: number; runs: number },
  seed: number,
) {
  const random = seeded(seed);
  const TRIALS = 200;
  let below = 0;
  let under50 = 0;
  let naive = 0;
  for (let trial = 0; trial < TRIALS; trial += 1) {
    const answersOf = (count: number) => {
      const factor = Math.exp(of.runSpread * normal(random));
      return Array.from({ length: count }, () => factor * Math.exp(of.answerSpread * normal(random)));
    };
    const past = Array.from({ length: of.runs }, () => answersOf(60));
    const ratios = past.flatMap((answers) => answers.slice(0, 50)).slice(-200);
    const runs = past.map((answers) => run({ meanRatio: mean(answers), samples: answers.length }));
    const { p50, p90 } = ratioBand({ ratios, runs }, of.calls);
    const actual = mean(answersOf(of.calls));
    if (actual <= p90) below += 1;
    if (actual <= p50) under50 += 1;
    if (actual <= (ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length * 0.9)] ?? 0)) naive += 1;
  }
  return { p90: below / TRIALS, p50: under50 / TRIALS, naive: naive / TRIALS };
}

describe('of simulated organizations', () => {
  test.each([
    { runSpread: 0.1, answerSpread: 0.5, calls: 1, runs: 5 },
    { runSpread: 0.1, answerSpread: 0.5, calls: 10, runs: 5 },
    { runSpread: 0.1, answerSpread: 0.5, calls: 300, runs: 5 },
    { runSpread: 0.2, answerSpread: 0.8, calls: 50, runs: 10 },
    { runSpread: 0.2, answerSpread: 0.8, calls: 300, runs: 20 },
    { runSpread: 0.15, answerSpread: 0.3, calls: 300, runs: 1 },
  ])('about nine runs of ten stay below p90, and half of them below p50: %j', (of) => {
    const { p90, p50 } = coverageOf(of, 42);
    expect(p90).toBeGreaterThan(0.84);
    expect(p90).toBeLessThan(0.985);
    expect(p50).toBeGreaterThan(0.38);
    expect(p50).toBeLessThan(0.62);
  });

  test('p90 of the samples, taken for every call of a run, would be above all of them', () => {
    expect(coverageOf({ runSpread: 0.1, answerSpread: 0.5, calls: 300, runs: 5 }, 42).naive).toBe(1);
  });
});

describe('shares', () => {
  test('of extra calls count over all runs, and are never below nothing', () => {
    expect(extraCallShare([run({ steps: 90, calls: 100 }), run({ steps: 10, calls: 10 })])).toBeCloseTo(0.1);
    expect(extraCallShare([run({ steps: 10, calls: 9 })])).toBe(0);
    expect(extraCallShare([])).toBe(0);
  });

  test('of cached input count over all runs, and are never more than all', () => {
    expect(cachedShare([run({ inputTokens: 300, cachedTokens: 100 }), run()])).toBeCloseTo(0.25);
    expect(cachedShare([run({ cachedTokens: 900 })])).toBe(1);
    expect(cachedShare([])).toBe(0);
  });
});
