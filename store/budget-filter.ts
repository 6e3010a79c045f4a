import type { Scope } from '../domain/budgets/scope.ts';

/** Which budgets of a list are wanted: those whose scope names all of these, in just these values. */
export interface BudgetFilter {
  active?: boolean;
  scope?: Scope;
  tag?: string;
}

export function whereBudget({ active, scope = {}, tag }: BudgetFilter): Record<string, unknown> {
  const narrowed = Object.entries(scope).filter(([, value]) => value !== undefined);
  return {
    ...(active !== undefined && { active }),
    ...Object.fromEntries(narrowed.map(([field, value]) => [`scope.${field}`, value])),
    ...(tag !== undefined && { tags: tag }),
  };
}
