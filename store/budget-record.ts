import type { Budget } from '../domain/budgets/budget.ts';
import { Mixed } from './model.ts';

/** A budget as stored. */
export interface BudgetDoc extends Omit<Budget, 'id'> {
  _id: string;
  /** Time of creation and id: unique, and the order of lists. */
  position: string;
  alive: boolean;
  /** How many periods were opened with its amount; whoever opens one and whoever edits it write the same. */
  opened?: number;
  /** Of the last change, until the open holds in its scope are marked stale. */
  marking?: string;
}

export const BUDGET_FIELDS = {
  _id: String,
  org: String,
  name: String,
  scope: Mixed,
  per: String,
  period: Mixed,
  amountNanoUsd: Number,
  currency: String,
  thresholds: Mixed,
  alertAt: [Number] as [typeof Number],
  policy: Mixed,
  rollover: Mixed,
  breaker: Mixed,
  notifications: [Mixed] as [typeof Mixed],
  tags: [String] as [typeof String],
  active: Boolean,
  createdBy: String,
  createdAt: Date,
  updatedAt: Date,
  deletedAt: Date,
  position: String,
  alive: Boolean,
  opened: Number,
  marking: String,
};

export function fromBudgetDoc(doc: BudgetDoc): Budget {
  const { _id, position: _position, alive: _alive, opened: _opened, marking: _marking, ...rest } = doc;
  return { id: _id, ...rest };
}
