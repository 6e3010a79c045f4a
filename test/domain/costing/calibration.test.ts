import fc from 'fast-check';
import { accuracyOf } from '../../../domain/costing/accuracy.ts';
import type { Benchmark } from '../../../domain/costing/benchmark.ts';
import { calibrate } from '../../../domain/costing/calibration.ts';
import { type CostModel, costOfJob, DEFAULT_COST_MODEL } from '../../../domain/costing/cost-model.ts';

/** Pseudo-random from 0 to 1, the same in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** Benchmarks whose actual costs are those of `truth`, times 1 ± `noise`. */
function benchmarksOf(count: number, truth: CostModel, noise = 0, environment?: string): Benchmark[] {
  const random = randomFrom(7);
  return Array.from({ length: count }, (_, at) => {
    const metrics = {
      cpuTime: random() * 100,
      memoryMbSeconds: random() * 10_000,
      payloadBytes: Math.floor(random() * 1_000_000),
      redisOps: Math.floor(random() * 10_000),
      networkBytes: Math.floor(random() * 10_000_000),
      components: Object.fromEntries(Object.keys(truth.components).map((name) => [name, random() * 50])),
    };
    const cost = costOfJob(metrics, truth, environment).totalNanoUsd;
    return {
      id: String(at),
      jobType: 'report',
      ...(environment && { environment }),
      metrics,
      actualCostNanoUsd: Math.round(cost * (1 + noise * (2 * random() - 1))),
      calculatedCostNanoUsd: costOfJob(metrics, truth).totalNanoUsd,
      modelVersion: 1,
      timestamp: new Date(1_700_000_000_000 - at * 60_000),
    };
  });
}

const UNUSED = { cpuTime: 0, memoryMbSeconds: 0, payloadBytes: 0, redisOps: 0, networkBytes: 0 };
const TRUTH: CostModel = {
  ...DEFAULT_COST_MODEL,
  weights: {
    cpuSecond: 0.000_3,
    memoryMbSecond: 0.000_004,
    payloadKb: 0.000_05,
    redisOperation: 0.000_002,
    networkMb: 0.003,
    base: 0.02,
  },
};
const expectClose = (found: object, wanted: Record<string, number>, relative: number) => {
  for (const [name, value] of Object.entries(wanted)) {
    const weight = (found as Record<string, number>)[name] ?? Number.NaN;
    expect([name, weight, Math.abs(weight - value) <= relative * value]).toEqual([name, weight, true]);
  }
};

describe('calibrate', () => {
  test('finds the weights that the costs were made of, to the rounding of those costs', () => {
    const { weights, calibration } = calibrate(benchmarksOf(40, TRUTH), DEFAULT_COST_MODEL);
    expectClose(weights, { ...TRUTH.weights }, 1e-6);
    expect(calibration).toMatchObject({ from: 1, sampleCount: 40, heldOut: true, kept: [] });
    expect(calibration.accuracyBefore).toBeLessThan(0.8);
    expect(calibration.accuracyAfter).toBeGreaterThan(0.999_999);
  });

  test('takes the factor of the environment out of the weights', () => {
    const { weights } = calibrate(benchmarksOf(40, TRUTH, 0, 'production'), DEFAULT_COST_MODEL);
    expectClose(weights, { ...TRUTH.weights }, 1e-6);
  });

  test('fits further components beside the built-in ones', () => {
    const truth = { ...TRUTH, components: { gpuSecond: 0.002, licence: 0.01 } };
    const model = { ...DEFAULT_COST_MODEL, components: { gpuSecond: 1, licence: 1 } };
    const { components } = calibrate(benchmarksOf(40, truth), model);
    expectClose(components, truth.components, 1e-6);
    expect(Object.keys(components)).toEqual(['gpuSecond', 'licence']);
  });

  test('holds against noise, and says an accuracy that new jobs confirm', () => {
    const seen = benchmarksOf(300, TRUTH, 0.1).slice(0, 200);
    const { weights, components, calibration } = calibrate(seen, DEFAULT_COST_MODEL);
    expectClose(weights, { cpuSecond: TRUTH.weights.cpuSecond, payloadKb: TRUTH.weights.payloadKb }, 0.2);
    const fresh = benchmarksOf(300, TRUTH, 0.1).slice(200);
    const model = { ...DEFAULT_COST_MODEL, weights, components };
    const missed = fresh.map(({ metrics, actualCostNanoUsd }) =>
      Math.abs(costOfJob(metrics, model).totalNanoUsd - actualCostNanoUsd),
    );
    const paid = fresh.reduce((sum, { actualCostNanoUsd }) => sum + actualCostNanoUsd, 0);
    const accuracy = 1 - missed.reduce((sum, each) => sum + each, 0) / paid;
    expect(Math.abs(calibration.accuracyAfter - accuracy)).toBeLessThan(0.01);
  });

  test('judges a fit by benchmarks that it has not seen: chance alone is not called accurate', () => {
    const random = randomFrom(3);
    const components = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`c${at}`, 0.1]));
    const model = { ...DEFAULT_COST_MODEL, components };
    // Two benchmarks for each component: a fit lies between them, and one says nothing of the other.
    const benchmarks = benchmarksOf(24, model).map((benchmark, at) => ({
      ...benchmark,
      metrics: { ...UNUSED, components: { [`c${at % 12}`]: 1 } },
      actualCostNanoUsd: Math.round(random() ** 3 * 1e9),
    }));
    const { weights, components: fitted, calibration } = calibrate(benchmarks, model);
    const proposed = { ...model, weights, components: fitted };
    const seen = accuracyOf(
      benchmarks.map(({ metrics, actualCostNanoUsd: actual }) => {
        return { actual, calculated: costOfJob(metrics, proposed).totalNanoUsd };
      }),
    );
    expect(calibration.accuracyAfter).toBeLessThan((seen ?? 0) - 0.1);
  });

  test('keeps some back from the twentieth benchmark on', () => {
    const heldOut = (count: number) =>
      calibrate(benchmarksOf(count, TRUTH), DEFAULT_COST_MODEL).calibration.heldOut;
    expect([heldOut(19), heldOut(20)]).toEqual([false, true]);
  });

  test('keeps the weights that no benchmark says anything about, and names them', () => {
    const benchmarks = benchmarksOf(12, TRUTH).map((benchmark) => {
      const metrics = { ...benchmark.metrics, redisOps: 0, networkBytes: 0 };
      return { ...benchmark, metrics, actualCostNanoUsd: costOfJob(metrics, TRUTH).totalNanoUsd };
    });
    const { weights, calibration } = calibrate(benchmarks, DEFAULT_COST_MODEL);
    expect(calibration.kept).toEqual(['redis', 'network']);
    expect([weights.redisOperation, weights.networkMb]).toEqual([0.000_001, 0.01]);
    expectClose(weights, { cpuSecond: TRUTH.weights.cpuSecond, base: TRUTH.weights.base }, 1e-6);
  });

  test('never makes a weight negative, and lets one that costs nothing be zero', () => {
    const truth = { ...TRUTH, weights: { ...TRUTH.weights, redisOperation: 0 } };
    expect(calibrate(benchmarksOf(40, truth), DEFAULT_COST_MODEL).weights.redisOperation).toBeLessThan(1e-12);
    const benchmarks = benchmarksOf(40, TRUTH).map((benchmark) => ({
      ...benchmark,
      // The more CPU, the cheaper: no weight above zero explains that.
      actualCostNanoUsd: Math.round((200 - benchmark.metrics.cpuTime) * 1e6),
    }));
    expect(calibrate(benchmarks, DEFAULT_COST_MODEL).weights.cpuSecond).toBe(0);
  });

  test('makes weights that can be applied of any benchmarks, even of costs that are all zero', () => {
    const amount = fc.double({ min: 0, max: 1e12, noNaN: true });
    const row = fc.tuple(amount, amount, amount, fc.integer({ min: 0, max: 9e15 }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 11, maxLength: 40 }), (rows) => {
        const template = benchmarksOf(1, TRUTH)[0]!;
        const benchmarks = rows.map(([cpuTime, redisOps, networkBytes, actualCostNanoUsd]) => ({
          ...template,
          metrics: { ...template.metrics, cpuTime, redisOps, networkBytes },
          actualCostNanoUsd,
        }));
        const { weights, calibration } = calibrate(benchmarks, DEFAULT_COST_MODEL);
        for (const weight of Object.values(weights))
          expect([weight, Number.isFinite(weight) && weight >= 0]).toEqual([weight, true]);
        for (const accuracy of [calibration.accuracyBefore, calibration.accuracyAfter]) {
          expect(accuracy).toBeGreaterThanOrEqual(0);
          expect(accuracy).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
