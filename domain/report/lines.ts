import { toDay } from '../budgets/zones.ts';
import { toUsd } from '../money.ts';
import { numberOf } from './period.ts';
import type { Report, ReportPeriod, Spend, SpendLine } from './report.ts';
import type { Sum, Sums, Tally } from './tally.ts';

/** Names that a breakdown lists; what is beyond them is one line. */
const MOST_LINES = 1_000;

/** The lines of a breakdown, the dearest first. They add up to `total`, to the nano-dollar. */
export function linesOf(sums: Sums, before: Sums, total: number): SpendLine[] {
  const sorted = [...sums].sort(
    ([a, x], [b, y]) => y.cost - x.cost || y.count - x.count || ((a ?? '') < (b ?? '') ? -1 : 1),
  );
  const lines = sorted
    .slice(0, MOST_LINES)
    .map(([name, sum]) => lineOf(name, sum, before.get(name)?.cost ?? 0, total));
  const rest = sorted.slice(MOST_LINES);
  if (rest.length === 0) return lines;
  const all = { cost: 0, count: 0 };
  let earlier = 0;
  for (const [name, { cost, count }] of rest) {
    all.cost += cost;
    all.count += count;
    earlier += before.get(name)?.cost ?? 0;
  }
  return [...lines, { ...lineOf(null, all, earlier, total), others: rest.length }];
}

/** What a total comes to. */
export function spendOf(sum: Sum, total: number): Spend {
  return {
    totalCost: toUsd(sum.cost),
    percentage: total > 0 ? (sum.cost / total) * 100 : null,
    jobCount: sum.count,
    avgCostPerJob: toUsd(averageOf(sum)),
  };
}

/** In nano-dollars, rounded to whole ones; 0 of none. */
export function averageOf({ cost, count }: Sum): number {
  return count === 0 ? 0 : Math.round(cost / count);
}

/** A line for every day up to today, also where nothing was spent. */
export function dayLinesOf(
  { days, total }: Tally,
  { start, end }: ReportPeriod,
  today: string,
): Report['dayBreakdown'] {
  // Clocks of others run ahead: their costs may lie on days that have not come.
  const last = [...days.keys()].reduce<string>(
    (latest, day) => ((day ?? '') > latest ? (day ?? '') : latest),
    today,
  );
  const until = numberOf(last < end ? last : end);
  const lines: Report['dayBreakdown'] = [];
  for (let day = numberOf(start); day <= until; day += 1) {
    const date = toDay(day);
    lines.push({ date, ...spendOf(days.get(date) ?? { cost: 0, count: 0 }, total.cost) });
  }
  return lines;
}

function lineOf(name: string | null, sum: Sum, before: number, total: number): SpendLine {
  return { name, ...spendOf(sum, total), previousCost: toUsd(before) };
}
