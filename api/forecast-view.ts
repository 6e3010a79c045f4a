import { z } from '@hono/zod-openapi';
import { dayNumberOf, toDay } from '../domain/budgets/zones.ts';
import { METHOD_NAMES } from '../domain/forecast/methods.ts';
import { type ForecastOutcome, storedInterval } from '../domain/forecast/outcome.ts';
import { FORECAST_STATES, type ScopeForecast } from '../domain/forecast/scope-forecast.ts';
import { toUsd } from '../domain/money.ts';
import type { Accuracy, StoredForecast } from '../store/forecasts.ts';

const state = z.enum(FORECAST_STATES).openapi({
  description: '`stale`: costs wait to be counted for over five minutes, and this is told without them.',
});
const method = z.enum(METHOD_NAMES as [string, ...string[]]);
const percentOf = (description: string) => z.number().nullable().openapi({ description });
const interval = z.object({ low: z.number(), high: z.number() }).nullable();
const expected = { point: z.number(), interval80: interval, interval95: interval };
const days = (description: string) => z.number().int().nullable().openapi({ description });

/** Names that users know: `periodEnd` to `recommendation`. Amounts in USD. */
export const forecastSchema = z
  .object({
    state,
    budgetId: z.string().nullable(),
    periodStart: z.string(),
    periodEnd: z.string().openapi({ description: 'The last day of the period.' }),
    spentUsd: z.number().openapi({ description: 'In the period so far.' }),
    budgetUsd: z.number().nullable(),
    predictedSpendUsd: z.number().openapi({ description: 'Of the whole period.' }),
    predicted: z.object({ interval80: interval, interval95: interval }),
    budgetUtilization: z.number().nullable().openapi({ description: 'Predicted as a share of the budget.' }),
    trendDirection: z.enum(['rising', 'falling', 'flat']),
    daysUntilOverrun: days('Today is 1; null if none within the days ahead.'),
    overrun: z
      .object({
        probability: z.number().nullable().openapi({ description: 'Within the period.' }),
        p10: z.string().nullable(),
        p50: z.string().nullable(),
        p90: z.string().nullable(),
      })
      .nullable()
      .openapi({ description: 'The days on which the budget may be used up.' }),
    recommendation: z.string(),
    method,
    backtestErrorPercent: percentOf('Of the method, on the past.'),
    accuracyPercent: percentOf(
      'How right the stored forecasts of the same were about their first seven days, in the mean: ' +
        '100 × (1 − |predicted − actual| / actual), each at least 0.',
    ),
    accuracySamples: z.number().int().openapi({ description: 'Of how many; the 30 newest at most.' }),
    historyDays: z.number().int(),
    days: z
      .array(z.object({ date: z.string(), ...expected }))
      .openapi({ description: 'Today is the first.' }),
    timestamp: z.iso.datetime(),
  })
  .openapi('Forecast');
export type ApiForecast = z.infer<typeof forecastSchema>;

const outcomeSchema = z
  .object({
    start: z.string(),
    end: z.string(),
    predictedUsd: z.number(),
    actualUsd: z.number().nullable().openapi({ description: 'Null until the last day is over.' }),
    accuracyPercent: percentOf('Null where nothing was spent, too.'),
  })
  .openapi('ForecastOutcome');

/** A forecast as it was made, and what came true of it. */
export const storedForecastSchema = z
  .object({
    date: z.string().openapi({ description: 'On which it was made; the first of the days ahead.' }),
    madeAt: z.iso.datetime(),
    state,
    method,
    backtestErrorPercent: percentOf('Of the method, on the past.'),
    historyDays: z.number().int(),
    spentUsd: z.number().openapi({ description: 'In the period until then.' }),
    budgetUsd: z.number().nullable(),
    predictedSpendUsd: z.number().openapi({ description: 'Of the whole period.' }),
    predicted: z.object({ interval80: interval, interval95: interval }),
    overrunProbability: z.number().nullable(),
    week: outcomeSchema.openapi({ description: 'Of the first seven days together.' }),
    period: outcomeSchema,
    final: z.boolean().openapi({ description: 'Costs that come now change nothing any more.' }),
    days: z.array(z.object({ date: z.string(), ...expected })),
  })
  .openapi('StoredForecast');

export type ApiStoredForecast = z.infer<typeof storedForecastSchema>;

export function toApiForecast(
  forecast: ScopeForecast,
  budgetId: string | undefined,
  accuracy: Accuracy,
  at: Date,
): ApiForecast {
  return { ...forecast, budgetId: budgetId ?? null, ...accuracy, timestamp: at.toISOString() };
}

export function toApiStoredForecast(row: StoredForecast): ApiStoredForecast {
  const { state, method, backtestErrorPercent, historyDays } = row;
  const first = dayNumberOf(row.day) ?? 0;
  return {
    date: row.day,
    madeAt: row.madeAt.toISOString(),
    ...{ state, method, backtestErrorPercent, historyDays },
    spentUsd: toUsd(row.spent),
    budgetUsd: row.amount === null ? null : toUsd(row.amount),
    predictedSpendUsd: toUsd(row.predicted),
    predicted: { interval80: inUsd(row.interval80), interval95: inUsd(row.interval95) },
    overrunProbability: row.overrun?.probability ?? null,
    week: toApiOutcome(row.ofWeek),
    period: toApiOutcome(row.ofPeriod),
    final: row.lookAt === undefined,
    days: row.points.map((point, step) => ({
      date: toDay(first + step),
      point: toUsd(point),
      interval80: inUsd(storedInterval(row, 80, step)),
      interval95: inUsd(storedInterval(row, 95, step)),
    })),
  };
}

function toApiOutcome({ start, end, predictedNanoUsd, actualNanoUsd, accuracyPercent }: ForecastOutcome) {
  const actualUsd = actualNanoUsd === null ? null : toUsd(actualNanoUsd);
  return { start, end, predictedUsd: toUsd(predictedNanoUsd), actualUsd, accuracyPercent };
}

function inUsd(nano: { low: number; high: number } | null) {
  return nano && { low: toUsd(nano.low), high: toUsd(nano.high) };
}
