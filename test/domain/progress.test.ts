import fc from 'fast-check';
import {
  averageItemMs,
  MAX_SAMPLES,
  NO_PROGRESS,
  percentOf,
  rateAndEta,
  successRate,
} from '../../domain/progress.ts';

const counters = (total: number, done: number, failed = 0, reused = 0) => ({
  ...NO_PROGRESS,
  total,
  done,
  failed,
  reused,
});

/** Samples in the order of time, as a run keeps them. */
const samples = fc
  .array(fc.record({ after: fc.integer({ min: 0, max: 90_000 }), items: fc.integer({ min: 0, max: 400 }) }), {
    maxLength: MAX_SAMPLES,
  })
  .map((list) => {
    let at = 1_700_000_000_000;
    return list.map(({ after, items }) => {
      at += after;
      return { at, items };
    });
  });

describe('percentOf', () => {
  test('counts failed objects as ended', () => {
    expect(percentOf(counters(8, 1, 1, 2))).toBe(50);
  });

  test('is 0 before anything is planned: nothing is done then', () => {
    expect(percentOf(NO_PROGRESS)).toBe(0);
  });

  test('never shows 100 while one object is left, however many there are', () => {
    expect(percentOf(counters(100_000, 99_999))).toBe(99.9);
    expect(percentOf(counters(100_000, 99_999, 1))).toBe(100);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (total, part) => {
          const ended = Math.min(total - 1, Math.floor(total * part));
          const percent = percentOf(counters(total, ended));
          expect(percent).toBeGreaterThanOrEqual(0);
          expect(percent).toBeLessThan(100);
        },
      ),
    );
  });
});

describe('successRate and averageItemMs', () => {
  test('reused objects are successes, and cost no time', () => {
    expect(successRate(counters(10, 1, 1, 2))).toBe(0.75);
    expect(averageItemMs({ ...counters(10, 1, 1, 8), durationMs: 3001 })).toBe(1501);
  });

  test('have an answer before anything has ended', () => {
    expect(successRate(NO_PROGRESS)).toBe(1);
    expect(averageItemMs(NO_PROGRESS)).toBe(0);
  });
});

describe('rateAndEta', () => {
  test('knows neither rate nor time left before the first object has ended', () => {
    expect(rateAndEta([], 5, 0)).toEqual({ itemsPerSecond: 0, etaSeconds: null });
    expect(rateAndEta([], 0, 0)).toEqual({ itemsPerSecond: 0, etaSeconds: { p50: 0, p90: 0 } });
  });

  test('of a steady run is its rate, with a tenth of doubt', () => {
    const steady = Array.from({ length: 10 }, (_, index) => ({ at: 1000 + 1000 * index, items: 2 }));
    expect(rateAndEta(steady, 90, 0)).toEqual({ itemsPerSecond: 2, etaSeconds: { p50: 45, p90: 50 } });
  });

  test('forgets how fast the run was over a minute ago', () => {
    const fast = Array.from({ length: 60 }, (_, index) => ({ at: 1000 * index, items: 100 }));
    const slow = Array.from({ length: 60 }, (_, index) => ({ at: 60_000 + 1000 * index, items: 1 }));
    expect(rateAndEta([...fast, ...slow], 60, 0).itemsPerSecond).toBe(1);
  });

  test('doubts an uneven run more than a steady one', () => {
    const uneven = Array.from({ length: 10 }, (_, index) => ({
      at: 1000 + 1000 * index,
      items: index % 2 ? 4 : 0,
    }));
    const { etaSeconds } = rateAndEta(uneven, 90, 0);
    expect(etaSeconds?.p50).toBe(45);
    expect(etaSeconds?.p90).toBeGreaterThan(50);
  });

  test('is a band of finite numbers in order, whatever the samples', () => {
    const remaining = fc.integer({ min: 0, max: 1_000_000 });
    const startedAt = fc.integer({ min: 1_699_999_000_000, max: 1_700_000_100_000 });
    fc.assert(
      fc.property(samples, remaining, startedAt, (list, left, start) => {
        const { itemsPerSecond, etaSeconds } = rateAndEta(list, left, start);
        expect(Number.isFinite(itemsPerSecond) && itemsPerSecond >= 0).toBe(true);
        if (etaSeconds === null) return expect(left).toBeGreaterThan(0);
        expect(Number.isFinite(etaSeconds.p90) && etaSeconds.p50 >= 0).toBe(true);
        expect(etaSeconds.p50).toBeLessThanOrEqual(etaSeconds.p90);
      }),
    );
  });
});
