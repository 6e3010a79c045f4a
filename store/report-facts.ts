import { wholeAmount } from '../domain/budgets/counters.ts';
import { firstInstantOf, localDay } from '../domain/budgets/zones.ts';
import type { ReportFacts } from '../domain/report/assemble.ts';
import { budgetTally, countBudgets } from '../domain/report/budgeted.ts';
import {
  type AuditFacts,
  addEvent,
  addWaits,
  emptyEvents,
  REPORTED_EVENTS,
} from '../domain/report/history.ts';
import { numberOf, periodBefore } from '../domain/report/period.ts';
import type { ReportPeriod } from '../domain/report/report.ts';
import { addReuse } from '../domain/report/savings.ts';
import { addToTally, type DaySpend, emptyTally } from '../domain/report/tally.ts';
import type { AuditRow } from './audit-log.ts';
import type { BudgetPeriod } from './budget-periods.ts';
import { type BudgetDoc, fromBudgetDoc } from './budget-record.ts';
import type { Collections } from './collections.ts';
import { ofDays } from './daily-costs.ts';
import type { Run } from './run-record.ts';

type Parts = Pick<
  Collections,
  'budgets' | 'budgetPeriods' | 'dailyCosts' | 'runs' | 'estimates' | 'auditLog' | 'settings'
>;

/** From `start` to just before `end`. */
interface Span {
  start: Date;
  end: Date;
}

const MAX_BUDGETS = 10_000;
/** Days of one date in different time zones do not lie further apart. */
const ZONES_APART_MS = 2 * 86_400_000;
/** Of a row of daily costs only what a report sums up. */
const SPEND = { sketch: 0, min: 0, max: 0, batch: 0 } as const;

/** Reads what a report of an organization is made of: rows one after another, however many there are. */
export function createReportFacts(parts: Parts) {
  const { dailyCosts, runs, auditLog } = parts;

  async function eachDay(org: string, { start, end }: ReportPeriod, add: (row: DaySpend) => void) {
    const rows = dailyCosts.model.collection.find(ofDays(org, start, end) as never, { projection: SPEND });
    for await (const row of rows as unknown as AsyncIterable<DaySpend>) add(row);
  }

  /** Those that count at present, and those that counted throughout the period and were deleted after it. */
  async function budgetsOf(org: string, span: Span) {
    const counted = [
      { alive: true, active: true },
      { alive: false, active: true, deletedAt: { $gte: span.end } },
    ];
    const found = await Promise.all(
      counted.map((of) =>
        parts.budgets.model
          .find({ org, ...of })
          .limit(MAX_BUDGETS)
          .lean<BudgetDoc[]>(),
      ),
    );
    return found.flat().map(fromBudgetDoc);
  }

  async function amountsOf(org: string, budgets: readonly { id: string }[], { start, end }: Span) {
    const amounts = new Map<string, Map<number, number>>();
    const budget = { $in: budgets.map(({ id }) => id) };
    const [from, until] = [
      new Date(start.getTime() - ZONES_APART_MS),
      new Date(end.getTime() + ZONES_APART_MS),
    ];
    const found = parts.budgetPeriods.model
      .find({ org, budget, start: { $lt: until }, end: { $gt: from }, user: null as never })
      .select({ budget: 1, start: 1, amount: 1, rolled: 1, raised: 1 })
      .lean<BudgetPeriod[]>();
    for await (const period of found.cursor() as unknown as AsyncIterable<BudgetPeriod>) {
      const ofBudget = amounts.get(period.budget) ?? new Map<number, number>();
      amounts.set(period.budget, ofBudget.set(period.start.getTime(), wholeAmount(period)));
    }
    return amounts;
  }

  /** Of the runs that were asked for in the time. */
  async function runSums(org: string, span: Span, at: Date) {
    const [reuse, waits] = [{ items: 0, nanoUsd: 0, unpricedItems: 0 }, new Map()];
    const found = runs.model
      .find({ org, position: { $gte: span.start.toISOString(), $lt: span.end.toISOString() } })
      .select({ counters: 1, history: 1, endedAt: 1, 'estimate.reusedItems': 1, 'estimate.reuseSavings': 1 })
      .lean<Run[]>();
    for await (const run of found.cursor() as unknown as AsyncIterable<Run>) {
      addReuse(reuse, run);
      addWaits(waits, run.history, run.endedAt ?? at);
    }
    return { reuse, waits };
  }

  async function eventsOf(org: string, span: Span) {
    const events = emptyEvents();
    const event = { $in: Object.keys(REPORTED_EVENTS) as AuditFacts['event'][] };
    const position = { $gte: span.start.toISOString(), $lt: span.end.toISOString() };
    const found = auditLog.model.find({ org, position, event }).sort({ position: -1 }).lean<AuditRow[]>();
    for await (const row of found.cursor() as unknown as AsyncIterable<AuditRow>)
      addEvent(events, row as AuditFacts, row._id);
    return events;
  }

  /** As of `at`; costs are a second old at the most. */
  return async function reportFacts(org: string, period: ReportPeriod, at: Date): Promise<ReportFacts> {
    const timeZone = await parts.settings.timeZoneOf(org);
    const today = localDay(at, timeZone);
    const span = spanOf(period, timeZone);
    const before = periodBefore(period, today);
    const found = await budgetsOf(org, span);
    const budgets = countBudgets(found, period, await amountsOf(org, found, span));
    const [tally, tallyBefore, addToBudgets] = [emptyTally(), emptyTally(), budgetTally(budgets)];
    await eachDay(org, period, (row) => {
      addToTally(tally, row);
      addToBudgets(row);
    });
    await eachDay(org, before, (row) => addToTally(tallyBefore, row));
    const [{ reuse, waits }, events, variances] = await Promise.all([
      runSums(org, span, at),
      eventsOf(org, span),
      parts.estimates.between(org, span.start, span.end),
    ]);
    const costs = { tally, before, tallyBefore, budgets };
    return { org, period, timeZone, today, at, ...costs, variances, reuse, waits, events };
  };
}

function spanOf({ start, end }: ReportPeriod, timeZone: string): Span {
  const instant = (day: number) => new Date(firstInstantOf(day, timeZone));
  return { start: instant(numberOf(start)), end: instant(numberOf(end) + 1) };
}
