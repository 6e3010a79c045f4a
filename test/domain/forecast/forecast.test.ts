import { chooseMethod } from '../../../domain/forecast/choose.ts';
import { type ForecastQuestion, forecastSpend } from '../../../domain/forecast/forecast.ts';
import { prepare } from '../../../domain/forecast/prepare.ts';
import { randomOf } from '../../../domain/forecast/statistics.ts';

const WEEK = 7;
const noisy = (amountOf: (at: number) => number, count: number, noise = 0.05) => {
  const random = randomOf(count);
  return Array.from({ length: count }, (_, at) => amountOf(at) * (1 + noise * (2 * random() - 1)));
};
const weekly = (at: number) => (at % WEEK < 5 ? 100 : 20);
type Question = Omit<ForecastQuestion, 'horizon'> & { horizon?: number };
const ask = (question: Question) => forecastSpend({ horizon: 14, ...question });

describe('a forecast of spend', () => {
  test('the same question has the same answer', () => {
    const history = noisy(weekly, 60);
    expect(ask({ history })).toEqual(ask({ history: [...history] }));
  });

  test('under 14 days it is the mean of the last seven, and says so', () => {
    const short = ask({ history: noisy(() => 10, 13) });
    expect(short).toMatchObject({ state: 'insufficient_history', method: 'mean7', backtestError: null });
    expect(short.total.interval80?.low).toBeLessThan(short.total.point);
    expect(ask({ history: noisy(() => 10, 14) }).state).toBe('ok');
  });

  test('of one day or two nothing is claimed to be known about the spread', () => {
    expect(ask({ history: [42] }).total).toEqual({ point: 42 * 14, interval80: null, interval95: null });
    expect(ask({ history: [] })).toMatchObject({ state: 'insufficient_history', total: { point: 0 } });
  });

  test('the week is carried on, through the days that it has', () => {
    const { days } = ask({ history: noisy(weekly, 58) });
    for (const [step, { point }] of days.entries()) {
      expect(point).toBeGreaterThan(weekly(58 + step) * 0.85);
      expect(point).toBeLessThan(weekly(58 + step) * 1.15);
    }
  });

  test('noise has no week', () => {
    const random = randomOf(11);
    const histories = Array.from({ length: 40 }, () => Array.from({ length: 56 }, () => 100 + random()));
    const seen = histories.filter((history) => prepare(history, WEEK).pattern.byPlace.length > 0);
    // By chance a test at 75 % sees one in a quarter of them.
    expect(seen.length).toBeLessThan(20);
    expect(prepare(noisy(weekly, 28, 0.3), WEEK).pattern.byPlace).toHaveLength(WEEK);
  });

  test('a level that changed for good is the one to go on from', () => {
    const history = noisy((at) => (at < 50 ? 100 : 300), 60);
    expect(prepare(history, WEEK).before).toBe(50);
    expect(ask({ history }).total.point / 14).toBeCloseTo(300, -2);
  });

  test('a single odd day neither moves the level nor bends the week', () => {
    const history = noisy(weekly, 56);
    const without = ask({ history }).total.point;
    history[52] = 2_000;
    expect(ask({ history }).total.point / without).toBeCloseTo(1, 1);
  });

  test('steady growth is gone on with', () => {
    const history = noisy((at) => 100 + 4 * at, 70, 0.02);
    const forecast = ask({ history });
    expect(['trend_weekday', 'theta', 'damped_trend']).toContain(forecast.method);
    expect(forecast.days[13]?.point).toBeGreaterThan(history.at(-1) ?? 0);
  });

  test('a trend is told where it is clear, and noise has none', () => {
    expect(ask({ history: noisy((at) => weekly(at) * 1.01 ** at, 56) }).trend).toBe('rising');
    expect(ask({ history: noisy((at) => weekly(at) * 0.98 ** at, 56) }).trend).toBe('falling');
    expect(ask({ history: noisy((at) => 100 + 0.1 * at, 56, 0.001) }).trend).toBe('flat');
    const random = randomOf(3);
    const histories = Array.from({ length: 40 }, () => Array.from({ length: 40 }, () => 100 * random()));
    const told = histories.filter((history) => ask({ history, horizon: 1 }).trend !== 'flat');
    expect(told.length).toBeLessThan(5);
    expect(ask({ history: [1, 2, 3, 4, 5, 6, 7] }).trend).toBe('flat');
  });

  test('what was never negative will not be; credits may come again', () => {
    const falling = ask({ history: noisy((at) => Math.max(0, 100 - 2 * at), 60) });
    expect(Math.min(...falling.days.map(({ point }) => point))).toBeGreaterThanOrEqual(0);
    expect(falling.total.interval95?.low).toBeGreaterThanOrEqual(0);
    const credits = ask({ history: noisy(() => -5, 40) });
    expect(credits.total.point).toBeLessThan(0);
    expect(credits.total.interval80?.low).toBeLessThan(credits.total.interval80?.high ?? 0);
  });

  test('the wider interval holds the narrower one, of days and of the total', () => {
    const forecast = ask({ history: noisy(weekly, 60, 0.4) });
    for (const { point, interval80, interval95 } of [...forecast.days, forecast.total]) {
      const order = [interval95?.low, interval80?.low, point, interval80?.high, interval95?.high];
      expect(order).toEqual([...order].sort((a, b) => Number(a) - Number(b)));
    }
  });

  test('what today has brought stays, and the rest of it is still to come', () => {
    const history = noisy(() => 100, 40);
    const whole = ask({ history }).days[0]?.point ?? 0;
    const begun = ask({ history, today: { spent: 500, passed: 0.75 } }).days[0];
    expect(begun?.point).toBeCloseTo(500 + 0.25 * whole, 9);
    expect(begun?.interval95?.low).toBeGreaterThanOrEqual(500);
  });

  test('the backtest error is that of the chosen method', () => {
    const { method, backtestError, shares } = chooseMethod(noisy(weekly, 60), 14, WEEK);
    expect(method).toBe('smoothing');
    expect(backtestError).toBeLessThan(0.1);
    expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  });

  test.each([
    [{ history: [1, Number.NaN] }, /history\[1\] is NaN; it must be a finite number/],
    [{ history: [1], horizon: -1 }, /horizon is -1; it must be a whole number of days/],
    [{ history: [1], horizon: 1.5 }, /horizon is 1.5/],
    [{ history: [1], season: 0 }, /season is 0; it must be a whole number of days, 1 or more/],
  ])('%j is refused', (question, message) => {
    expect(() => ask(question)).toThrow(message);
  });
});

describe('the days until a budget is used up', () => {
  const history = noisy(() => 100, 60, 0.3);
  const overrun = (left: number, days = 14, more: Partial<ForecastQuestion> = {}) =>
    ask({ history, budget: { left, days }, ...more }).overrun;

  test('come in order, around when the mean would reach it', () => {
    const { p10, p50, p90 } = overrun(1_000, 30, { horizon: 90 })?.days ?? {};
    expect(p10).toBeLessThanOrEqual(p50 ?? 0);
    expect(p50).toBeLessThanOrEqual(p90 ?? 0);
    expect([10, 11]).toContain(p50);
  });

  test('is sure where little is left, impossible where plenty is, and open between', () => {
    expect(overrun(500)).toMatchObject({ probability: 1 });
    expect(overrun(5_000)).toEqual({ probability: 0, days: { p10: null, p50: null, p90: null } });
    const open = overrun(1_400)?.probability ?? 0;
    expect(open).toBeGreaterThan(0.2);
    expect(open).toBeLessThan(0.8);
  });

  test('the probability is that of the period, the days look beyond it', () => {
    const short = overrun(1_000, 3, { horizon: 90 });
    expect(short?.probability).toBe(0);
    expect(short?.days.p50).toBeGreaterThan(3);
  });

  test('a budget that is used up already is over on the first day', () => {
    expect(overrun(-1)).toEqual({ probability: 1, days: { p10: 1, p50: 1, p90: 1 } });
  });

  test('of one day of history only the middle is told', () => {
    const answer = ask({ history: [100], budget: { left: 250, days: 14 } }).overrun;
    expect(answer).toEqual({ probability: null, days: { p10: null, p50: 3, p90: null } });
    expect(ask({ history: [100] }).overrun).toBeNull();
  });
});
