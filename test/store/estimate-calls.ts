import type { Store } from '../../store/index.ts';
import { logRow, ORG } from './database.ts';

const at = new Date('2026-05-01T12:00:00Z');

export const variance = (more: object = {}) => ({
  kind: 'documentation' as const,
  model: 'offline/gpt-5-mini',
  basis: 'cold' as const,
  estimateNanoUsd: { p50: 100, p90: 200 },
  actualNanoUsd: 150,
  errorPercent: 50,
  inBand: true,
  at,
  ...more,
});

export const lesson = (step = 'summary', more: object = {}) => ({
  step,
  ratios: [1, 2],
  meanRatio: 1.5,
  samples: 2,
  steps: 2,
  calls: 2,
  inputTokens: 10,
  cachedTokens: 0,
  ...more,
});

export const ownPrice = (id: string, more: object = {}) => ({
  id,
  model: 'openai/gpt-5-mini',
  inputUsdPerMillion: 1,
  outputUsdPerMillion: 2,
  from: at,
  createdBy: 'key_1',
  createdAt: at,
  ...more,
});

/** Every function of the repositories of prices, calibrations, estimates and settings. */
export const ESTIMATE_CALLS = {
  prices: {
    add: ({ prices }: Store) => prices.add(ORG, ownPrice('p1')),
    endingAfter: ({ prices }: Store) => prices.endingAfter(ORG, at),
    countEndingAfter: ({ prices }: Store) => prices.countEndingAfter(ORG, at),
    search: async ({ prices }: Store) => [
      await prices.search(ORG, {}, 10),
      await prices.search(ORG, { text: 'gpt', endingAfter: at }, 10),
    ],
    end: ({ prices }: Store) => prices.end(ORG, 'p1', 'key_1', new Date()),
  },
  estimates: {
    learn: ({ estimates }: Store) =>
      estimates.learn({ org: ORG, run: 'r1', round: 1 }, variance(), [lesson()]),
    hasLearned: ({ estimates }: Store) => estimates.hasLearned(ORG, 'r1', 1),
    since: async ({ estimates }: Store) => [
      await estimates.since(ORG, undefined, at),
      await estimates.since(ORG, 'documentation', at),
    ],
    between: ({ estimates }: Store) => estimates.between(ORG, at, new Date()),
  },
  calibrations: {
    list: ({ calibrations }: Store) => calibrations.list(ORG),
    of: ({ calibrations }: Store) => calibrations.of(ORG, 'documentation', 'offline/gpt-5-mini'),
    add: async ({ calibrations }: Store) => {
      const session = await calibrations.model.db.startSession();
      const key = { org: ORG, kind: 'documentation', model: 'm' };
      await session.withTransaction(() => calibrations.add(session, key, [lesson()], at));
      await session.endSession();
    },
  },
  settings: {
    change: ({ settings }: Store) => settings.change(ORG, 'key_1', at, () => ({ timeZone: 'UTC' })),
    find: ({ settings }: Store) => settings.find(ORG),
    settingsOf: ({ settings }: Store) => settings.settingsOf(ORG, 'documentation'),
    timeZoneOf: ({ settings }: Store) => settings.timeZoneOf(ORG),
  },
};

/** For `generationLogs`, beside what the table of calls has. */
export const AFTER = async ({ generationLogs }: Store) => {
  await generationLogs.store(logRow('r1', 2));
  return generationLogs.after(ORG, 'r1', '', 2);
};
