import type { Budget } from '../domain/budgets/budget.ts';
import { dayNumberOf, toDay } from '../domain/budgets/zones.ts';
import { storedInterval } from '../domain/forecast/outcome.ts';
import type { ForecastState } from '../domain/forecast/scope-forecast.ts';
import type { StoredForecast } from '../store/forecasts.ts';
import type { ActivityDeps } from './index.ts';

interface Interval {
  low: number;
  high: number;
}

/** What the stored forecasts of a budget say about now. Amounts in nano-dollars, days as YYYY-MM-DD. */
export interface BudgetOutlook {
  /** Of today's forecast, or of yesterday's while today's is still to be made and the period is the same. */
  overrun: {
    madeOn: string;
    state: ForecastState;
    /** Within the period; null where nobody can tell. */
    probability: number | null;
    /** The day on which the budget is as likely used up as not; null where none is in sight. */
    p50: string | null;
    predicted: number;
    amount: number;
    periodEnd: string;
  } | null;
  /** What today has cost so far, beside what yesterday's forecast said of the whole day. */
  today: {
    date: string;
    spent: number;
    expected: number;
    interval80: Interval | null;
    interval95: Interval | null;
  } | null;
}

/**
 * For alerts: reads three documents, and makes no forecast. Of a budget per user it is about the user who had
 * used most.
 */
export async function budgetOutlook(
  { store }: Pick<ActivityDeps, 'store'>,
  budget: Pick<Budget, 'id' | 'org'>,
  at: Date,
): Promise<BudgetOutlook> {
  const { org, id } = budget;
  const today = await store.dayOf(org, at);
  const yesterday = toDay((dayNumberOf(today) ?? 0) - 1);
  const [newest, before] = await Promise.all([
    store.forecasts.find(org, id, today),
    store.forecasts.find(org, id, yesterday),
  ]);
  const current = newest ?? before;
  return {
    overrun: current !== undefined && current.periodEnd >= today ? overrunIn(current) : null,
    today: before === undefined ? null : await todayIn(store, before, today),
  };
}

function overrunIn(row: StoredForecast): BudgetOutlook['overrun'] {
  const { day: madeOn, state, overrun, predicted, amount, periodEnd } = row;
  if (overrun === null || amount === null) return null;
  return { madeOn, state, probability: overrun.probability, p50: overrun.p50, predicted, amount, periodEnd };
}

async function todayIn(
  { dailyCosts }: ActivityDeps['store'],
  before: StoredForecast,
  date: string,
): Promise<BudgetOutlook['today']> {
  const spent = (await dailyCosts.costByDay(before.org, date, date, before.scope)).get(date) ?? 0;
  return {
    ...{ date, spent, expected: before.points[1] ?? 0 },
    interval80: storedInterval(before, 80, 1),
    interval95: storedInterval(before, 95, 1),
  };
}
