import type { Store } from '../../store/index.ts';
import { ORG } from './database.ts';

const outcome = {
  ...{ start: '2026-01-01', end: '2026-01-07', predictedNanoUsd: 5, actualNanoUsd: 4 },
  accuracyPercent: 75,
};
const row = {
  ...{ subject: 'b1', scope: {}, day: '2026-01-01', madeAt: new Date('2026-01-01T00:01:00Z') },
  ...({ state: 'ok', method: 'mean7', backtestErrorPercent: 5, historyDays: 30, overrun: null } as const),
  ...{ periodStart: '2026-01-01', periodEnd: '2026-01-31', spent: 0, amount: null, predicted: 5 },
  ...{ interval80: null, interval95: null, points: [1], low80: [], high80: [], low95: [], high95: [] },
  ...{ known: [1, 1, 1], ofWeek: outcome, ofPeriod: outcome, lookAt: '2026-01-08' },
};

/** Every function of the repository of forecasts. */
export const FORECAST_CALLS = {
  forecasts: {
    add: ({ forecasts }: Store) =>
      Promise.all(
        ['2026-01-01', '2026-01-02', '2026-01-03'].map((day) => forecasts.add(ORG, { ...row, day })),
      ),
    subjectsOf: ({ forecasts }: Store) => forecasts.subjectsOf(ORG, row.day),
    find: ({ forecasts }: Store) => forecasts.find(ORG, 'b1', row.day),
    list: ({ forecasts }: Store) => forecasts.list(ORG, 'b1', { limit: 2 }),
    knownSince: ({ forecasts }: Store) => forecasts.knownSince(ORG, 'b1', row.day),
    toLookAt: ({ forecasts }: Store) => forecasts.toLookAt(ORG, '2026-02-01', 2),
    comeTrue: ({ forecasts }: Store) =>
      forecasts.comeTrue(ORG, `${ORG}|b1|${row.day}`, {
        ofWeek: outcome,
        ofPeriod: outcome,
        lookAt: undefined,
      }),
    accuracyOf: ({ forecasts }: Store) => forecasts.accuracyOf(ORG, 'b1'),
    accuracyOfAll: ({ forecasts }: Store) => forecasts.accuracyOfAll([ORG]),
  },
};
