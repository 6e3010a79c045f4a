import { dayNumberOf, toDay } from '../budgets/zones.ts';
import type { ReportPeriod } from './report.ts';

/** A day's number. @throws Error for what is no day: doors have seen to that. */
export function numberOf(day: string): number {
  const number = dayNumberOf(day);
  if (number === undefined) throw new Error(`${day} is no day`);
  return number;
}

export function daysIn({ start, end }: ReportPeriod): number {
  return numberOf(end) - numberOf(start) + 1;
}

export function firstOfMonth(day: string): string {
  return `${day.slice(0, 7)}-01`;
}

/** First and last day of the month that lies so many months before a day. */
export function monthBefore(day: string, months: number): ReportPeriod {
  const [year = 0, month = 0] = day.split('-').map(Number);
  return { start: monthStart(year, month - 1 - months), end: dayBefore(monthStart(year, month - months)) };
}

/**
 * What a period is compared with. Whole months, also those of which `today` is not the last day yet: as many
 * months before, up to the same day. Other spans: as many days right before.
 */
export function periodBefore({ start, end }: ReportPeriod, today: string): ReportPeriod {
  const through = end < today ? end : today;
  const dayCount = numberOf(through) - numberOf(start) + 1;
  const endsMonth = toDay(numberOf(end) + 1).endsWith('-01');
  const open = end >= today;
  if (!start.endsWith('-01') || !(endsMonth || open))
    return { start: toDay(numberOf(start) - dayCount), end: dayBefore(start) };
  const before = monthBefore(start, monthsIn(start, end)).start;
  const last = numberOf(start) - 1;
  const sameDay = numberOf(before) + dayCount - 1;
  const whole = through === end && endsMonth;
  return { start: before, end: toDay(whole ? last : Math.min(sameDay, last)) };
}

function monthsIn(start: string, end: string): number {
  const months = (day: string) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
  return months(end) - months(start) + 1;
}

function monthStart(year: number, month: number): string {
  return new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10);
}

function dayBefore(day: string): string {
  return toDay(numberOf(day) - 1);
}
