import type { Budget } from '../domain/budgets/budget.ts';
import { thresholdMarks, utilizationOf } from '../domain/budgets/counters.ts';
import { statusOf } from '../domain/budgets/status.ts';
import { toUsd } from '../domain/money.ts';
import type { PresentPeriod } from '../store/present-period.ts';
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
  const present = await deps.store.presentPeriod(budget, user, at);
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

function toApiPeriod(period: PresentPeriod): ApiBudgetPeriod {
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

function toApiMarks(budget: Budget, period: PresentPeriod): ApiBudgetStatus['thresholds'] {
  const marks = thresholdMarks(period, budget.thresholds);
  const mark = (name: keyof typeof marks) => ({
    share: budget.thresholds[name],
    atUsd: toUsd(marks[name]),
    reached: period.spent >= marks[name],
  });
  return { warning: mark('warning'), throttle: mark('throttle'), block: mark('block') };
}

function toApiBreakerState(period: PresentPeriod | undefined): ApiBudgetStatus['breaker'] {
  const breaker = period?.breaker;
  return {
    state: breaker?.state ?? 'closed',
    cause: breaker?.cause ?? null,
    openedAt: breaker?.openedAt.toISOString() ?? null,
    until: breaker?.until?.toISOString() ?? null,
  };
}
