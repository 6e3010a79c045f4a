import { monthBefore, periodBefore } from '../../../domain/report/period.ts';

const TODAY = '2026-11-20';

test.each([
  ['a whole month with the one before', '2026-10-01', '2026-10-31', '2026-09-01', '2026-09-30'],
  ['March with all of February', '2026-03-01', '2026-03-31', '2026-02-01', '2026-02-28'],
  ['January with December', '2026-01-01', '2026-01-31', '2025-12-01', '2025-12-31'],
  ['a quarter with the one before', '2026-04-01', '2026-06-30', '2026-01-01', '2026-03-31'],
  ['a year with the one before', '2025-01-01', '2025-12-31', '2024-01-01', '2024-12-31'],
  ['this month so far with as many days of the last', '2026-11-01', '2026-11-20', '2026-10-01', '2026-10-20'],
  ['this month with as many days of the last', '2026-11-01', '2026-11-30', '2026-10-01', '2026-10-20'],
  ['this year with as many days of the last', '2026-01-01', '2026-12-31', '2025-01-01', '2025-11-20'],
  ['some days with as many before', '2026-10-10', '2026-10-19', '2026-09-30', '2026-10-09'],
  ['half a month with as many days before', '2026-10-01', '2026-10-15', '2026-09-16', '2026-09-30'],
  ['days that go on with as many as have passed', '2026-11-19', '2026-12-03', '2026-11-17', '2026-11-18'],
])('compares %s', (_what, start, end, from, to) => {
  expect(periodBefore({ start, end }, TODAY)).toEqual({ start: from, end: to });
});

test('a month that has fewer days than have passed is compared whole', () => {
  expect(periodBefore({ start: '2026-03-01', end: '2026-03-30' }, '2026-03-30')).toEqual({
    start: '2026-02-01',
    end: '2026-02-28',
  });
});

test('months are counted over the turn of a year', () => {
  expect(monthBefore('2026-01-15', 1)).toEqual({ start: '2025-12-01', end: '2025-12-31' });
  expect(monthBefore('2024-02-01', 0)).toEqual({ start: '2024-02-01', end: '2024-02-29' });
});
