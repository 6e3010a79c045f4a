import { dayNumberOf, toDay } from '../budgets/zones.ts';

/** How a history is cut. Weeks begin on Monday. */
export const BUCKET_TYPES = ['day', 'week', 'month'] as const;
export type BucketType = (typeof BUCKET_TYPES)[number];

/** First and last day, both inclusive, `YYYY-MM-DD`. */
export interface Bucket {
  start: string;
  end: string;
}

/** The buckets that cover the days from `start` to `end`; the first and the last may be cut short. */
export function bucketsOf(start: string, end: string, by: BucketType): Bucket[] {
  const last = numberOf(end);
  const buckets: Bucket[] = [];
  for (let from = numberOf(start); from <= last; ) {
    const next = nextStart(from, by);
    buckets.push({ start: toDay(from), end: toDay(Math.min(next - 1, last)) });
    from = next;
  }
  return buckets;
}

/** The number of the first day after the bucket that holds a day. */
function nextStart(day: number, by: BucketType): number {
  if (by === 'day') return day + 1;
  const date = new Date(day * DAY_MS);
  if (by === 'week') return day - ((date.getUTCDay() + 6) % 7) + 7;
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / DAY_MS;
}

const DAY_MS = 86_400_000;

function numberOf(day: string): number {
  const number = dayNumberOf(day);
  if (number === undefined) throw new Error(`${day} is no day`);
  return number;
}
