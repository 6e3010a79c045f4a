import type { Budget } from '../domain/budgets/budget.ts';
import { type Counters, freshCounters, thresholdMarks, utilizationOf } from '../domain/budgets/counters.ts';
import { periodAt, periodIdOf } from '../domain/budgets/periods.ts';
import { statusOf } from '../domain/budgets/status.ts';
import { toUsd } from '../domain/money.ts';
import type { BudgetPeriod } from '../store/budget-periods.ts';
import type { ApiBudgetPeriod, ApiBudgetStatus } from './budget-answers.ts';
import type { ApiDeps } from './deps.ts';

/** The newest periods that are shown. */
const MAX_PERIODS = 100;

/**
 * How a budget stands: the counters of its present period, thresholds, breaker, holds, and earlier periods.
 * Of a budget per user, the counters of the user asked for, else of the one who has used most.
 */
export async function budgetStatus(
  deps: ApiDeps,
  budget: Budget,
  user: string | undefined,
  at: Date,
): Promise<ApiBudgetStatus> {
  const { org, id } = budget;
  const { budgetUsage } = deps.store;
  const present = await presentPeriod(deps, budget, user, at);
  const periods = await budgetUsage.periods(org, id, user, MAX_PERIODS);
  const open = periods.filter(({ end }) => end > at).map(({ _id }) => _id);
  const holds = await budgetUsage.heldOn(org, open);
  return {
    id,
    name: budget.name,
    user: present?.user ?? user ?? null,
    ...statusOf(budget, present, at),
    current: present === undefined ? null : toApiPeriod(present),
    thresholds: present === undefined ? null : toApiMarks(budget, present),
    breaker: budget.breaker === undefined ? null : toApiBreakerState(present),
    holds: { count: holds.count, heldUsd: toUsd(holds.held) },
    periods: periods.map(toApiPeriod),
  };
}

type Shown = Omit<Counters, 'breaker'> & Pick<BudgetPeriod, 'user' | 'start' | 'end' | 'raises' | 'breaker'>;

async function presentPeriod(
  deps: ApiDeps,
  budget: Budget,
  user: string | undefined,
  at: Date,
): Promise<Shown | undefined> {
  const span = periodAt(budget.period, at);
  if (span === undefined) return undefined;
  const fresh = {
    ...freshCounters(budget),
    start: span.start,
    end: span.end,
    raises: [],
    ...(user !== undefined && { user }),
  };
  if (budget.per === 'user' && user === undefined)
    return (await deps.store.budgetUsage.ofUsers(budget.org, budget.id, span.start))?.top ?? fresh;
  return (await deps.store.budgetPeriods.find(budget.org, periodIdOf(budget.id, user, span))) ?? fresh;
}

function toApiPeriod(period: Shown): ApiBudgetPeriod {
  return {
    user: period.user ?? null,
    startsAt: period.start.toISOString(),
    endsAt: period.end.toISOString(),
    amountUsd: toUsd(period.amount),
    rolledUsd: toUsd(period.rolled),
    raisedUsd: toUsd(period.raised),
    graceUsd: toUsd(period.grace),
    graceUntil: period.graceUntil?.toISOString() ?? null,
    ceilingUsd: toUsd(period.ceiling),
    committedUsd: toUsd(period.committed),
    spentUsd: toUsd(period.spent),
    reservedUsd: toUsd(period.committed - period.spent),
    leftUsd: toUsd(period.left),
    utilization: utilizationOf(period),
    raises: period.raises.map(({ id, amountNanoUsd, reason, by, at, until, endedAt }) => ({
      ...{ id, reason, by },
      amountUsd: toUsd(amountNanoUsd),
      at: at.toISOString(),
      until: until?.toISOString() ?? null,
      endedAt: endedAt?.toISOString() ?? null,
    })),
  };
}

function toApiMarks(budget: Budget, period: Shown): ApiBudgetStatus['thresholds'] {
  const marks = thresholdMarks(period, budget.thresholds);
  const mark = (name: keyof typeof marks) => ({
    share: budget.thresholds[name],
    atUsd: toUsd(marks[name]),
    reached: period.spent >= marks[name],
  });
  return { warning: mark('warning'), throttle: mark('throttle'), block: mark('block') };
}

function toApiBreakerState(period: Shown | undefined): ApiBudgetStatus['breaker'] {
  const breaker = period?.breaker;
  return {
    state: breaker?.state ?? 'closed',
    cause: breaker?.cause ?? null,
    openedAt: breaker?.openedAt.toISOString() ?? null,
    until: breaker?.until?.toISOString() ?? null,
  };
}
