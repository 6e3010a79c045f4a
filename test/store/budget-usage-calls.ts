import type { Store } from '../../store/index.ts';
import { ORG } from './database.ts';

const START = new Date('2025-01-01T00:00:00Z');

/** Every function of the sums over budget periods and holds, once at least. */
export const BUDGET_USAGE_CALLS = {
  budgetUsage: {
    periods: async ({ budgetUsage }: Store) => [
      await budgetUsage.periods(ORG, 'b1', undefined, 10),
      await budgetUsage.periods(ORG, 'b1', 'ann', 10),
    ],
    ofUsers: ({ budgetUsage }: Store) => budgetUsage.ofUsers(ORG, 'b1', START),
    heldOn: ({ budgetUsage }: Store) => budgetUsage.heldOn(ORG, ['b1:2025-01-01']),
  },
};
