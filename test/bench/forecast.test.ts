import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchForecast } from './forecast.ts';
import { readDays, readM4 } from './forecast-files.ts';

describe('the bench of forecasts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bursar-forecast-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const bench = (...args: string[]) => benchForecast(() => {}, ['forecast', ...args]);

  test('several values of a day are summed, days without any are 0, in the order of time', () => {
    const text = 'when,usd\n2026-01-03 10:00:00,1\n\n2026-01-01T00:00:00Z,2\r\n2026-01-01,"0.5"\n';
    expect(readDays(file('days.csv', text))).toEqual([2.5, 0, 1]);
  });

  test.each([
    [
      'date,value\n2026-01-01,1\nyesterday,2\n',
      /bad\.csv:3: "yesterday" is no date; it must be like 2026-05-06/,
    ],
    ['date,value\n2026-02-31,1\n', /"2026-02-31" is no date/],
    ['date,value\n\n2026-01-01,much\n', /bad\.csv:3: "much" must be a number/],
    ['date,value\n2026-01-01\n', /bad\.csv:2: "" must be a number/],
    ['date,value\n', /no lines of date,value below its header/],
  ])('%j is refused with what is wrong', (text, message) => {
    expect(() => readDays(file('bad.csv', text))).toThrow(message);
  });

  test('figures of a file: null where nothing was spent, right where every day is alike', async () => {
    const days = (value: number) =>
      Array.from({ length: 60 }, (_, at) => `${new Date(at * 86_400_000).toISOString()},${value}\n`).join('');
    const zeros = await bench('--file', file('zeros.csv', `date,value\n${days(0)}`));
    expect(zeros).toMatchObject({ wape: null, mean7Wape: null, totalErrorPercent: null, coverage80: 1 });
    const alike = await bench('--file', file('alike.csv', `date,value\n${days(3)}`), '--window', '14');
    expect(alike).toMatchObject({ wape: 0, seasonalNaiveWape: 0, coverage80: 1 });
  });

  test('files of M4 are scored by method', async () => {
    const train = file('train.csv', '"V1","V2","V3","V4","V5"\n"H1","1","2","1","2",""\n"H2",4,4,5,4\n');
    const test = file('test.csv', '"V1","V2","V3"\n"H1","1","2"\n"H2","4","4"\n');
    expect(readM4(train).get('H1')).toEqual([1, 2, 1, 2]);
    const figures = await bench('--m4', train, test, '--season', '2');
    // H1 has no error of the season before, so that it has no MASE; H2: |5−4|, |4−4| → 0.5, errors 1 and 0.
    expect(figures).toMatchObject({
      naive: { smape: 16.667, mase: 0 },
      seasonalNaive: { smape: 5.556, mase: 1 },
      bursar: { smape: expect.any(Number) },
    });
  });

  test.each([
    [[], /--file F, a CSV of date,value, or --m4 TRAIN TEST/],
    [['--file', 'absent.csv'], /absent\.csv cannot be read/],
    [['--file', 'absent.csv', '--step', '0'], /--step must be a whole number from 1 on/],
    [['--m4', 'train.csv'], /--m4 needs two files/],
  ])('%j is refused', async (args, message) => {
    await expect(bench(...args)).rejects.toThrow(message);
  });
});
