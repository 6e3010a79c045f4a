import type { Budget, BudgetTerms } from '../domain/budgets/budget.ts';
import { AppError } from '../domain/errors.ts';
import type { Principal } from '../domain/principal.ts';
import type { ApiBudget } from './budget-answers.ts';
import { currentOf } from './budget-current.ts';
import { editOf } from './budget-edit.ts';
import type { ApiBudgetEdit } from './budget-schemas.ts';
import { toApiBudget } from './budget-view.ts';
import type { ApiDeps } from './deps.ts';
import { idOf, keyTaken } from './idempotency.ts';

/** The board of checks and each acquire read all active budgets of an organization. */
const MAX_BUDGETS = 10_000;

/** @throws AppError `not_found`, also for another organization's budget, and for one that was deleted. */
export async function findBudget(deps: ApiDeps, org: string, id: string): Promise<Budget> {
  const budget = await deps.store.budgets.find(org, id);
  if (budget === undefined || budget.deletedAt !== undefined) throw notFound(id);
  return budget;
}

/** A budget with its present period, as the API shows it. */
export async function showBudget(deps: ApiDeps, budget: Budget): Promise<ApiBudget> {
  const at = new Date();
  const current = await currentOf(deps, budget.org, [budget], at);
  return toApiBudget(budget, current.get(budget.id), at);
}

/**
 * Stores a new budget. The same Idempotency-Key brings the same budget.
 * @throws AppError `conflict` where the key came with other terms before, or there are too many budgets.
 */
export async function createBudget(
  deps: ApiDeps,
  principal: Principal,
  terms: BudgetTerms,
  idempotencyKey: string | undefined,
): Promise<Budget> {
  const { org, id: by } = principal;
  const { budgets } = deps.store;
  const id = idOf('bud', org, idempotencyKey);
  const known = idempotencyKey === undefined ? undefined : await budgets.find(org, id);
  if (known !== undefined) return repeated(known, terms);
  const { total } = await budgets.list(org, {}, { limit: 1 });
  if (total >= MAX_BUDGETS)
    throw new AppError('conflict', `an organization may have ${MAX_BUDGETS} budgets; delete some first`);
  const created = await budgets.create(org, id, terms, by, new Date());
  if (created !== undefined) return created;
  return repeated(await findBudget(deps, org, id), terms);
}

/** A budget that was changed since it was made is taken for the one that was asked for. */
function repeated(budget: Budget, terms: BudgetTerms): Budget {
  const untouched = budget.updatedAt.getTime() === budget.createdAt.getTime();
  if (
    !untouched ||
    Object.entries(terms).every(([field, value]) => same(value, budget[field as keyof Budget]))
  )
    return budget;
  throw keyTaken(`budget ${budget.id}`);
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Changes what is given; an edit that changes nothing leaves no trace. @throws AppError `not_found`. */
export async function editBudget(
  deps: ApiDeps,
  principal: Principal,
  id: string,
  asked: ApiBudgetEdit,
): Promise<Budget> {
  const budget = await findBudget(deps, principal.org, id);
  const edit = editOf(budget, asked);
  if (edit === undefined) return budget;
  const edited = await deps.store.budgets.edit(principal.org, id, edit, principal.id, new Date());
  if (edited === undefined) throw notFound(id);
  return edited;
}

/** @throws AppError `not_found`. */
export async function deleteBudget(deps: ApiDeps, principal: Principal, id: string): Promise<void> {
  if (!(await deps.store.budgets.remove(principal.org, id, principal.id, new Date()))) throw notFound(id);
}

export function notFound(id: string): AppError {
  return new AppError('not_found', `there is no budget ${id}`);
}
