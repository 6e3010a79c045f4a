import type { Budget, Period } from '../budgets/budget.ts';
import { createLookup } from '../budgets/lookup.ts';
import { periodAt } from '../budgets/periods.ts';
import { matchesScope, SCOPE_FIELDS, scopeKeyOf } from '../budgets/scope.ts';
import { dayNumberOf, firstInstantOf, toDay } from '../budgets/zones.ts';
import { daysIn, numberOf } from './period.ts';
import type { ReportPeriod } from './report.ts';
import type { DaySpend } from './tally.ts';

const DAY_MS = 86_400_000;

/** A budget as far as it concerns the days of a report. Nano-dollars. */
export interface CountedBudget {
  budget: Budget;
  first: string;
  last: string;
  days: number;
  amount: number;
  spent: number;
}

/** Days of a report that lie in one period of a budget. */
interface Slice {
  start: Date;
  first: number;
  last: number;
  /** Days that the period has in all. */
  of: number;
}

/** Amounts of periods that are there, with what was rolled over and raised; by the period's first instant. */
type Amounts = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** The budgets that concern some day of a report, with what they give it. One per user has no amount. */
export function countBudgets(
  budgets: readonly Budget[],
  period: ReportPeriod,
  amounts: Amounts,
): CountedBudget[] {
  const cut = new Map<string, Slice[]>();
  return budgets.flatMap((budget) => {
    if (budget.per === 'user') return [];
    const key = JSON.stringify(budget.period);
    const slices = cut.get(key) ?? slicesOf(budget.period, period);
    cut.set(key, slices);
    const [first, last] = [slices[0], slices.at(-1)];
    if (first === undefined || last === undefined) return [];
    const within = slices.length === 1 && lengthOf(first) === daysIn(period);
    const amount = slices.reduce((sum, slice) => {
      const whole = amounts.get(budget.id)?.get(slice.start.getTime()) ?? budget.amountNanoUsd;
      return sum + (within ? whole : shareOf(whole, lengthOf(slice), slice.of));
    }, 0);
    const days = slices.reduce((sum, slice) => sum + lengthOf(slice), 0);
    return [{ budget, first: toDay(first.first), last: toDay(last.last), days, amount, spent: 0 }];
  });
}

/** Adds rows of daily costs to the budgets that they fall under. */
export function budgetTally(counted: readonly CountedBudget[]): (row: DaySpend) => void {
  const lookup = createLookup(counted);
  return (row) => {
    for (const one of lookup.candidates(row))
      if (one.first <= row.day && row.day <= one.last && matchesScope(one.budget.scope, row))
        one.spent += row.cost;
  };
}

/**
 * The budgets that the whole is compared with, so that no cost is under two of them: those of the whole
 * organization; without any, those that narrow the same parts of the scope, of all such sets the one under
 * which most was spent. Where several are for the same costs and days, the one that covers most days and then
 * the tightest.
 */
export function comparedBudgets(counted: readonly CountedBudget[]): CountedBudget[] {
  const sets = new Map<string, CountedBudget[]>();
  for (const one of counted) {
    const narrowed = SCOPE_FIELDS.filter((field) => one.budget.scope[field] !== undefined).join();
    sets.set(narrowed, [...(sets.get(narrowed) ?? []), one]);
  }
  const whole = sets.get('');
  if (whole !== undefined) return withoutOverlap(whole);
  const [most] = [...sets.values()]
    .map(withoutOverlap)
    .sort((a, b) => sumOf(b, 'spent') - sumOf(a, 'spent') || sumOf(b, 'amount') - sumOf(a, 'amount'));
  return most ?? [];
}

/** In nano-dollars. */
export function sumOf(set: readonly CountedBudget[], field: 'spent' | 'amount'): number {
  return set.reduce((sum, one) => sum + one[field], 0);
}

function withoutOverlap(set: readonly CountedBudget[]): CountedBudget[] {
  const taken = new Map<string, CountedBudget[]>();
  for (const one of [...set].sort((a, b) => b.days - a.days || a.amount - b.amount)) {
    const key = scopeKeyOf(one.budget.scope);
    const same = taken.get(key) ?? [];
    if (same.every((other) => one.last < other.first || other.last < one.first))
      taken.set(key, [...same, one]);
  }
  return [...taken.values()].flat();
}

/**
 * A day belongs to the period that holds the day of the same date in the budget's time zone: a month is a
 * month, wherever it is counted.
 */
function slicesOf(period: Period, { start, end }: ReportPeriod): Slice[] {
  const slices: Slice[] = [];
  for (let day = numberOf(start); day <= numberOf(end); day += 1) {
    // Its middle: where clocks are set at midnight, the first instant may be of a day that is left out.
    const [begins, ends] = [firstInstantOf(day, period.timeZone), firstInstantOf(day + 1, period.timeZone)];
    const span = periodAt(period, new Date((begins + ends) / 2));
    if (span === undefined) continue;
    const last = slices.at(-1);
    if (last?.start.getTime() === span.start.getTime()) last.last = day;
    else slices.push({ start: span.start, first: day, last: day, of: daysOf(period, span) });
  }
  return slices;
}

/** The first period may begin before its budget does. */
function daysOf(period: Period, { start, end }: { start: Date; end: Date }): number {
  const begins = period.startDate === undefined ? undefined : dayNumberOf(period.startDate);
  const from = begins === undefined ? start.getTime() : firstInstantOf(begins, period.timeZone);
  return Math.max(1, Math.round((end.getTime() - Math.max(start.getTime(), from)) / DAY_MS));
}

function lengthOf({ first, last }: Slice): number {
  return last - first + 1;
}

/** Rounded half up; amount × days need not be a safe integer. */
function shareOf(amount: number, days: number, of: number): number {
  if (days >= of) return amount;
  return Number((BigInt(amount) * BigInt(2 * days) + BigInt(of)) / BigInt(2 * of));
}
