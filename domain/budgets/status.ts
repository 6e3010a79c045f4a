import { type Budget, DEFAULT_PRIORITY } from './budget.ts';
import { breakerShut, type Counters } from './counters.ts';
import { type DecisionType, decide } from './decide.ts';
import { localDay } from './zones.ts';

/** How a budget stands; `upcoming` and `ended`: it has no period now. */
export const BUDGET_STATUSES = [
  'ok',
  'warning',
  'throttled',
  'blocked',
  'circuit_open',
  'inactive',
  'upcoming',
  'ended',
] as const;
export type BudgetStatus = (typeof BUDGET_STATUSES)[number];

const STATUS_OF: Record<DecisionType, BudgetStatus> = {
  allow: 'ok',
  warn: 'warning',
  throttle: 'throttled',
  block: 'blocked',
};

/** How a budget stands for work of usual priority, and why. Without counters it has no period now. */
export function statusOf(
  budget: Pick<Budget, 'id' | 'name' | 'active' | 'scope' | 'period' | 'thresholds' | 'policy'>,
  counters: Counters | undefined,
  at: Date,
): { status: BudgetStatus; message: string } {
  if (!budget.active) return { status: 'inactive', message: `${budget.name} is not active` };
  if (counters === undefined) return withoutPeriod(budget, at);
  const request = { scope: budget.scope, priority: DEFAULT_PRIORITY, at };
  const { type, message } = decide([{ budget, counters }], request);
  const open = type === 'block' && breakerShut(counters, at);
  return { status: open ? 'circuit_open' : STATUS_OF[type], message };
}

function withoutPeriod({ name, period }: Pick<Budget, 'name' | 'period'>, at: Date) {
  const { startDate, endDate } = period;
  if (startDate !== undefined && localDay(at, period.timeZone) < startDate)
    return { status: 'upcoming' as const, message: `${name} begins on ${startDate}` };
  return { status: 'ended' as const, message: `${name} ended on ${endDate}` };
}
