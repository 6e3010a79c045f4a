import { SECRETS } from '../domain/alerts/channel-secrets.ts';
import type { Budget, BudgetNotification, Policy } from '../domain/budgets/budget.ts';
import type { Decision } from '../domain/budgets/decide.ts';
import { statusOf } from '../domain/budgets/status.ts';
import { toUsd } from '../domain/money.ts';
import type { ApiBudget, ApiDecision } from './budget-answers.ts';
import type { Current } from './budget-current.ts';
import { fromBreaker } from './budget-draft.ts';

/** Stands in answers for what is stored and not shown. */
export const HIDDEN = '(hidden)';
/** Metadata of notifications that let in whoever knows them. */
const HIDDEN_NAMES = new Set(Object.values(SECRETS).flat());

/** A budget as the API shows it everywhere. */
export function toApiBudget(budget: Budget, current: Current | undefined, at: Date): ApiBudget {
  const { rollover, breaker } = budget;
  return {
    id: budget.id,
    name: budget.name,
    scope: budget.scope,
    per: budget.per ?? null,
    period: budget.period,
    amountUsd: toUsd(budget.amountNanoUsd),
    currency: budget.currency,
    thresholds: budget.thresholds,
    alertAt: budget.alertAt,
    policy: toApiPolicy(budget.policy),
    rollover: rollover === undefined ? null : { maxUsd: toUsd(rollover.maxNanoUsd) },
    breaker: breaker === undefined ? null : { velocity: null, ...fromBreaker(breaker) },
    notifications: budget.notifications.map(withoutSecrets),
    tags: budget.tags,
    active: budget.active,
    current: current === undefined ? null : toApiCurrent(current),
    status: statusOf(budget, current?.counters, at).status,
    createdBy: budget.createdBy,
    createdAt: budget.createdAt.toISOString(),
    updatedAt: budget.updatedAt.toISOString(),
  };
}

export function toApiDecision(decision: Decision): ApiDecision {
  const { type, factor, message, budgetId, utilization, budgetAmountNanoUsd } = decision;
  return {
    type,
    factor,
    message,
    budgetId: budgetId ?? null,
    currentSpendUsd: toUsd(decision.currentSpendNanoUsd),
    budgetAmountUsd: budgetAmountNanoUsd === undefined ? null : toUsd(budgetAmountNanoUsd),
    utilization,
  };
}

export function withoutSecrets(notification: BudgetNotification): BudgetNotification {
  const shown = Object.entries(notification.metadata).map(([name, value]) => [
    name,
    HIDDEN_NAMES.has(name) ? HIDDEN : value,
  ]);
  return { ...notification, metadata: Object.fromEntries(shown) };
}

function toApiPolicy({ graceMaximumNanoUsd, ...policy }: Policy): ApiBudget['policy'] {
  return {
    ...policy,
    graceMaximumUsd: graceMaximumNanoUsd === undefined ? null : toUsd(graceMaximumNanoUsd),
  };
}

function toApiCurrent({ span, spent, committed, left, utilization, users }: Current): ApiBudget['current'] {
  return {
    spentUsd: toUsd(spent),
    reservedUsd: toUsd(committed - spent),
    leftUsd: toUsd(left),
    utilization,
    startsAt: span.start.toISOString(),
    endsAt: span.end.toISOString(),
    users: users ?? null,
  };
}
