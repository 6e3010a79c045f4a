import type { ErrorDetail } from '../errors.ts';
import type { Period } from './budget.ts';
import { dayNumberOf, isTimeZone } from './zones.ts';

/** What is wrong with a period, by the names that the API has for its fields. */
export function periodProblems(period: Period): ErrorDetail[] {
  const { type, startDate, endDate, timeZone } = period;
  const start = startDate === undefined ? undefined : dayNumberOf(startDate);
  const end = endDate === undefined ? undefined : dayNumberOf(endDate);
  const problems: ErrorDetail[] = [
    ...dayProblems('startDate', startDate, start),
    ...dayProblems('endDate', endDate, end),
  ];
  for (const [field, day] of Object.entries({ startDate, endDate }))
    if (type === 'custom' && day === undefined)
      problems.push({ field: `period.${field}`, problem: 'a custom period needs it, as YYYY-MM-DD' });
  if (start !== undefined && end !== undefined && end < start)
    problems.push({ field: 'period.endDate', problem: `must not be before startDate, ${startDate}` });
  if (!isTimeZone(timeZone))
    problems.push({
      field: 'period.timeZone',
      problem: 'must be the name of a time zone, like UTC or Europe/Berlin',
    });
  return problems;
}

function dayProblems(field: string, day: string | undefined, number: number | undefined): ErrorDetail[] {
  if (day === undefined || number !== undefined) return [];
  return [{ field: `period.${field}`, problem: 'must be a day of the calendar, as YYYY-MM-DD' }];
}
