import type { Model } from 'mongoose';
import type { BudgetPeriod } from './budget-periods.ts';
import type { Hold } from './holds.ts';

/** What the users of a budget have come to in one period; in nano-dollars. */
export interface UsersTotal {
  users: number;
  spent: number;
  committed: number;
  left: number;
  /** The counters of the user who has spent most. */
  top: BudgetPeriod;
}

/** Sums over budget periods and holds, to be shown. */
export function budgetUsage(parts: {
  budgetPeriods: { model: Model<BudgetPeriod> };
  holds: { model: Model<Hold> };
}) {
  return {
    /** The periods of a budget, the newest first; of a budget per user those of all users, or of one. */
    async periods(
      org: string,
      budget: string,
      user: string | undefined,
      limit: number,
    ): Promise<BudgetPeriod[]> {
      return parts.budgetPeriods.model
        .find({ org, budget, ...(user !== undefined && { user }) })
        .sort({ start: -1 })
        .limit(limit)
        .lean<BudgetPeriod[]>();
    },
    /** Of a budget per user, over the period that starts then; undefined where nobody has used it yet. */
    async ofUsers(org: string, budget: string, start: Date): Promise<UsersTotal | undefined> {
      const [total] = await parts.budgetPeriods.model.aggregate<UsersTotal>([
        { $match: { org, budget, start } },
        { $sort: { spent: -1 } },
        {
          $group: {
            _id: null,
            users: { $sum: 1 },
            spent: { $sum: '$spent' },
            committed: { $sum: '$committed' },
            left: { $sum: '$left' },
            top: { $first: '$$ROOT' },
          },
        },
      ]);
      return total;
    },
    /** What open holds keep of some periods. */
    async heldOn(org: string, periods: string[]): Promise<{ count: number; held: number }> {
      const [sum] = await parts.holds.model.aggregate<{ count: number; held: number }>([
        { $match: { org, periods: { $in: periods }, state: { $ne: 'closed' } } },
        {
          $group: {
            _id: null,
            count: { $sum: 1 },
            held: { $sum: { $add: ['$left', { $sum: '$open.worst' }] } },
          },
        },
      ]);
      return { count: sum?.count ?? 0, held: sum?.held ?? 0 };
    },
  };
}
