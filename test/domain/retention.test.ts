import { archivedBefore, besideDay, monthOf, restoredBefore } from '../../domain/retention.ts';

const AT = new Date('2028-03-01T00:30:00Z');

test('days are counted back from now, over leap days', () => {
  expect(archivedBefore(1, AT).toISOString()).toBe('2028-02-29T00:30:00.000Z');
  expect(restoredBefore(AT).toISOString()).toBe('2028-01-31T00:30:00.000Z');
});

test('rows belong to the month of their time, UTC', () => {
  expect(monthOf(AT)).toBe('2028-03');
  expect(monthOf(new Date('2028-03-01T00:30:00+01:00'))).toBe('2028-02');
});

test.each([
  ['2028-03-01', ['2028-02-29', '2028-03-02']],
  ['2027-01-01', ['2026-12-31', '2027-01-02']],
])('the days beside %s', (day, beside) => {
  expect(besideDay(day)).toEqual(beside);
});
