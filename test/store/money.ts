import { randomBytes } from 'node:crypto';
import {
  type Budget,
  type BudgetTerms,
  DEFAULT_ALERT_AT,
  DEFAULT_POLICY,
  DEFAULT_THRESHOLDS,
} from '../../domain/budgets/budget.ts';
import { type Scope, scopeKeyOf } from '../../domain/budgets/scope.ts';
import type { AcquireRequest } from '../../store/hold-claims.ts';
import type { Hold, OpenDraw } from '../../store/holds.ts';
import { type OpenedStore, ORG } from './database.ts';

/** A budget of so many nano-dollars a month, for everything, that refuses. */
export function terms(amountNanoUsd: number, more: Partial<BudgetTerms> = {}): BudgetTerms {
  return {
    name: 'all',
    scope: {},
    period: { type: 'monthly', timeZone: 'UTC' },
    amountNanoUsd,
    currency: 'USD',
    thresholds: DEFAULT_THRESHOLDS,
    alertAt: DEFAULT_ALERT_AT,
    policy: DEFAULT_POLICY,
    notifications: [],
    tags: [],
    active: true,
    ...more,
  };
}

export async function newBudget(
  { store }: OpenedStore,
  amountNanoUsd: number,
  more: Partial<BudgetTerms> = {},
  at = new Date(),
): Promise<Budget> {
  await store.organizations.ensure(ORG, ORG);
  const id = `bud_${randomBytes(5).toString('hex')}`;
  const budget = await store.budgets.create(ORG, id, terms(amountNanoUsd, more), 'key_1', at);
  if (budget === undefined) throw new Error('the budget was there');
  return budget;
}

let holds = 0;

/** A request for a hold, by default all or nothing. */
export function wanted(amount: number, more: Partial<AcquireRequest> = {}): AcquireRequest {
  holds += 1;
  const owner = more.owner ?? 'run1';
  const scope: Scope = more.scope ?? {};
  return {
    org: ORG,
    id: `${owner}:${holds}`,
    owner,
    scope,
    line: `${owner}:${scopeKeyOf(scope)}`,
    number: holds,
    amount,
    least: amount,
    priority: 5,
    at: new Date(),
    ...more,
  };
}

/** The hold, or an error that says what was denied. */
export async function granted({ store }: OpenedStore, request: AcquireRequest): Promise<Hold> {
  const result = await store.acquire(request);
  if ('granted' in result) return result.granted;
  throw new Error(JSON.stringify(result));
}

let draws = 0;

export function drawOf(worst: number, more: Partial<OpenDraw> = {}): OpenDraw {
  draws += 1;
  return { draw: `run1:${draws}`, seq: draws, step: 'summary', worst, at: new Date(), ...more };
}

/** The entry that a draw becomes. */
export function entryOf(hold: Pick<Hold, '_id'>, { draw, step, at }: OpenDraw, costNanoUsd: number) {
  const usage = { inputTokens: 10, outputTokens: 5 };
  const day = at.toISOString().slice(0, 10);
  return { id: draw, org: ORG, hold: hold._id, costNanoUsd, usage, step, at, day };
}

/** The one period that a budget has now. */
export async function periodOf({ store }: OpenedStore, budget: Pick<Budget, 'id'>) {
  const [period] = await store.budgetPeriods.ofBudget(ORG, budget.id, 1);
  if (period === undefined) throw new Error('no period is open');
  return period;
}

/** Folds all, and computes everything anew. @returns the differences, of which there should be none. */
export async function differencesOf({ store }: OpenedStore) {
  await store.fold();
  return (await store.checkLedger(ORG)).differences;
}
