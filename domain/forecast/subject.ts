import type { Budget } from '../budgets/budget.ts';
import { SCOPE_FIELDS, type Scope } from '../budgets/scope.ts';

/** What a forecast is of: a budget, the organization as a whole, or any scope without a budget. */
export interface Subject {
  scope: Scope;
  budget?: Budget | undefined;
}

/**
 * The name under which the forecasts of a subject are stored: the budget's id, `queue:NAME`, or '' for the
 * organization. Undefined for what has none stored.
 */
export function subjectKeyOf({ scope, budget }: Subject): string | undefined {
  if (budget !== undefined) return budget.id;
  const named = SCOPE_FIELDS.filter((field) => scope[field] !== undefined);
  if (named.length === 0) return '';
  return named.length === 1 && scope.queue !== undefined ? `queue:${scope.queue}` : undefined;
}

/** Whether a budget is for exactly these costs; one per user is not for the sum of all users. */
export function isFor(budget: Budget, scope: Scope): boolean {
  return budget.per === undefined && SCOPE_FIELDS.every((field) => budget.scope[field] === scope[field]);
}
