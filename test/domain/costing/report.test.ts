import { accuracyOf, biasOf, driftOf } from '../../../domain/costing/accuracy.ts';
import type { Benchmark } from '../../../domain/costing/benchmark.ts';
import { costOfJob, DEFAULT_COST_MODEL } from '../../../domain/costing/cost-model.ts';
import { reportOf } from '../../../domain/costing/report.ts';

const pairs = (...list: [actual: number, calculated: number][]) =>
  list.map(([actual, calculated]) => ({ actual, calculated }));

describe('accuracy', () => {
  test('is one less the share of the cost that was missed, to either side', () => {
    expect(accuracyOf(pairs([100, 90], [100, 110]))).toBeCloseTo(0.9, 12);
    // |90 − 100| + |12 − 10| = 12 of 110
    expect(accuracyOf(pairs([100, 90], [10, 12]))).toBeCloseTo(1 - 12 / 110, 12);
  });

  test('is between 0 and 1, and nothing where there is nothing', () => {
    expect(accuracyOf(pairs([10, 10], [3, 3]))).toBe(1);
    expect(accuracyOf(pairs([10, 100]))).toBe(0);
    expect(accuracyOf(pairs([0, 0]))).toBe(1);
    expect(accuracyOf(pairs([0, 5]))).toBe(0);
    expect(accuracyOf([])).toBeNull();
  });
});

describe('drift', () => {
  test('is the signed share by which the newest third lies off', () => {
    const list = pairs([100, 80], [100, 100], [100, 100], [100, 100], [100, 100], [100, 100]);
    expect(driftOf(list)).toBeCloseTo(-0.1, 12);
    expect(driftOf(list.toReversed())).toBe(0);
    expect(driftOf(pairs([100, 150], [1, 1]))).toBeCloseTo(0.5, 12);
  });

  test('rounds the third up, and is nothing without a cost', () => {
    expect(driftOf(pairs([10, 20], [10, 10], [10, 10], [10, 10]))).toBeCloseTo(0.5, 12);
    expect([driftOf([]), driftOf(pairs([0, 5]))]).toEqual([null, null]);
  });

  test('of all comparisons is the bias', () => {
    expect(biasOf(pairs([100, 80], [100, 110]))).toBeCloseTo(-0.05, 12);
  });
});

const METRICS = { cpuTime: 10, memoryMbSeconds: 100, payloadBytes: 0, redisOps: 0, networkBytes: 0 };
// 0.001 + 0.001 + 0.001
const CALCULATED = costOfJob(METRICS, DEFAULT_COST_MODEL).totalNanoUsd;
const benchmarks = (count: number, actualOf: (at: number) => number, more: Partial<Benchmark> = {}) =>
  Array.from({ length: count }, (_, at) => ({
    id: String(at),
    jobType: 'report',
    metrics: METRICS,
    actualCostNanoUsd: actualOf(at),
    calculatedCostNanoUsd: CALCULATED,
    modelVersion: 1,
    timestamp: new Date(1_700_000_000_000 - at),
    ...more,
  }));

describe('the report', () => {
  test('recommends to collect benchmarks up to the tenth, whatever they say', () => {
    expect(reportOf([], DEFAULT_COST_MODEL)).toEqual({
      modelVersion: 1,
      sampleCount: 0,
      accuracy: null,
      bias: null,
      drift: null,
      recommendedAction: 'collect_benchmarks',
      message: 'a calibration needs more than 10 benchmarks; there are 0',
    });
    const off = (count: number) =>
      reportOf(
        benchmarks(count, () => 9_000_000),
        DEFAULT_COST_MODEL,
      );
    expect([off(10).recommendedAction, off(11).recommendedAction]).toEqual([
      'collect_benchmarks',
      'calibrate',
    ]);
  });

  test('recommends to keep what is accurate, and to calibrate what is not', () => {
    expect(CALCULATED).toBe(3_000_000);
    expect(
      reportOf(
        benchmarks(12, () => CALCULATED),
        DEFAULT_COST_MODEL,
      ),
    ).toMatchObject({
      accuracy: 1,
      drift: 0,
      recommendedAction: 'keep',
      message: 'version 1 is 100.0 % accurate; keep it',
    });
    expect(
      reportOf(
        benchmarks(12, () => 3_300_000),
        DEFAULT_COST_MODEL,
      ),
    ).toMatchObject({
      recommendedAction: 'keep',
      message: 'version 1 is 90.9 % accurate, and of late lies 9.1 % too low; keep it',
    });
    expect(
      reportOf(
        benchmarks(12, () => 3_400_000),
        DEFAULT_COST_MODEL,
      ),
    ).toMatchObject({
      recommendedAction: 'calibrate',
      message: 'version 1 is 88.2 % accurate, and of late lies 11.8 % too low; calibrate it',
    });
  });

  test('recommends to calibrate when only the newest costs have moved away', () => {
    const moved = reportOf(
      benchmarks(30, (at) => (at < 10 ? 2_600_000 : CALCULATED)),
      DEFAULT_COST_MODEL,
    );
    expect(moved.accuracy).toBeGreaterThan(0.95);
    expect(moved.drift).toBeCloseTo(0.4 / 2.6, 12);
    expect(moved.recommendedAction).toBe('calibrate');
  });

  test('takes a cost as recorded under the applied version, and calculates it anew under another', () => {
    const recorded = benchmarks(12, () => 6_000_000, { calculatedCostNanoUsd: 6_000_000 });
    expect(reportOf(recorded, DEFAULT_COST_MODEL).accuracy).toBe(1);
    expect(reportOf(recorded, { ...DEFAULT_COST_MODEL, version: 2 }).accuracy).toBeCloseTo(0.5, 12);
  });

  test('overlooks a component that the applied version has not any more', () => {
    const metrics = { ...METRICS, components: { gpuSecond: 1000 } };
    const report = reportOf(
      benchmarks(12, () => CALCULATED, { metrics }),
      { ...DEFAULT_COST_MODEL, version: 2 },
    );
    expect(report.accuracy).toBeCloseTo(1, 12);
  });
});
