import fc from 'fast-check';
import {
  type CostModel,
  costOfJob,
  DEFAULT_COST_MODEL,
  isComponentName,
  type JobMetrics,
} from '../../../domain/costing/cost-model.ts';
import { AppError } from '../../../domain/errors.ts';

const NOTHING: JobMetrics = {
  cpuTime: 0,
  memoryMbSeconds: 0,
  payloadBytes: 0,
  redisOps: 0,
  networkBytes: 0,
};
const FREE = { cpuSecond: 0, memoryMbSecond: 0, payloadKb: 0, redisOperation: 0, networkMb: 0, base: 0 };
const KNOWN_JOB = {
  cpuTime: 15.2,
  memoryMbSeconds: 2048,
  payloadBytes: 51_200,
  redisOps: 25,
  networkBytes: 10_240,
};
const modelOf = (more: Partial<CostModel>): CostModel => ({ ...DEFAULT_COST_MODEL, ...more });
/** The total of so many CPU seconds at a weight, and nothing else. */
const cpu = (cpuTime: number, cpuSecond: number, multiplier = 1) =>
  costOfJob(
    { ...NOTHING, cpuTime },
    modelOf({ weights: { ...FREE, cpuSecond }, defaultMultiplier: multiplier }),
  ).totalNanoUsd;
const problemOf = (work: () => unknown): AppError => {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error('nothing was refused');
};

describe('costOfJob', () => {
  test('is 24,122,656 nano-dollars for the job that users know, and says what of it is what', () => {
    expect(costOfJob(KNOWN_JOB, DEFAULT_COST_MODEL)).toEqual({
      totalNanoUsd: 24_122_656,
      breakdownNanoUsd: {
        cpu: 1_520_000,
        memory: 20_480_000,
        payload: 1_000_000,
        redis: 25_000,
        network: 97_656,
        base: 1_000_000,
      },
    });
  });

  test('takes the factor of the environment times the whole sum, base and all, before it rounds', () => {
    // 24,122,656.25 × 2 = 48,245,312.5 and × 0.5 = 12,061,328.125
    expect(costOfJob(KNOWN_JOB, DEFAULT_COST_MODEL, 'production').totalNanoUsd).toBe(48_245_313);
    expect(costOfJob(KNOWN_JOB, DEFAULT_COST_MODEL, 'staging').totalNanoUsd).toBe(12_061_328);
    expect(costOfJob(KNOWN_JOB, DEFAULT_COST_MODEL, 'laptop').totalNanoUsd).toBe(24_122_656);
    expect(costOfJob(KNOWN_JOB, DEFAULT_COST_MODEL, 'constructor').totalNanoUsd).toBe(24_122_656);
    expect(costOfJob(NOTHING, modelOf({ defaultMultiplier: 3 }), 'laptop').totalNanoUsd).toBe(3_000_000);
  });

  test('rounds a half up, and what lies one unit of the last decimal beside it to its own side', () => {
    expect(cpu(1, 0.000_000_000_499_999)).toBe(0);
    expect(cpu(1, 0.000_000_000_5)).toBe(1);
    expect(cpu(1, 0.000_000_000_500_001)).toBe(1);
    expect(cpu(3, 0.000_000_000_5)).toBe(2);
    expect(cpu(2, 0.000_000_000_5)).toBe(1);
  });

  test('is exact where binary fractions are not', () => {
    // 1.005 × 100 is 100.49999999999999 in binary.
    expect(cpu(1.005, 0.000_000_1)).toBe(101);
    expect(cpu(1.004_999_999_999_999, 0.000_000_1)).toBe(100);
    // A half beside eight million dollars: sixteen digits and a half.
    expect(cpu(8_000_000_000, 0.001)).toBe(8_000_000_000_000_000);
    expect(cpu(8_000_000_000.000_001, 0.000_5, 2)).toBe(8_000_000_000_000_001);
    const sum = { ...NOTHING, cpuTime: 0.1, memoryMbSeconds: 0.2, redisOps: 0.2 };
    const weights = { ...FREE, cpuSecond: 1e-9, memoryMbSecond: 1e-9, redisOperation: 1e-9 };
    expect(costOfJob(sum, modelOf({ weights })).totalNanoUsd).toBe(1);
  });

  test('counts a KB as 1,024 bytes and a MB as 1,048,576', () => {
    const weights = { ...FREE, payloadKb: 1e-9, networkMb: 1e-9 };
    const of = (payloadBytes: number, networkBytes: number) =>
      costOfJob({ ...NOTHING, payloadBytes, networkBytes }, modelOf({ weights })).totalNanoUsd;
    expect([of(1024, 0), of(511, 0), of(512, 0)]).toEqual([1, 0, 1]);
    expect([of(0, 1_048_576), of(0, 524_287), of(0, 524_288)]).toEqual([1, 0, 1]);
  });

  test('rounds once over all parts, and the parts add up to that total', () => {
    const model = modelOf({ weights: { ...FREE, cpuSecond: 4e-10, memoryMbSecond: 4e-10, base: 4e-10 } });
    const { totalNanoUsd, breakdownNanoUsd } = costOfJob(
      { ...NOTHING, cpuTime: 1, memoryMbSeconds: 1 },
      model,
    );
    expect(totalNanoUsd).toBe(1);
    expect(breakdownNanoUsd).toEqual({ cpu: 1, memory: 0, payload: 0, redis: 0, network: 0, base: 0 });
  });

  test('prices further components by their names', () => {
    const model = modelOf({ components: { gpuSecond: 0.000_5, licence: 0.25 } });
    const { totalNanoUsd, breakdownNanoUsd } = costOfJob(
      { ...NOTHING, components: { gpuSecond: 12 } },
      model,
    );
    expect(breakdownNanoUsd).toMatchObject({ gpuSecond: 6_000_000, licence: 0, base: 1_000_000 });
    expect(totalNanoUsd).toBe(7_000_000);
  });

  test('refuses a component that has no weight rather than count it as nothing', () => {
    const metrics = { ...NOTHING, components: { gpuSeconds: 1, toString: 1 } };
    const error = problemOf(() => costOfJob(metrics, modelOf({ components: { gpuSecond: 1 } })));
    expect([error.code, error.details]).toEqual([
      'invalid_input',
      [
        { field: 'components.gpuSeconds', problem: 'known: gpuSecond' },
        { field: 'components.toString', problem: 'known: gpuSecond' },
      ],
    ]);
  });

  test('refuses a cost above 9,000,000 USD by one nano-dollar, and takes 9,000,000 USD', () => {
    expect(cpu(9_000_000, 1)).toBe(9_000_000_000_000_000);
    const above = modelOf({ weights: { ...FREE, cpuSecond: 1, base: 1e-9 } });
    const used = { ...NOTHING, cpuTime: 9_000_000 };
    expect(problemOf(() => costOfJob(used, above)).code).toBe('invalid_input');
    expect(problemOf(() => cpu(1e300, 1e6)).code).toBe('invalid_input');
  });

  test('never takes what is no quantity', () => {
    for (const cpuTime of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => costOfJob({ ...NOTHING, cpuTime }, DEFAULT_COST_MODEL)).toThrow(RangeError);
  });

  test('equals integer arithmetic for any job, and its parts lie within one of their own values', () => {
    const weight = fc.integer({ min: 0, max: 10_000_000 });
    const amount = fc.integer({ min: 0, max: 10_000_000 });
    const job = fc.tuple(amount, amount, amount, amount, amount);
    const weights = fc.tuple(weight, weight, weight, weight, weight, weight);
    fc.assert(
      fc.property(job, weights, fc.constantFrom(1, 0.5, 2, 0.001), (used, per, multiplier) => {
        // Weights in picodollars and metrics in thousandths, so that halves are common.
        const [cpuSecond, memoryMbSecond, payloadKb, redisOperation, networkMb, base] = per.map(
          (w) => w / 1e12,
        );
        const model = modelOf({
          weights: { cpuSecond, memoryMbSecond, payloadKb, redisOperation, networkMb, base } as never,
          defaultMultiplier: multiplier,
        });
        const [cpuTime, memoryMbSeconds, payloadBytes, redisOps, networkBytes] = used.map((u) => u / 1e3);
        const job = { cpuTime, memoryMbSeconds, payloadBytes, redisOps, networkBytes } as JobMetrics;
        const { totalNanoUsd, breakdownNanoUsd } = costOfJob(job, model);
        // In units of a picodollar ÷ 1,000 ÷ 1,000 ÷ 2^20.
        const factor = BigInt(multiplier * 1000);
        const units = [1n << 20n, 1n << 20n, 1n << 10n, 1n << 20n, 1n].map(
          (unit, at) => BigInt(used[at]!) * BigInt(per[at]!) * unit * factor,
        );
        units.push(BigInt(per[5]!) * 1000n * (1n << 20n) * factor);
        const one = 1000n * 1000n * 1000n * (1n << 20n);
        const exact = units.reduce((sum, unit) => sum + unit, 0n);
        expect(BigInt(totalNanoUsd)).toBe((2n * exact + one) / (2n * one));
        const parts = Object.values(breakdownNanoUsd);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(totalNanoUsd);
        for (const [at, part] of parts.entries()) {
          expect(BigInt(part)).toBeGreaterThanOrEqual(units[at]! / one);
          expect(BigInt(part)).toBeLessThanOrEqual((units[at]! + one - 1n) / one);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test('names of components are words in camelCase that mean nothing else', () => {
  for (const name of ['gpuSecond', 'licence', 'x', 'tokens1k'])
    expect([name, isComponentName(name)]).toEqual([name, true]);
  for (const name of [
    '',
    'GPU',
    'gpu-second',
    'gpu.second',
    '$gpu',
    '1x',
    'cpu',
    'base',
    'constructor',
    '__proto__',
    'toString',
    'a'.repeat(41),
  ])
    expect([name, isComponentName(name)]).toEqual([name, false]);
});
