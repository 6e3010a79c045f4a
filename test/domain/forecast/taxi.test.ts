import { rollOver } from '../../bench/forecast.ts';
import { readDays } from '../../bench/forecast-files.ts';
import { testWithSharedData } from '../../support/shared-data.ts';

describe('daily totals of taxis, which no parameter was fixed on', () => {
  testWithSharedData('are forecast better than as a week before', 'nab_nyc_taxi.csv', (path) => {
    const figures = rollOver(readDays(path), { window: 28, horizon: 14, step: 7 }, () => {});
    expect(figures.wape).toBeLessThanOrEqual(0.071);
    expect(figures.seasonalNaiveWape).toBeCloseTo(0.078, 3);
    expect(figures.coverage80).toBeGreaterThanOrEqual(0.7);
    expect(figures.coverage80).toBeLessThanOrEqual(0.92);
  });
});
