import { dayNumberOf, toDay } from '../budgets/zones.ts';
import { adviceFor } from './advice.ts';
import { forecastSpend, type SpendForecast } from './forecast.ts';
import { reportedInFull } from './late-costs.ts';

/** Without enough history, or where costs wait to be counted, a forecast says so. */
export const FORECAST_STATES = [
  'ok',
  'no_budget',
  'budget_exceeded',
  'stale',
  'insufficient_history',
] as const;
export type ForecastState = (typeof FORECAST_STATES)[number];

/** What is known of the spending of a scope at one time. Amounts in USD, days as numbers. */
export interface SpendFacts {
  today: number;
  /** How much of today has passed, from 0 to 1. */
  passed: number;
  /** Per whole day before today, from the first that cost anything. */
  history: number[];
  /** What today has brought so far. */
  begun: number;
  /** Shares of what the newest days will have cost that are known by now, yesterday first. */
  reported: number[];
  /** Costs wait to be counted. */
  stale: boolean;
  span: {
    /** The first and the last day of the period. */
    first: number;
    last: number;
    budget?: { amountUsd: number; spentUsd: number };
  };
}

interface Interval {
  low: number;
  high: number;
}

/** What will be spent of a scope. Amounts in USD, days as YYYY-MM-DD. */
export interface ScopeForecast {
  state: ForecastState;
  periodStart: string;
  periodEnd: string;
  spentUsd: number;
  budgetUsd: number | null;
  /** Of the whole period. */
  predictedSpendUsd: number;
  predicted: { interval80: Interval | null; interval95: Interval | null };
  budgetUtilization: number | null;
  trendDirection: SpendForecast['trend'];
  daysUntilOverrun: number | null;
  overrun: { probability: number | null; p10: string | null; p50: string | null; p90: string | null } | null;
  recommendation: string;
  method: SpendForecast['method'];
  backtestErrorPercent: number | null;
  historyDays: number;
  /** Today is the first. */
  days: ({ date: string } & SpendForecast['total'])[];
}

/** A period may last for centuries; nobody can tell what is further ahead, and each day costs time. */
const MOST_DAYS_AHEAD = 732;
const NANO = 1e9;

/**
 * What will be spent until the end of the period and on each of the next `days`, and when the budget is used
 * up. What is further ahead than two years is as the mean of the days before.
 */
export function forecastScope(facts: SpendFacts, days: number): ScopeForecast {
  const { today, begun, passed, span } = facts;
  const { history, missing } = reportedInFull(facts.history, facts.reported);
  const toGo = span.last - today + 1;
  const seen = Math.min(toGo, MOST_DAYS_AHEAD);
  const spentUsd = span.budget?.spentUsd ?? spentSince(facts.history, today, span.first) + begun;
  // What days of this period have cost and not told yet will count, too.
  const before = spentUsd - begun + sumOfLast(missing, today - span.first);
  const left = span.budget && span.budget.amountUsd - before;
  const question = {
    history,
    today: { spent: begun, passed },
    ...(left !== undefined && { budget: { left, days: seen } }),
  };
  const period = forecastSpend({ ...question, horizon: seen });
  const ahead = forecastSpend({ ...question, horizon: Math.max(days, seen) });
  const longer = toGo / seen;
  const predictedSpendUsd = before + longer * period.total.point;
  const shifted = (interval: Interval | null) =>
    interval && { low: before + longer * interval.low, high: before + longer * interval.high };
  const state = stateOf(period.state, facts);
  const { overrun } = ahead;
  const budgetUsd = span.budget?.amountUsd ?? null;
  const daysUntilOverrun = overrun?.days.p50 ?? null;
  const dateOf = (day: number | null) => (day === null ? null : toDay(today + day - 1));
  return {
    state,
    periodStart: toDay(span.first),
    periodEnd: toDay(span.last),
    spentUsd,
    budgetUsd,
    predictedSpendUsd,
    predicted: {
      interval80: shifted(period.total.interval80),
      interval95: shifted(period.total.interval95),
    },
    budgetUtilization: budgetUsd === null || budgetUsd === 0 ? null : predictedSpendUsd / budgetUsd,
    trendDirection: period.trend,
    daysUntilOverrun,
    overrun: overrun && {
      probability: overrun.probability,
      p10: dateOf(overrun.days.p10),
      p50: dateOf(overrun.days.p50),
      p90: dateOf(overrun.days.p90),
    },
    recommendation: adviceFor({
      ...{ state, budgetUsd, daysUntilOverrun, trend: period.trend, predictedUsd: predictedSpendUsd },
      probability: overrun?.probability ?? null,
    }),
    method: period.method,
    backtestErrorPercent: period.backtestError === null ? null : 100 * period.backtestError,
    historyDays: history.length,
    days: ahead.days.slice(0, days).map((day, index) => ({ date: toDay(today + index), ...day })),
  };
}

function stateOf(found: SpendForecast['state'], { span: { budget }, stale }: SpendFacts): ForecastState {
  if (budget !== undefined && budget.spentUsd >= budget.amountUsd) return 'budget_exceeded';
  if (stale) return 'stale';
  return budget === undefined ? 'no_budget' : found;
}

/** Summed up in nano-dollars: it is what the ledger says. */
function spentSince(history: readonly number[], today: number, first: number): number {
  return (
    sumOfLast(
      history.map((day) => Math.round(day * NANO)),
      today - first,
    ) / NANO
  );
}

function sumOfLast(values: readonly number[], count: number): number {
  return values.slice(Math.max(0, values.length - count)).reduce((sum, value) => sum + value, 0);
}

/** The month of a day, for what has no budget. */
export function monthOf(today: number): { first: number; last: number } {
  const date = new Date(`${toDay(today)}T00:00:00Z`);
  const first = today - date.getUTCDate() + 1;
  const next = toDay(first + 31).slice(0, 7);
  return { first, last: (dayNumberOf(`${next}-01`) ?? first) - 1 };
}
