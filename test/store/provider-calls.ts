import type { Store } from '../../store/index.ts';
import { ACCOUNT_CALLS } from './account-calls.ts';
import { ALERT_CALLS } from './alert-calls.ts';
import { CHANNEL_CALLS } from './channel-calls.ts';
import { COMPANY_CALLS } from './company-calls.ts';
import { ORG } from './database.ts';
import { MEMORY_CALLS } from './memory-calls.ts';
import { SCHEDULE_CALLS } from './schedule-calls.ts';

const key = { org: ORG, provider: 'openai', model: 'openai/gpt-5-mini' };
const at = new Date();

/**
 * Every function of the repositories of providers' keys and limits, of people, and of the kinds' own
 * collections.
 */
export const PROVIDER_CALLS = {
  ...ACCOUNT_CALLS,
  ...ALERT_CALLS,
  ...CHANNEL_CALLS,
  ...SCHEDULE_CALLS,
  ...COMPANY_CALLS,
  ...MEMORY_CALLS,
  providerKeys: {
    set: ({ providerKeys }: Store) =>
      providerKeys.set({ org: ORG, provider: 'openai', sealed: 'x', createdBy: 'key_1', createdAt: at }),
    find: ({ providerKeys }: Store) => providerKeys.find(ORG, 'openai'),
    list: ({ providerKeys }: Store) => providerKeys.list(ORG),
    remove: ({ providerKeys }: Store) => providerKeys.remove(ORG, 'openai', 'key_1', at),
  },
  providerLimits: {
    reserve: ({ providerLimits }: Store) =>
      providerLimits.reserve(key, { id: 'c1', tokens: 5, at, leaseMs: 1_000 }),
    finish: async ({ providerLimits }: Store) => {
      const call = { id: 'c1', tokens: 5, startedAt: at, at };
      await providerLimits.finish(key, call, { tokens: 4 });
      await providerLimits.finish(key, call, { refusedUntil: at.getTime() });
    },
    list: ({ providerLimits }: Store) => providerLimits.list(ORG, { limit: 2 }),
    setLimits: ({ providerLimits }: Store) =>
      providerLimits.setLimits(key, { requestsPerMinute: 5 }, 'key_1', at),
  },
};
