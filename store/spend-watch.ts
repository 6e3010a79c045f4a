import type { Connection } from 'mongoose';
import { thresholdAlerts } from '../domain/alerts/budget-alerts.ts';
import { marksOf, shareKey, sharesToTell } from '../domain/alerts/thresholds.ts';
import type { Breaker, Budget } from '../domain/budgets/budget.ts';
import { thresholdMarks, wholeAmount } from '../domain/budgets/counters.ts';
import type { AuditEvent, NewAuditRow } from './audit-log.ts';
import type { BreakerState, BudgetPeriod } from './budget-periods.ts';
import type { Collections } from './collections.ts';
import { Leave, transact } from './transaction.ts';

type Parts = Pick<Collections, 'alerts' | 'budgets' | 'budgetPeriods' | 'auditLog' | 'burns'>;

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** The share of the amount that grace admits where no maximum is set. */
const DEFAULT_GRACE_SHARE = 0.1;

/**
 * Looks at what was spent after the fold has moved it: tells of thresholds, starts grace, opens breakers.
 * Each happens once for a period, whoever looks.
 */
export function createSpendWatch(connection: Connection, parts: Parts) {
  const { budgetPeriods, budgets, auditLog } = parts;

  /** Looks at some periods. @returns the organizations in which more money can be had than before. */
  async function look(periodIds: string[], at: Date): Promise<string[]> {
    const periods = (await budgetPeriods.findMany(periodIds)).filter(({ budget }) => budget !== '');
    const found = await budgets.findMany([...new Set(periods.map(({ budget }) => budget))]);
    const byId = new Map(found.map((budget) => [budget.id, budget]));
    const freed: string[] = [];
    for (const period of periods) {
      const budget = byId.get(period.budget);
      if (budget === undefined || budget.deletedAt !== undefined || period.end <= at) continue;
      await auditLog.add(crossings(budget, period, at));
      await tell(budget, period, at);
      if (
        period.spent >= thresholdMarks(period, budget.thresholds).block &&
        (await startGrace(budget, period._id, at))
      )
        freed.push(period.org);
      const cause = budget.breaker && (await tripOf(budget.breaker, period, at));
      if (cause !== undefined) await openBreaker(budget, period, cause, at);
    }
    return freed;
  }

  /**
   * Lets a blocked period go on for the hours of grace, up to its maximum. From the first time that its limit
   * stood in the way: exact admission stops a little before all is spent.
   * @returns whether it was this call that started it.
   */
  async function startGrace(budget: Budget, period: string, at: Date): Promise<boolean> {
    const { gracePeriodHours, graceMaximumNanoUsd } = budget.policy;
    if (gracePeriodHours <= 0) return false;
    const more = graceMaximumNanoUsd ?? Math.floor(budget.amountNanoUsd * DEFAULT_GRACE_SHARE);
    const graceUntil = new Date(at.getTime() + gracePeriodHours * HOUR_MS);
    return transact(connection, async (session) => {
      const result = await budgetPeriods.model.collection.updateOne(
        { _id: period, graceUntil: { $exists: false } } as never,
        { $set: { graceUntil }, $inc: { grace: more, ceiling: more, left: more } } as never,
        { session },
      );
      if (result.modifiedCount === 0) throw new Leave(false);
      const details = { graceNanoUsd: more, graceUntil };
      await auditLog.addIn(session, rowOf(budget, period, 'grace_started', at, details));
      return true;
    });
  }

  /**
   * Raises an alert for each share of the amount that is newly reached, and keeps how far spending has come.
   * Of several that look at the same time one does: the others find other marks than they have read.
   */
  async function tell(budget: Budget, period: BudgetPeriod, at: Date): Promise<void> {
    const { alertAt } = budget;
    const of = { alertAt, whole: wholeAmount(period), spent: period.spent, told: period.told ?? {} };
    const marks = Object.entries(marksOf(of)).map(([share, spent]) => [`told.${share}`, spent] as const);
    if (marks.every(([field, spent]) => spent <= (of.told[field.slice('told.'.length)] ?? -1))) return;
    const update = { $max: Object.fromEntries(marks) };
    const shares = sharesToTell(of).map(shareKey);
    if (shares.length === 0) {
      await budgetPeriods.model.collection.updateOne({ _id: period._id } as never, update as never);
      return;
    }
    const asRead = shares.map((share) => [`told.${share}`, of.told[share] ?? { $exists: false }]);
    await transact(connection, async (session) => {
      const untold = { _id: period._id, ...Object.fromEntries(asRead) };
      const collection = budgetPeriods.model.collection;
      const result = await collection.updateOne(untold as never, update as never, { session });
      if (result.modifiedCount === 0) throw new Leave(undefined);
      await parts.alerts.raiseIn(session, thresholdAlerts(budget, period, at));
    });
  }

  async function tripOf(
    breaker: Breaker,
    period: BudgetPeriod,
    at: Date,
  ): Promise<BreakerState['cause'] | undefined> {
    if (period.breaker?.state === 'open') return undefined;
    if (period.spent >= wholeAmount(period) && period.breakerClosedAt === undefined) return 'spent';
    const { velocity } = breaker;
    if (velocity === undefined) return undefined;
    const window = at.getTime() - velocity.minutes * MINUTE_MS;
    // What was spent before it was closed, by hand or after a probe, has tripped it already; half open it
    // looks at what was spent since it has cooled down.
    const fresh = [period.breakerClosedAt, period.burnSince, period.breaker?.until];
    const closedAt = fresh.map((closed) => closed?.getTime() ?? 0);
    const since = Math.max(window, ...closedAt);
    const burnt = await parts.burns.since(period._id, new Date(since));
    return burnt > velocity.nanoUsd ? 'velocity' : undefined;
  }

  async function openBreaker(
    budget: Budget,
    period: BudgetPeriod,
    cause: BreakerState['cause'],
    at: Date,
  ): Promise<void> {
    const until = new Date(at.getTime() + (budget.breaker?.coolDownMinutes ?? 0) * MINUTE_MS);
    const breaker: BreakerState = {
      state: 'open',
      cause,
      openedAt: at,
      ...(cause === 'velocity' && { until }),
    };
    const details = { cause, spentNanoUsd: period.spent, amountNanoUsd: period.amount };
    const row = rowOf(budget, period._id, 'breaker_opened', at, details);
    const opened = await transact(connection, async (session) => {
      const result = await budgetPeriods.model.collection.updateOne(
        { _id: period._id, 'breaker.state': { $ne: 'open' } } as never,
        { $set: { breaker } } as never,
        { session },
      );
      if (result.modifiedCount === 0) throw new Leave(false);
      await budgets.touch(session, budget.org, budget.id);
      await auditLog.addIn(session, { ...row, _id: `${row._id}:${at.getTime()}` });
      return true;
    });
    if (opened) await budgets.finishChange(budget.id);
  }

  return { look, startGrace };
}

function crossings(budget: Budget, period: BudgetPeriod, at: Date): NewAuditRow[] {
  const details = { spentNanoUsd: period.spent, amountNanoUsd: wholeAmount(period) };
  const marks = thresholdMarks(period, budget.thresholds);
  const levels = ['warning', 'throttle', 'block'] as const;
  return levels
    .filter((level) => period.spent >= marks[level] && period.spent > 0)
    .map((level) => rowOf(budget, period._id, level, at, details));
}

function rowOf(budget: Budget, period: string, event: AuditEvent, at: Date, details: object): NewAuditRow {
  const { id, org } = budget;
  const facts = { org, budget: id, subject: period, event, by: 'system', at };
  return { _id: `${period}:${event}`, ...facts, details: { ...details } };
}
