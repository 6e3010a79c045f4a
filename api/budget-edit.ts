import type { Budget, BudgetNotification, BudgetTerms } from '../domain/budgets/budget.ts';
import type { BudgetDraft } from '../domain/budgets/draft.ts';
import { budgetProblems } from '../domain/budgets/problems.ts';
import { scopeKeyOf } from '../domain/budgets/scope.ts';
import type { ErrorDetail } from '../domain/errors.ts';
import type { BudgetEdit } from '../store/budgets.ts';
import { fromApiBudget, toDraft, toTerms } from './budget-draft.ts';
import { refuseWith } from './budget-input.ts';
import type { ApiBudgetEdit, ApiNewBudget } from './budget-schemas.ts';
import { HIDDEN } from './budget-view.ts';

/**
 * What a request changes of a budget; undefined where nothing is different.
 * @throws AppError `invalid_input` with every problem of the budget as it would be then.
 */
export function editOf(budget: Budget, asked: ApiBudgetEdit): BudgetEdit | undefined {
  const draft = mergedDraft(toDraft(budget), asked);
  refuseWith([...fixedProblems(budget, asked), ...budgetProblems(draft)]);
  const notifications = draft.notifications.map((each) => withKeptSecrets(each, budget.notifications));
  return differenceOf(budget, toTerms({ ...draft, notifications }));
}

function mergedDraft(before: BudgetDraft, asked: ApiBudgetEdit): BudgetDraft {
  const { scope: _scope, per: _per, period: _period, thresholds, policy, rollover, breaker, ...rest } = asked;
  const merged = {
    ...before,
    ...rest,
    thresholds: { ...before.thresholds, ...thresholds },
    policy: { ...before.policy, ...policy },
    rollover: rollover === undefined ? before.rollover : rollover,
    breaker: breaker === undefined ? before.breaker : breaker,
  };
  return fromApiBudget(merged as ApiNewBudget) as BudgetDraft;
}

/** With another scope or period its counters would count another thing. */
function fixedProblems(budget: Budget, { scope, per, period }: ApiBudgetEdit): ErrorDetail[] {
  const changed = {
    scope: scope !== undefined && scopeKeyOf(scope as Budget['scope']) !== scopeKeyOf(budget.scope),
    per: per !== undefined && per !== (budget.per ?? null),
    period: period !== undefined && periodKeyOf(period) !== periodKeyOf(budget.period),
  };
  return Object.entries(changed).flatMap(([field, isChanged]) =>
    isChanged ? [{ field, problem: 'cannot be changed: make another budget, and delete this one' }] : [],
  );
}

function periodKeyOf({ type, startDate, endDate, timeZone }: ApiBudgetEdit['period'] & object): string {
  return JSON.stringify([type, startDate ?? null, endDate ?? null, timeZone]);
}

/** Who sends back what an answer hid means what is stored. */
function withKeptSecrets(notification: BudgetNotification, before: BudgetNotification[]): BudgetNotification {
  const { type, target, metadata } = notification;
  const stored = before.find((each) => each.type === type && each.target === target)?.metadata ?? {};
  const kept = Object.entries(metadata).map(([name, value]) => [
    name,
    value === HIDDEN ? stored[name] : value,
  ]);
  return { ...notification, metadata: Object.fromEntries(kept.filter(([, value]) => value !== undefined)) };
}

const EDITABLE = [
  'name',
  'amountNanoUsd',
  'thresholds',
  'alertAt',
  'policy',
  'rollover',
  'breaker',
  'notifications',
  'tags',
  'active',
] as const;
const REMOVABLE = ['rollover', 'breaker'] as const;

function differenceOf(before: BudgetTerms, after: BudgetTerms): BudgetEdit | undefined {
  const changed = EDITABLE.filter(
    (field) => after[field] !== undefined && JSON.stringify(after[field]) !== JSON.stringify(before[field]),
  );
  const remove = REMOVABLE.filter((field) => after[field] === undefined && before[field] !== undefined);
  if (changed.length === 0 && remove.length === 0) return undefined;
  const set = Object.fromEntries(changed.map((field) => [field, after[field]])) as BudgetEdit;
  return remove.length === 0 ? set : { ...set, remove };
}
