import {
  type Breaker,
  type Budget,
  type BudgetTerms,
  DEFAULT_COOL_DOWN_MINUTES,
} from '../domain/budgets/budget.ts';
import type { BudgetDraft } from '../domain/budgets/draft.ts';
import { fromUsd, toUsd } from '../domain/money.ts';
import type { ApiNewBudget } from './budget-schemas.ts';

/** A request as a draft, without what is null; `breaker: true` means one with the defaults, `false` none. */
export function fromApiBudget(body: Partial<ApiNewBudget>): Partial<BudgetDraft> {
  const { breaker, policy, ...rest } = body;
  const meant = breaker === true ? { coolDownMinutes: DEFAULT_COOL_DOWN_MINUTES } : breaker || undefined;
  return withoutNull({
    ...rest,
    policy: policy && withoutNull(policy),
    breaker: meant && withoutNull(meant),
  }) as Partial<BudgetDraft>;
}

function withoutNull(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null && each !== undefined));
}

/** A draft without problems, in nano-dollars. */
export function toTerms(draft: BudgetDraft): BudgetTerms {
  const { amountUsd, policy, rollover, breaker, ...rest } = draft;
  const { graceMaximumUsd, ...rules } = policy;
  const grace = graceMaximumUsd === undefined ? {} : { graceMaximumNanoUsd: fromUsd(graceMaximumUsd) };
  return {
    ...rest,
    name: rest.name.trim(),
    amountNanoUsd: fromUsd(amountUsd),
    policy: { ...rules, ...grace },
    ...(rollover && { rollover: { maxNanoUsd: fromUsd(rollover.maxUsd) } }),
    ...(breaker && { breaker: toBreaker(breaker) }),
  };
}

function toBreaker({ velocity, coolDownMinutes }: BudgetDraft['breaker'] & object): Breaker {
  if (velocity === undefined) return { coolDownMinutes };
  return { velocity: { nanoUsd: fromUsd(velocity.usd), minutes: velocity.minutes }, coolDownMinutes };
}

/** A stored budget as people would give it. */
export function toDraft(budget: BudgetTerms): BudgetDraft {
  const { name, scope, per, period, currency, thresholds, alertAt, notifications, tags, active } = budget;
  const { graceMaximumNanoUsd, ...rules } = budget.policy;
  const grace = graceMaximumNanoUsd === undefined ? {} : { graceMaximumUsd: toUsd(graceMaximumNanoUsd) };
  const { rollover, breaker } = budget;
  return {
    ...{ name, scope, period, currency, thresholds, alertAt, notifications, tags, active },
    ...(per && { per }),
    amountUsd: toUsd(budget.amountNanoUsd),
    policy: { ...rules, ...grace },
    ...(rollover && { rollover: { maxUsd: toUsd(rollover.maxNanoUsd) } }),
    ...(breaker && { breaker: fromBreaker(breaker) }),
  };
}

export function fromBreaker({ velocity, coolDownMinutes }: Budget['breaker'] & object) {
  if (velocity === undefined) return { coolDownMinutes };
  return { velocity: { usd: toUsd(velocity.nanoUsd), minutes: velocity.minutes }, coolDownMinutes };
}
