import { forecastSpend } from '../../../domain/forecast/forecast.ts';
import { rollOver } from '../../bench/forecast.ts';
import { KINDS_OF_SERIES, seriesOf } from './series.ts';

const SEEDS = [1, 2, 3];
const KINDS = Object.keys(KINDS_OF_SERIES);
const HORIZON = 14;
const MOST_OF_THE_MEAN = 1.1;

const roll = (series: number[], window: number) =>
  rollOver(series, { window, horizon: HORIZON, step: HORIZON }, () => {});

type Figures = ReturnType<typeof roll>;
const rolled = new Map<string, Figures[]>();
/** Once for all tests: it is most of their time. */
const figuresOf = (kind: string): Figures[] => {
  const figures = rolled.get(kind) ?? SEEDS.map((seed) => roll(seriesOf(kind, seed), 28));
  rolled.set(kind, figures);
  return figures;
};

describe('forecasts of a list of series', () => {
  const long = KINDS.filter((kind) => seriesOf(kind, 1).length >= 28 + HORIZON);

  test.each(long)('%s: not worse than the mean of seven days by more than a tenth', (kind) => {
    const of = figuresOf(kind);
    const sum = (values: (number | null)[]) => values.reduce<number>((all, value) => all + (value ?? 0), 0);
    const [own, mean7] = [sum(of.map(({ wape }) => wape)), sum(of.map(({ mean7Wape }) => mean7Wape))];
    expect(own).toBeLessThanOrEqual(MOST_OF_THE_MEAN * mean7);
  });

  test('80 % intervals hold four of five totals over all of them, and within reason on each', () => {
    const steady = long.filter((kind) => !/step|then/.test(kind));
    const covered = steady.map((kind) => {
      const shares = figuresOf(kind).map(({ coverage80 }) => coverage80 ?? 0);
      return shares.reduce((sum, share) => sum + share, 0) / SEEDS.length;
    });
    const mean = covered.reduce((sum, share) => sum + share, 0) / covered.length;
    expect(mean).toBeGreaterThan(0.78);
    expect(mean).toBeLessThan(0.95);
    expect(Math.min(...covered)).toBeGreaterThan(0.5);
  });

  test.each(KINDS)('%s: no length makes it fail, and nothing is NaN', (kind) => {
    const series = seriesOf(kind, 1);
    for (const length of [0, 1, 2, 3, 13, 14, 60]) {
      for (const horizon of [0, 1, 31]) {
        const history = series.slice(0, length);
        const forecast = forecastSpend({ history, horizon, budget: { left: 500, days: 20 } });
        expect(JSON.stringify(forecast)).not.toMatch(/NaN/);
        for (const { point, interval80, interval95 } of [...forecast.days, forecast.total]) {
          const numbers = [point, interval80?.low, interval80?.high, interval95?.low, interval95?.high];
          expect(numbers.every((number) => number === undefined || Number.isFinite(number))).toBe(true);
        }
      }
    }
  });

  test('a WAPE over zeros is null, and the total of nothing is nothing', () => {
    expect(roll(seriesOf('zeros', 1), 28)).toMatchObject({
      wape: null,
      totalErrorPercent: null,
      coverage80: 1,
    });
  });
});
