import { accuracyOf, compareEstimate, reportAccuracy, type Variance } from '../../domain/variance.ts';

const band = { p50: 100, p90: 150 };
const compare = (actual: number) => compareEstimate({ basis: 'cold', costNanoUsd: band }, actual);

const variance = (actual: number, at = '2026-05-06T10:00:00Z', more: Partial<Variance> = {}): Variance => ({
  kind: 'documentation',
  model: 'offline/gpt-5-mini',
  at: new Date(at),
  ...compare(actual),
  ...more,
});

describe('a run against its estimate', () => {
  test.each([
    [150, true],
    [151, false],
    [50, true],
    [49, false],
    [100, true],
  ])('that cost %d where 100 to 150 was estimated: in the band %s', (actual, inBand) => {
    expect(compare(actual).inBand).toBe(inBand);
  });

  test('has the error in percent of the middle, with its sign', () => {
    expect(compare(125).errorPercent).toBe(25);
    expect(compare(80).errorPercent).toBe(-20);
  });

  test('of which nothing was expected has no error, and is in the band if it cost nothing', () => {
    const nothing = { basis: 'cold', costNanoUsd: { p50: 0, p90: 0 } } as const;
    expect(compareEstimate(nothing, 0)).toEqual({
      basis: 'cold',
      estimateNanoUsd: { p50: 0, p90: 0 },
      actualNanoUsd: 0,
      inBand: true,
    });
    expect(compareEstimate(nothing, 1).inBand).toBe(false);
  });
});

describe('accuracy', () => {
  test('is coverage of p90, share in the band, mean absolute error and bias', () => {
    expect(accuracyOf([120, 80, 160, 40].map((actual) => variance(actual)))).toEqual({
      runs: 4,
      coverage: 0.75,
      inBandShare: 0.5,
      meanAbsoluteErrorPercent: 40,
      biasPercent: 0,
    });
  });

  test('of no runs is unknown, and runs that were free count for nothing', () => {
    const free = { ...variance(0), estimateNanoUsd: { p50: 0, p90: 0 }, errorPercent: undefined } as never;
    for (const list of [[], [free]])
      expect(accuracyOf(list)).toEqual({
        runs: 0,
        coverage: null,
        inBandShare: null,
        meanAbsoluteErrorPercent: null,
        biasPercent: null,
      });
  });

  test('is told by week, which begins on Monday at midnight UTC, and by kind, model and basis', () => {
    const report = reportAccuracy([
      variance(160, '2026-05-11T00:00:00Z'),
      variance(100, '2026-05-10T23:59:59Z'),
      variance(100, '2026-05-04T00:00:00Z', { basis: 'calibrated' }),
      variance(100, '2026-01-01T12:00:00Z', { kind: 'intelligence' }),
    ]);
    expect(report.overall.runs).toBe(4);
    expect(report.weeks.map(({ week, runs, coverage }) => [week, runs, coverage])).toEqual([
      ['2025-12-29', 1, 1],
      ['2026-05-04', 2, 1],
      ['2026-05-11', 1, 0],
    ]);
    expect(report.groups.map(({ kind, basis, runs }) => [kind, basis, runs])).toEqual([
      ['documentation', 'calibrated', 1],
      ['documentation', 'cold', 2],
      ['intelligence', 'cold', 1],
    ]);
  });
});
