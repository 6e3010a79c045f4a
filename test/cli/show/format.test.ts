import {
  byteSize,
  duration,
  durationBand,
  localTime,
  plural,
  shorten,
  usd,
  usdBand,
} from '../../../cli/show/format.ts';

test('counts in words, with thousands separated', () => {
  expect([plural(0, 'model'), plural(1, 'model'), plural(1234, 'model')]).toEqual([
    '0 models',
    '1 model',
    '1,234 models',
  ]);
  expect(plural(1, 'column is', 'columns are')).toBe('1 column is');
});

test('shows small amounts with two digits that count', () => {
  expect([usd(0), usd(0.0042), usd(0.1), usd(12.5)]).toEqual(['$0.00', '$0.0042', '$0.10', '$12.50']);
  expect(usdBand({ p50: 0.01, p90: 0.02 })).toBe('$0.010 – $0.020');
  expect(usdBand({ p50: 1, p90: 1 })).toBe('$1.00');
});

test('says durations as people do', () => {
  expect([0.4, 59.4, 59.6, 185, 7_630].map(duration)).toEqual([
    '0 s',
    '59 s',
    '1 min 00 s',
    '3 min 05 s',
    '2 h 07 min',
  ]);
  expect(durationBand({ p50: 9, p90: 12 })).toBe('9 s – 12 s');
});

test('shows times of today by the clock and others with their day, in the local zone', () => {
  const now = new Date(2026, 2, 4, 17, 5, 9);
  expect(localTime(now.toISOString(), now)).toBe('17:05:09');
  expect(localTime(new Date(2026, 2, 3, 7, 5).toISOString(), now)).toBe('2026-03-03 07:05');
  expect(localTime(null)).toBe('–');
});

test('shows sizes in powers of a thousand', () => {
  expect([1, 999, 1_500, 3_400_000].map(byteSize)).toEqual(['1 byte', '999 bytes', '1.5 kB', '3.4 MB']);
});

test('cuts to a width and not within a character', () => {
  expect(shorten('abcdef', 4)).toBe('abc…');
  expect(shorten('😀😀😀', 3)).toBe('😀😀😀');
  expect(shorten('abc', 0)).toBe('…');
});
