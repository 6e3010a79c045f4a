import type { Budget } from '../budgets/budget.ts';
import { type Counters, utilizationOf, wholeAmount } from '../budgets/counters.ts';
import { formatUsd, toUsd } from '../money.ts';
import type { NewAlert } from './alert.ts';
import { sharesToTell, type Told } from './thresholds.ts';

/** One period of a budget, as it is now. */
export interface SpentPeriod extends Pick<Counters, 'amount' | 'rolled' | 'raised' | 'spent'> {
  _id: string;
  org: string;
  user?: string;
  start: Date;
  end: Date;
  told?: Told;
}

/**
 * One alert for each share that spending has reached and nobody was told of. Of a budget with a counter for
 * each user only the limit itself is worth telling: half of one user's amount is nobody's concern.
 */
export function thresholdAlerts(budget: Budget, period: SpentPeriod, at: Date): NewAlert[] {
  const { spent, told = {} } = period;
  const shares = sharesToTell({ alertAt: budget.alertAt, whole: wholeAmount(period), spent, told });
  if (period.user === undefined) return shares.map((share) => thresholdAlert(budget, period, share, at));
  const limit = shares.find((share) => share >= 1);
  return limit === undefined ? [] : [userLimitAlert(budget, period, limit, at)];
}

function thresholdAlert(budget: Budget, period: SpentPeriod, share: number, at: Date): NewAlert {
  const amount = formatUsd(wholeAmount(period));
  return {
    ...common(budget, period, share, at),
    type: 'budget_threshold',
    severity: share >= 1 ? 'critical' : 'warning',
    title: `${budget.name}: ${percent(share)} of ${amount} spent`,
    text: `${spentOf(period)} ${consequenceOf(budget, share)}`,
  };
}

function userLimitAlert(budget: Budget, period: SpentPeriod, share: number, at: Date): NewAlert {
  return {
    ...common(budget, period, share, at),
    type: 'user_limit',
    severity: 'info',
    title: `${budget.name}: ${period.user} has reached the limit of ${formatUsd(wholeAmount(period))}`,
    text: `${spentOf(period)} ${consequenceOf(budget, share)}`,
  };
}

function common(budget: Budget, period: SpentPeriod, share: number, at: Date) {
  const whole = wholeAmount(period);
  const utilization = utilizationOf(period);
  return {
    org: period.org,
    budget: budget.id,
    // With the money in it: the same share of another amount is another thing to know.
    key: `${period._id}:${share}:${whole}`,
    facts: [
      { name: 'Budget', value: budget.name },
      ...(period.user === undefined ? [] : [{ name: 'User', value: period.user }]),
      { name: 'Spent', value: formatUsd(period.spent) },
      { name: 'Amount', value: formatUsd(whole) },
      { name: 'Used', value: percent(utilization) },
      { name: 'Period', value: `${period.start.toISOString()} to ${period.end.toISOString()}` },
    ],
    data: {
      period: period._id,
      budgetName: budget.name,
      ...(period.user === undefined ? {} : { user: period.user }),
      threshold: share,
      spentUsd: toUsd(period.spent),
      amountUsd: toUsd(whole),
      utilization,
      periodStart: period.start.toISOString(),
      periodEnd: period.end.toISOString(),
    },
    at,
  };
}

function spentOf(period: SpentPeriod): string {
  const used = percent(utilizationOf(period));
  return `${formatUsd(period.spent)} of ${formatUsd(wholeAmount(period))} are spent (${used}).`;
}

/** What the budget does from here on. */
function consequenceOf({ policy, thresholds, breaker }: Budget, share: number): string {
  if (policy.warnOnly) return 'The budget only warns: nothing is held back.';
  if (share >= thresholds.block)
    return breaker === undefined
      ? 'New work under it waits until the period ends or the budget is raised.'
      : 'Its circuit breaker opens: new work waits until the period ends or somebody closes it.';
  if (share >= thresholds.throttle) return `Work under it is slowed to ${percent(policy.throttleFactor)}.`;
  return `Nothing is held back before ${percent(thresholds.throttle)}.`;
}

/** `75 %`, `87.5 %`. */
function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
