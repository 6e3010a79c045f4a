import type { Budget } from '../domain/budgets/budget.ts';
import { type Counters, freshCounters, utilizationOf } from '../domain/budgets/counters.ts';
import { type PeriodSpan, periodAt, periodIdOf } from '../domain/budgets/periods.ts';
import type { ApiDeps } from './deps.ts';

/** A budget's period now. Of a budget per user the sums over its users. */
export interface Current {
  span: PeriodSpan;
  /** Of a budget per user, the counters of the user who has used most. */
  counters: Counters;
  spent: number;
  committed: number;
  left: number;
  utilization: number;
  /** How many have used it; undefined where users are not counted apart. */
  users: number | undefined;
}

/** What the present periods of some budgets have come to, by budget; nothing for those without one. */
export async function currentOf(
  deps: ApiDeps,
  org: string,
  budgets: Budget[],
  at: Date,
): Promise<Map<string, Current>> {
  const { budgetPeriods } = deps.store;
  const found = new Map<string, Current>();
  const plain: { budget: Budget; span: PeriodSpan; id: string }[] = [];
  for (const budget of budgets) {
    const span = periodAt(budget.period, at);
    if (span === undefined) continue;
    if (budget.per === 'user') found.set(budget.id, await totalOf(deps, org, budget, span));
    else plain.push({ budget, span, id: periodIdOf(budget.id, undefined, span) });
  }
  const stored = new Map(
    (await budgetPeriods.findMany(plain.map(({ id }) => id))).map((period) => [period._id, period]),
  );
  for (const { budget, span, id } of plain) {
    const counters = stored.get(id) ?? freshCounters(budget);
    const { spent, committed, left } = counters;
    const sums = { spent, committed, left, utilization: utilizationOf(counters), users: undefined };
    found.set(budget.id, { span, counters, ...sums });
  }
  return found;
}

async function totalOf(deps: ApiDeps, org: string, budget: Budget, span: PeriodSpan): Promise<Current> {
  const total = await deps.store.budgetUsage.ofUsers(org, budget.id, span.start);
  const fresh = freshCounters(budget);
  if (total === undefined)
    return { span, counters: fresh, spent: 0, committed: 0, left: 0, utilization: 0, users: 0 };
  const { top, users, spent, committed, left } = total;
  return { span, counters: top, spent, committed, left, utilization: utilizationOf(top), users };
}
