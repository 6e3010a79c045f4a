import type { Budget } from '../budgets/budget.ts';
import { count } from '../message.ts';
import { formatUsd, toUsd } from '../money.ts';
import type { NewAlert } from './alert.ts';

/** From this chance on that a period's amount will not do, people are told. */
const LIKELY = 0.5;
const LONG_OPEN_MS = 3_600_000;
const MOST_PENDING = 100;
const MOST_FAILED = 10;

interface At {
  org: string;
  at: Date;
}

/** The period's spending will probably be more than its budget; undefined where it will do. */
export function overrunAlert(
  { org, at }: At,
  budget: Pick<Budget, 'id' | 'name'>,
  overrun: {
    state: string;
    probability: number | null;
    p50: string | null;
    predicted: number;
    amount: number;
    periodEnd: string;
  },
): NewAlert | undefined {
  const { state, probability, p50, predicted, amount, periodEnd } = overrun;
  // What is used up already was told as a threshold.
  if (state === 'budget_exceeded' || probability === null || probability < LIKELY) return undefined;
  const chance = Math.round(100 * probability);
  return {
    ...{ org, at, budget: budget.id, type: 'forecast_overrun', severity: 'warning', lasting: true },
    key: `${budget.id}:${periodEnd}`,
    title: `${budget.name}: ${formatUsd(amount)} will probably not last until ${periodEnd}`,
    text: `${formatUsd(predicted)} are expected by then; the chance of an overrun is ${chance} %.`,
    facts: [
      { name: 'Budget', value: budget.name },
      { name: 'Forecast', value: formatUsd(predicted) },
      { name: 'Amount', value: formatUsd(amount) },
      { name: 'Used up', value: p50 === null ? 'not in sight' : `probably on ${p50}` },
    ],
    data: {
      budgetName: budget.name,
      ...{ probability, usedUpOn: p50, periodEnd },
      predictedUsd: toUsd(predicted),
      amountUsd: toUsd(amount),
    },
  };
}

/** A day that costs more than its forecast said it could, in 95 of 100 cases. */
export function anomalyAlert(
  { org, at }: At,
  of: { id: string; name: string },
  day: { date: string; spent: number; expected: number; interval95: { low: number; high: number } | null },
): NewAlert | undefined {
  const { date, spent, expected, interval95 } = day;
  if (interval95 === null || spent <= interval95.high) return undefined;
  return {
    ...{ org, at, type: 'anomaly', severity: 'warning' },
    ...(of.id !== '' && { budget: of.id }),
    key: `${of.id}:${date}`,
    title: `${of.name}: ${formatUsd(spent)} on ${date}, far more than usual`,
    text: `Expected the day before: ${formatUsd(expected)}, at most ${formatUsd(interval95.high)}.`,
    facts: [
      { name: 'Spent', value: formatUsd(spent) },
      { name: 'Expected', value: formatUsd(expected) },
      { name: 'At most', value: formatUsd(interval95.high) },
    ],
    data: {
      ...{ date, spentUsd: toUsd(spent), expectedUsd: toUsd(expected) },
      highUsd: toUsd(interval95.high),
    },
  };
}

/** A breaker that nobody has closed for an hour. */
export function longOpenAlert(
  { org, at }: At,
  budget: Pick<Budget, 'id' | 'name'>,
  period: { _id: string; breaker?: { state: string; openedAt: Date } },
): NewAlert | undefined {
  const openedAt = period.breaker?.state === 'open' ? period.breaker.openedAt : undefined;
  if (openedAt === undefined || at.getTime() - openedAt.getTime() < LONG_OPEN_MS) return undefined;
  return {
    ...{ org, at, budget: budget.id, type: 'breaker_long_open', severity: 'warning', lasting: true },
    key: `${period._id}:${openedAt.getTime()}`,
    title: `${budget.name}: the circuit breaker has been open for over an hour`,
    text: `Work under it has waited since ${openedAt.toISOString()}. Raise the budget or close the breaker.`,
    facts: [{ name: 'Open since', value: openedAt.toISOString() }],
    data: { budgetName: budget.name, openedAt: openedAt.toISOString() },
  };
}

/** More waits, or has failed, than memories usually do. */
export function queueAlerts(
  { org, at }: At,
  { pending, failedToday }: { pending: number; failedToday: number },
  day: string,
): NewAlert[] {
  const alerts: NewAlert[] = [];
  if (pending > MOST_PENDING)
    alerts.push({
      ...{ org, at, type: 'queue_long', severity: 'warning', lasting: true, key: 'memories' },
      title: `${pending} memories wait to be enriched`,
      text: `More than ${MOST_PENDING} wait. Is a worker running, and is the provider of the model up?`,
      facts: [{ name: 'Pending', value: String(pending) }],
      data: { pending },
    });
  if (failedToday > MOST_FAILED)
    alerts.push({
      ...{ org, at, type: 'enrichment_failures', severity: 'warning', lasting: true, key: `memories:${day}` },
      title: `${failedToday} memories have failed today`,
      text: 'The errors of the run of kind enrichment say why.',
      facts: [{ name: 'Failed today', value: String(failedToday) }],
      data: { failedToday },
    });
  return alerts;
}

/** Nobody takes work, though there is some. */
export function workerMissingAlert({ org, at }: At, waiting: number): NewAlert {
  return {
    ...{ org, at, type: 'worker_missing', severity: 'critical', lasting: true, key: 'workers' },
    title: 'No worker is running',
    text: `${count(waiting, 'run')} cannot go on. Start a worker; nothing is lost meanwhile.`,
    facts: [{ name: 'Open runs', value: String(waiting) }],
    data: { openRuns: waiting },
  };
}
