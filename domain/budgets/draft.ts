import type { BudgetNotification, Period, Policy, Thresholds } from './budget.ts';
import type { Scope } from './scope.ts';

/** What people give for a budget, as they give it: USD as decimal numbers. */
export interface BudgetDraft {
  name: string;
  scope: Scope;
  per?: 'user';
  period: Period;
  amountUsd: number;
  currency: 'USD';
  thresholds: Thresholds;
  alertAt: number[];
  policy: Omit<Policy, 'graceMaximumNanoUsd'> & { graceMaximumUsd?: number };
  rollover?: { maxUsd: number };
  breaker?: { velocity?: { usd: number; minutes: number }; coolDownMinutes: number };
  notifications: BudgetNotification[];
  tags: string[];
  active: boolean;
}
