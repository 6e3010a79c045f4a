import { dayNumberOf, firstInstantOf, isTimeZone, localDay } from '../../../domain/budgets/zones.ts';

describe('time zones', () => {
  test('are known by their IANA names alone', () => {
    expect(['UTC', 'Europe/Berlin', 'america/new_york', 'Asia/Kathmandu'].every(isTimeZone)).toBe(true);
    expect(['', ' ', 'Mars/Olympus', '+02:00', 'UTC+2', 'Europe'].some(isTimeZone)).toBe(false);
  });

  test('say which day it is there', () => {
    const at = new Date('2025-03-01T04:59:59Z');
    expect(localDay(at, 'UTC')).toBe('2025-03-01');
    expect(localDay(at, 'America/New_York')).toBe('2025-02-28');
    expect(localDay(new Date('2024-02-28T18:30:00Z'), 'Asia/Kolkata')).toBe('2024-02-29');
    expect(localDay(new Date('2025-12-31T10:00:00Z'), 'Pacific/Kiritimati')).toBe('2026-01-01');
  });
});

describe('days', () => {
  test('must be of the calendar', () => {
    expect(dayNumberOf('1970-01-02')).toBe(1);
    expect(dayNumberOf('2024-02-29')).toBe(19782);
    for (const wrong of ['2025-02-29', '2025-13-01', '2025-1-1', '2025-01-01T00:00', '', 'today'])
      expect(dayNumberOf(wrong)).toBeUndefined();
  });

  test('begin after the one before, and are what the clocks then show, through a decade', () => {
    for (const timeZone of ['Europe/London', 'Africa/Casablanca', 'America/Santiago', 'Asia/Beirut']) {
      let before = 0;
      for (let day = dayNumberOf('2015-01-01')!; day < dayNumberOf('2025-01-01')!; day += 1) {
        const start = firstInstantOf(day, timeZone);
        expect(start).toBeGreaterThan(before);
        expect(dayNumberOf(localDay(new Date(start), timeZone))).toBe(day);
        expect(dayNumberOf(localDay(new Date(start - 1), timeZone))).toBe(day - 1);
        before = start;
      }
    }
  });
});
