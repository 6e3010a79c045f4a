import { z } from '@hono/zod-openapi';
import type { BudgetTerms } from '../domain/budgets/budget.ts';
import type { BudgetDraft } from '../domain/budgets/draft.ts';
import { budgetProblems } from '../domain/budgets/problems.ts';
import { type ErrorDetail, invalidInput } from '../domain/errors.ts';
import { detailsOf, firstProblem } from '../domain/issues.ts';
import { fromApiBudget, toTerms } from './budget-draft.ts';
import { type ApiNewBudget, newBudgetShape } from './budget-schemas.ts';

/** Everything that is wrong with a request for a new budget, whatever it is: of types and of values. */
export function problemsOf(body: unknown): ErrorDetail[] {
  const record = z.record(z.string(), z.unknown()).safeParse(body);
  if (!record.success) return [{ problem: 'must be an object with the fields of a budget' }];
  const problems: ErrorDetail[] = Object.keys(record.data)
    .filter((field) => !Object.hasOwn(newBudgetShape, field))
    .map((field) => ({ field, problem: 'is not a known field' }));
  const sound: Record<string, unknown> = {};
  for (const [field, schema] of Object.entries<z.ZodType>(newBudgetShape)) {
    const { success, data, error } = schema.safeParse(record.data[field]);
    if (!success) problems.push(...fieldProblems(record.data, field, detailsOf(error.issues)));
    else if (data !== undefined) sound[field] = data;
  }
  return [...problems, ...budgetProblems(fromApiBudget(sound))];
}

function fieldProblems(body: Record<string, unknown>, field: string, details: ErrorDetail[]): ErrorDetail[] {
  if (body[field] === undefined) return [{ field, problem: 'is missing' }];
  return details.map((detail) => ({ ...detail, field: detail.field ? `${field}.${detail.field}` : field }));
}

/** @throws AppError `invalid_input` with every problem. */
export function termsOf(body: ApiNewBudget): BudgetTerms {
  const draft = fromApiBudget(body) as BudgetDraft;
  refuseWith(budgetProblems(draft));
  return toTerms(draft);
}

/** @throws AppError `invalid_input` where there are any problems. */
export function refuseWith(problems: ErrorDetail[]): void {
  if (problems.length === 0) return;
  throw invalidInput(`the budget is not valid: ${firstProblem(problems)}`, problems);
}
