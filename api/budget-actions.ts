import type { Budget } from '../domain/budgets/budget.ts';
import { MAX_AMOUNT_USD } from '../domain/budgets/budget.ts';
import { wholeAmount } from '../domain/budgets/counters.ts';
import { amountProblems } from '../domain/budgets/problems.ts';
import { AppError, type ErrorDetail, invalidInput } from '../domain/errors.ts';
import { firstProblem } from '../domain/issues.ts';
import { fromUsd } from '../domain/money.ts';
import type { Principal } from '../domain/principal.ts';
import type { BudgetPeriod } from '../store/budget-periods.ts';
import { findBudget, notFound } from './budget-changes.ts';
import type { ApiDeps } from './deps.ts';
import { idOf } from './idempotency.ts';

export interface AskedRaise {
  amountUsd: number;
  reason: string;
  until?: string | undefined;
  /** Of a budget per user: whose. */
  user?: string | undefined;
}

/**
 * Raises the present period of a budget, until a time or its end. The same Idempotency-Key raises it once.
 * @throws AppError `conflict` where the budget has no period now.
 */
export async function raiseBudget(
  deps: ApiDeps,
  principal: Principal,
  id: string,
  asked: AskedRaise,
  idempotencyKey: string | undefined,
): Promise<Budget> {
  const { org, id: by } = principal;
  const { budgets, budgetPeriods } = deps.store;
  const at = new Date();
  const budget = await findBudget(deps, org, id);
  refuse(raiseProblems(budget, asked, at));
  const opened = await budgetPeriods.at(budget, asked.user, at);
  if (opened === undefined) throw new AppError('conflict', `${budget.name} has no period now`);
  const raiseId = idOf('rse', id, idempotencyKey);
  const period = await budgetPeriods.find(org, opened.id);
  if (hasRaise(period, raiseId)) return budget;
  refuse(sizeProblems(period, asked));
  const raise = {
    id: raiseId,
    amountNanoUsd: fromUsd(asked.amountUsd),
    reason: asked.reason,
    by,
    at,
    ...(asked.until !== undefined && { until: new Date(asked.until) }),
  };
  const raised = await budgets.raise(org, id, opened.id, raise);
  if (raised !== undefined) return raised;
  // The same request was faster, or the budget was deleted.
  if (!hasRaise(await budgetPeriods.find(org, opened.id), raiseId)) throw notFound(id);
  return budget;
}

function hasRaise(period: BudgetPeriod | undefined, id: string): boolean {
  return period?.raises.some((raise) => raise.id === id) ?? false;
}

function raiseProblems(budget: Budget, { amountUsd, until, user }: AskedRaise, at: Date): ErrorDetail[] {
  return [
    ...(amountUsd === 0 ? [{ field: 'amountUsd', problem: 'must be more than 0' }] : []),
    ...amountProblems('amountUsd', amountUsd),
    ...(until !== undefined && !(Date.parse(until) > at.getTime())
      ? [{ field: 'until', problem: 'must be in the future' }]
      : []),
    ...((budget.per === 'user') === (user !== undefined)
      ? []
      : [
          {
            field: 'user',
            problem:
              budget.per === 'user'
                ? 'is missing: each user has an amount'
                : 'leave it out: all have one amount',
          },
        ]),
  ];
}

/** Beyond it, nano-dollars would not be safe integers. */
function sizeProblems(period: BudgetPeriod | undefined, { amountUsd }: AskedRaise): ErrorDetail[] {
  if (period === undefined || wholeAmount(period) + fromUsd(amountUsd) <= fromUsd(MAX_AMOUNT_USD)) return [];
  return [
    {
      field: 'amountUsd',
      problem: `would raise the amount over ${MAX_AMOUNT_USD.toLocaleString('en-US')} USD`,
    },
  ];
}

function refuse(problems: ErrorDetail[]): void {
  if (problems.length === 0) return;
  throw invalidInput(`the raise is not valid: ${firstProblem(problems)}`, problems);
}

/** Closes the breaker before it does so by itself. @throws AppError `conflict` where none is open. */
export async function closeBreaker(
  deps: ApiDeps,
  principal: Principal,
  id: string,
  reason: string,
): Promise<Budget> {
  const { org, id: by } = principal;
  const budget = await findBudget(deps, org, id);
  const closed = await deps.store.budgets.closeBreaker(org, id, reason, by, new Date());
  if (closed === undefined)
    throw new AppError('conflict', `the circuit breaker of ${budget.name} is not open`);
  return closed;
}
