import { type BucketType, bucketsOf } from '../ledger/buckets.ts';
import { spendOf } from './lines.ts';
import type { Report, Spend } from './report.ts';

/** Longer reports are cut into weeks, so that a table stays readable and a bar visible. */
const MOST_DAYS = 62;

/** The spending over time, by day or by week (from Monday). */
export function overTime({ dayBreakdown, totalSpend }: Report): {
  by: BucketType;
  points: (Spend & { start: string; end: string })[];
} {
  const [first, last] = [dayBreakdown[0], dayBreakdown.at(-1)];
  if (first === undefined || last === undefined) return { by: 'day', points: [] };
  const by = dayBreakdown.length > MOST_DAYS ? 'week' : 'day';
  const nano = (usd: number) => Math.round(usd * 1e9);
  const points = bucketsOf(first.date, last.date, by).map((bucket) => {
    const days = dayBreakdown.filter(({ date }) => bucket.start <= date && date <= bucket.end);
    const cost = days.reduce((sum, day) => sum + nano(day.totalCost), 0);
    const count = days.reduce((sum, day) => sum + day.jobCount, 0);
    return { ...bucket, ...spendOf({ cost, count }, nano(totalSpend)) };
  });
  return { by, points };
}
