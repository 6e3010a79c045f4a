import type { Period, PeriodType } from '../../../domain/budgets/budget.ts';
import { nextPeriod, periodAt } from '../../../domain/budgets/periods.ts';

function period(type: PeriodType, timeZone = 'UTC', dates: Partial<Period> = {}): Period {
  return { type, timeZone, ...dates };
}

/** `key start end` of the period that holds an instant. */
function spanAt(cut: Period, at: string): string | undefined {
  const span = periodAt(cut, new Date(at));
  return span && `${span.key} ${span.start.toISOString()} ${span.end.toISOString()}`;
}

describe('the period that holds an instant', () => {
  test.each([
    ['daily', '2025-03-14 2025-03-14T00:00:00.000Z 2025-03-15T00:00:00.000Z'],
    ['weekly', '2025-03-10 2025-03-10T00:00:00.000Z 2025-03-17T00:00:00.000Z'],
    ['monthly', '2025-03-01 2025-03-01T00:00:00.000Z 2025-04-01T00:00:00.000Z'],
    ['quarterly', '2025-01-01 2025-01-01T00:00:00.000Z 2025-04-01T00:00:00.000Z'],
    ['yearly', '2025-01-01 2025-01-01T00:00:00.000Z 2026-01-01T00:00:00.000Z'],
  ] as const)('%s', (type, expected) => {
    expect(spanAt(period(type), '2025-03-14T15:09:26Z')).toBe(expected);
  });

  test('begins with its first millisecond and ends before its last', () => {
    const monthly = period('monthly');
    expect(spanAt(monthly, '2025-03-31T23:59:59.999Z')).toMatch(/^2025-03-01 /);
    expect(spanAt(monthly, '2025-04-01T00:00:00.000Z')).toMatch(/^2025-04-01 /);
  });

  test('a week runs from Monday to Sunday, also over the turn of a year', () => {
    const weekly = period('weekly');
    const week = '2024-12-30 2024-12-30T00:00:00.000Z 2025-01-06T00:00:00.000Z';
    expect(spanAt(weekly, '2024-12-30T00:00:00Z')).toBe(week);
    expect(spanAt(weekly, '2025-01-05T23:59:59Z')).toBe(week);
    expect(spanAt(weekly, '1969-12-31T12:00:00Z')).toMatch(/^1969-12-29 /);
  });

  test('months and years have their own lengths, with leap days', () => {
    const monthly = period('monthly');
    expect(spanAt(monthly, '2024-02-29T12:00:00Z')).toBe(
      '2024-02-01 2024-02-01T00:00:00.000Z 2024-03-01T00:00:00.000Z',
    );
    expect(spanAt(monthly, '2025-02-28T12:00:00Z')).toBe(
      '2025-02-01 2025-02-01T00:00:00.000Z 2025-03-01T00:00:00.000Z',
    );
    expect(spanAt(monthly, '2100-02-28T12:00:00Z')).toMatch(/2100-03-01T00:00:00.000Z$/);
    expect(spanAt(monthly, '2025-01-31T12:00:00Z')).toMatch(/^2025-01-01 /);
    expect(spanAt(period('daily'), '2024-02-29T12:00:00Z')).toBe(
      '2024-02-29 2024-02-29T00:00:00.000Z 2024-03-01T00:00:00.000Z',
    );
    expect(spanAt(period('yearly'), '2024-12-31T23:59:59Z')).toBe(
      '2024-01-01 2024-01-01T00:00:00.000Z 2025-01-01T00:00:00.000Z',
    );
  });

  test('quarters begin in January, April, July and October', () => {
    const starts = ['2025-03-31', '2025-06-30', '2025-09-30', '2025-12-31'].map((day) =>
      spanAt(period('quarterly'), `${day}T23:59:59Z`)?.slice(0, 10),
    );
    expect(starts).toEqual(['2025-01-01', '2025-04-01', '2025-07-01', '2025-10-01']);
  });
});

describe('days in time zones', () => {
  test('are 23 and 25 hours long when the clocks change', () => {
    expect(spanAt(period('daily', 'Europe/Berlin'), '2025-03-30T12:00:00Z')).toBe(
      '2025-03-30 2025-03-29T23:00:00.000Z 2025-03-30T22:00:00.000Z',
    );
    expect(spanAt(period('daily', 'Europe/Berlin'), '2025-10-26T12:00:00Z')).toBe(
      '2025-10-26 2025-10-25T22:00:00.000Z 2025-10-26T23:00:00.000Z',
    );
    expect(spanAt(period('monthly', 'America/New_York'), '2025-03-15T12:00:00Z')).toBe(
      '2025-03-01 2025-03-01T05:00:00.000Z 2025-04-01T04:00:00.000Z',
    );
  });

  test('begin at one o’clock where there is no midnight', () => {
    const saoPaulo = period('daily', 'America/Sao_Paulo');
    expect(spanAt(saoPaulo, '2018-11-04T12:00:00Z')).toBe(
      '2018-11-04 2018-11-04T03:00:00.000Z 2018-11-05T02:00:00.000Z',
    );
    expect(spanAt(saoPaulo, '2018-11-04T02:59:59.999Z')).toMatch(/^2018-11-03 .*2018-11-04T03:00:00.000Z$/);
    expect(spanAt(saoPaulo, '2018-11-04T03:00:00.000Z')).toMatch(/^2018-11-04 /);
    expect(spanAt(period('daily', 'Africa/Cairo'), '2024-04-26T12:00:00Z')).toBe(
      '2024-04-26 2024-04-25T22:00:00.000Z 2024-04-26T21:00:00.000Z',
    );
  });

  test('end after the hour that is repeated before midnight', () => {
    expect(spanAt(period('daily', 'America/Sao_Paulo'), '2018-02-18T02:30:00Z')).toBe(
      '2018-02-17 2018-02-17T02:00:00.000Z 2018-02-18T03:00:00.000Z',
    );
  });

  test('begin once where the clocks go back over midnight', () => {
    // On 7 November 2010 it was 00:01 in St. John’s, and then 23:01 of the 6th once more.
    const stJohns = period('daily', 'America/St_Johns');
    const seventh = '2010-11-07 2010-11-07T02:30:00.000Z 2010-11-08T03:30:00.000Z';
    expect(spanAt(stJohns, '2010-11-07T02:29:59.999Z')).toMatch(/^2010-11-06 .*2010-11-07T02:30:00.000Z$/);
    expect(spanAt(stJohns, '2010-11-07T02:30:00.000Z')).toBe(seventh);
    expect(spanAt(stJohns, '2010-11-07T03:00:00.000Z')).toBe(seventh);
    expect(spanAt(stJohns, '2010-11-07T03:30:00.000Z')).toBe(seventh);
  });

  test('begin within the gap where the clocks go forward over midnight', () => {
    // On 30 March 1919 Toronto’s clocks went from 23:30 to 00:30 of the 31st.
    const toronto = period('daily', 'America/Toronto');
    expect(spanAt(toronto, '1919-03-31T12:00:00Z')).toMatch(/^1919-03-31 1919-03-31T04:30:00.000Z /);
  });

  test('of half and quarter hours', () => {
    expect(spanAt(period('daily', 'Asia/Kolkata'), '2025-01-01T18:30:00Z')).toBe(
      '2025-01-02 2025-01-01T18:30:00.000Z 2025-01-02T18:30:00.000Z',
    );
    expect(spanAt(period('daily', 'Asia/Kathmandu'), '2025-01-01T18:14:59Z')).toBe(
      '2025-01-01 2024-12-31T18:15:00.000Z 2025-01-01T18:15:00.000Z',
    );
    expect(spanAt(period('daily', 'Australia/Lord_Howe'), '2025-04-06T00:00:00Z')).toBe(
      '2025-04-06 2025-04-05T13:00:00.000Z 2025-04-06T13:30:00.000Z',
    );
  });

  test('that never were are passed over', () => {
    const samoa = period('daily', 'Pacific/Apia');
    const before = periodAt(samoa, new Date('2011-12-30T09:59:59Z'))!;
    expect(before.key).toBe('2011-12-29');
    expect(before.end.toISOString()).toBe('2011-12-30T10:00:00.000Z');
    expect(nextPeriod(samoa, before)?.key).toBe('2011-12-31');
  });
});

describe('limits', () => {
  test('custom is all days from the first to the last, in the zone', () => {
    const custom = period('custom', 'Europe/Berlin', { startDate: '2025-03-01', endDate: '2025-03-31' });
    const whole = '2025-03-01 2025-02-28T23:00:00.000Z 2025-03-31T22:00:00.000Z';
    expect(spanAt(custom, '2025-02-28T22:59:59.999Z')).toBeUndefined();
    expect(spanAt(custom, '2025-02-28T23:00:00.000Z')).toBe(whole);
    expect(spanAt(custom, '2025-03-31T21:59:59.999Z')).toBe(whole);
    expect(spanAt(custom, '2025-03-31T22:00:00.000Z')).toBeUndefined();
  });

  test('before startDate and after endDate there is no period, and the last one ends with endDate', () => {
    const limited = period('monthly', 'UTC', { startDate: '2025-01-15', endDate: '2025-02-10' });
    expect(spanAt(limited, '2025-01-14T23:59:59.999Z')).toBeUndefined();
    expect(spanAt(limited, '2025-01-15T00:00:00Z')).toMatch(/^2025-01-01 /);
    expect(spanAt(limited, '2025-01-14T23:59:59.999Z')).toBeUndefined();
    expect(spanAt(limited, '2025-02-10T23:59:59Z')).toBe(
      '2025-02-01 2025-02-01T00:00:00.000Z 2025-02-11T00:00:00.000Z',
    );
    expect(spanAt(limited, '2025-02-11T00:00:00Z')).toBeUndefined();
  });

  test('the next period follows without a gap, until endDate', () => {
    const quarterly = period('quarterly', 'America/New_York', { endDate: '2025-12-31' });
    const starts: string[] = [];
    let span = periodAt(quarterly, new Date('2025-01-01T05:00:00Z'));
    while (span !== undefined) {
      starts.push(span.start.toISOString());
      span = nextPeriod(quarterly, span);
    }
    expect(starts).toEqual([
      '2025-01-01T05:00:00.000Z',
      '2025-04-01T04:00:00.000Z',
      '2025-07-01T04:00:00.000Z',
      '2025-10-01T04:00:00.000Z',
    ]);
  });
});
