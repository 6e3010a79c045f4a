import type { Period } from './budget.ts';
import { dayNumberOf, firstInstantOf, toDay, wallMsAt } from './zones.ts';

/** From `start` to just before `end`. */
export interface PeriodSpan {
  start: Date;
  end: Date;
  /** The first local day, `YYYY-MM-DD`. */
  key: string;
}

const DAY_MS = 86_400_000;

/** The span asked for last, by period: nearly every question is about now. Bounded, then begun anew. */
const LAST_SPANS = new Map<string, PeriodSpan>();
const MAX_SPANS = 10_000;

/**
 * The period that holds this instant, cut in the period's own time zone; undefined before `startDate` and
 * after `endDate`. The last period ends with `endDate`; the first one has the start of its kind, even where
 * that is before `startDate`, so that all periods of one kind that meet have the same key.
 */
export function periodAt(period: Period, at: Date): PeriodSpan | undefined {
  const memoKey = `${period.type} ${period.timeZone} ${period.startDate ?? ''} ${period.endDate ?? ''}`;
  const last = LAST_SPANS.get(memoKey);
  const span = last !== undefined && holds(last, at) ? last : spanAt(period, at);
  if (span === undefined || beginsLater(period, at)) return undefined;
  if (span !== last) {
    if (LAST_SPANS.size >= MAX_SPANS) LAST_SPANS.clear();
    LAST_SPANS.set(memoKey, span);
  }
  return span;
}

/** The period after this one; undefined where `endDate` ends it. */
export function nextPeriod(period: Period, current: PeriodSpan): PeriodSpan | undefined {
  return periodAt(period, current.end);
}

/** The id of a budget's counters for one period; of a template, for one user of it. */
export function periodIdOf(budgetId: string, user: string | undefined, span: PeriodSpan): string {
  if (user === undefined) return `${budgetId}:${span.key}`;
  return `${budgetId}:${encodeURIComponent(user)}:${span.key}`;
}

function spanAt(period: Period, at: Date): PeriodSpan | undefined {
  const day = Math.floor(wallMsAt(at.getTime(), period.timeZone) / DAY_MS);
  const span = spanOfDay(period, day);
  if (span === undefined || holds(span, at)) return span;
  // Clocks that were set back over midnight show the day before once more: the later one has begun, though.
  const other = spanOfDay(period, at < span.start ? day - 1 : day + 1);
  return other !== undefined && holds(other, at) ? other : undefined;
}

/** The span in which a local day lies, its end no later than the end of `endDate`. */
function spanOfDay(period: Period, day: number): PeriodSpan | undefined {
  const days = daysAround(period, day);
  if (days === undefined) return undefined;
  const lastDay = period.endDate === undefined ? undefined : dayNumberOf(period.endDate);
  const endDay = lastDay === undefined ? days.end : Math.min(days.end, lastDay + 1);
  if (endDay <= days.start) return undefined;
  return {
    start: new Date(firstInstantOf(days.start, period.timeZone)),
    end: new Date(firstInstantOf(endDay, period.timeZone)),
    key: toDay(days.start),
  };
}

/** First day, and the first day after the last, of the period that holds a day. */
function daysAround(period: Period, day: number): { start: number; end: number } | undefined {
  const date = new Date(day * DAY_MS);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  switch (period.type) {
    case 'daily':
      return { start: day, end: day + 1 };
    case 'weekly': {
      const monday = day - ((date.getUTCDay() + 6) % 7);
      return { start: monday, end: monday + 7 };
    }
    case 'monthly':
      return months(year, month, 1);
    case 'quarterly':
      return months(year, month - (month % 3), 3);
    case 'yearly':
      return months(year, 0, 12);
    case 'custom': {
      const start = dayNumberOf(period.startDate ?? '');
      const last = dayNumberOf(period.endDate ?? '');
      return start === undefined || last === undefined ? undefined : { start, end: last + 1 };
    }
  }
}

function months(year: number, month: number, count: number): { start: number; end: number } {
  return { start: Date.UTC(year, month, 1) / DAY_MS, end: Date.UTC(year, month + count, 1) / DAY_MS };
}

function holds(span: PeriodSpan, at: Date): boolean {
  return span.start <= at && at < span.end;
}

function beginsLater(period: Period, at: Date): boolean {
  if (period.startDate === undefined || period.type === 'custom') return false;
  const first = dayNumberOf(period.startDate);
  return first !== undefined && at.getTime() < firstInstantOf(first, period.timeZone);
}
