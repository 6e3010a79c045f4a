import { toDay } from '../domain/budgets/zones.ts';
import { COMPARED_DAYS, nextLook } from '../domain/forecast/outcome.ts';
import { forecastScope, type ScopeForecast } from '../domain/forecast/scope-forecast.ts';
import { NANO_USD_PER_USD, roundHalfUp } from '../domain/money.ts';
import type { NewForecast } from '../store/forecasts.ts';
import type { Facts } from '../store/spend-facts.ts';

const DAYS_AHEAD = 90;

/** A forecast as it is stored, with nothing that came true yet. */
export function storedForecastOf(subject: string, facts: Facts, madeAt: Date): NewForecast {
  const { today, scope, period, span, known } = facts;
  const forecast = forecastScope(facts, DAYS_AHEAD);
  const { state, method, backtestErrorPercent, historyDays, periodStart, periodEnd, overrun } = forecast;
  const day = toDay(today);
  const lookAt = nextLook(today, [today + COMPARED_DAYS - 1, span.last]);
  const predicted = nanoOf(forecast.predictedSpendUsd);
  const points = forecast.days.map(({ point }) => nanoOf(point));
  const ofWeek = points.slice(0, COMPARED_DAYS).reduce((sum, point) => sum + point, 0);
  return {
    ...{ subject, scope, day, madeAt },
    ...(period !== undefined && { period }),
    ...{ state, method, backtestErrorPercent, historyDays, periodStart, periodEnd, overrun },
    spent: nanoOf(forecast.spentUsd),
    amount: forecast.budgetUsd === null ? null : nanoOf(forecast.budgetUsd),
    predicted,
    interval80: inNano(forecast.predicted.interval80),
    interval95: inNano(forecast.predicted.interval95),
    points,
    ...bounds(forecast.days),
    known,
    ofWeek: awaited(day, toDay(today + COMPARED_DAYS - 1), ofWeek),
    ofPeriod: awaited(periodStart, periodEnd, predicted),
    ...(lookAt !== undefined && { lookAt: toDay(lookAt) }),
  };
}

/** No ledger holds more than the largest amount, so what is forecast beyond it is that. */
function nanoOf(usd: number): number {
  const most = Number.MAX_SAFE_INTEGER;
  return roundHalfUp(Math.min(most, Math.max(-most, usd * NANO_USD_PER_USD)));
}

function awaited(start: string, end: string, predictedNanoUsd: number) {
  return { start, end, predictedNanoUsd, actualNanoUsd: null, accuracyPercent: null };
}

function inNano(usd: { low: number; high: number } | null) {
  return usd && { low: nanoOf(usd.low), high: nanoOf(usd.high) };
}

/** Number by number: as objects they would take four times the space. */
function bounds(days: ScopeForecast['days']) {
  const of = (percent: 80 | 95, side: 'low' | 'high') =>
    days.flatMap((day) => {
      const interval = day[`interval${percent}`];
      return interval === null ? [] : [nanoOf(interval[side])];
    });
  return { low80: of(80, 'low'), high80: of(80, 'high'), low95: of(95, 'low'), high95: of(95, 'high') };
}
