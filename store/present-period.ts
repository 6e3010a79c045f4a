import type { Budget } from '../domain/budgets/budget.ts';
import { type Counters, freshCounters } from '../domain/budgets/counters.ts';
import { periodAt, periodIdOf } from '../domain/budgets/periods.ts';
import type { BudgetPeriod } from './budget-periods.ts';
import type { Collections } from './collections.ts';

export type PresentPeriod = Omit<Counters, 'breaker'> &
  Pick<BudgetPeriod, '_id' | 'user' | 'start' | 'end' | 'raises' | 'breaker'>;

/**
 * The counters of a budget's period, also where nothing has happened in it yet; undefined where it has none
 * then. Of a budget per user those of the user asked for, else of the one who has used most.
 */
export function createPresentPeriod(parts: Pick<Collections, 'budgetPeriods' | 'budgetUsage'>) {
  return async function presentPeriod(
    budget: Budget,
    user: string | undefined,
    at: Date,
  ): Promise<PresentPeriod | undefined> {
    const span = periodAt(budget.period, at);
    if (span === undefined) return undefined;
    const of = budget.per === 'user' ? user : undefined;
    const _id = periodIdOf(budget.id, of, span);
    const { start, end } = span;
    const fresh = {
      _id,
      ...freshCounters(budget),
      start,
      end,
      raises: [],
      ...(of !== undefined && { user: of }),
    };
    if (budget.per === 'user' && user === undefined)
      return (await parts.budgetUsage.ofUsers(budget.org, budget.id, start))?.top ?? fresh;
    return (await parts.budgetPeriods.find(budget.org, _id)) ?? fresh;
  };
}
