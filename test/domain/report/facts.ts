import type { Budget, BudgetTerms } from '../../../domain/budgets/budget.ts';
import { DEFAULT_ALERT_AT, DEFAULT_POLICY, DEFAULT_THRESHOLDS } from '../../../domain/budgets/budget.ts';
import type { ReportFacts } from '../../../domain/report/assemble.ts';
import { type AuditFacts, addEvent, emptyEvents } from '../../../domain/report/history.ts';
import { addToTally, type DaySpend, emptyTally } from '../../../domain/report/tally.ts';

export const AT = new Date('2026-11-20T10:00:00Z');

/** Facts of October 2026, seen in November, of these rows; with what else a test wants to say. */
export function factsOf(rows: Partial<DaySpend>[], more: Partial<ReportFacts> = {}): ReportFacts {
  return {
    org: 'default',
    period: { start: '2026-10-01', end: '2026-10-31' },
    timeZone: 'UTC',
    today: '2026-11-20',
    at: AT,
    tally: tallyOf(rows),
    before: { start: '2026-09-01', end: '2026-09-30' },
    tallyBefore: emptyTally(),
    budgets: [],
    variances: [],
    reuse: { items: 0, nanoUsd: 0, unpricedItems: 0 },
    waits: new Map(),
    events: emptyEvents(),
    ...more,
  };
}

/** A row costs a dollar, on 5 October, unless it says otherwise. */
export function tallyOf(rows: Partial<DaySpend>[]) {
  const tally = emptyTally();
  for (const row of rows) addToTally(tally, { day: '2026-10-05', count: 1, cost: 1_000_000_000, ...row });
  return tally;
}

export function eventsOf(rows: Partial<AuditFacts>[]) {
  const events = emptyEvents();
  for (const [index, row] of rows.entries())
    addEvent(events, { event: 'raised', budget: 'b1', by: 'key_1', at: AT, ...row }, `a${index}`);
  return events;
}

export function budgetOf(id: string, amountNanoUsd: number, more: Partial<BudgetTerms> = {}): Budget {
  const at = new Date('2026-01-01T00:00:00Z');
  return {
    ...{ id, org: 'default', name: id, scope: {}, period: { type: 'monthly', timeZone: 'UTC' } },
    ...{ amountNanoUsd, currency: 'USD', thresholds: DEFAULT_THRESHOLDS, alertAt: DEFAULT_ALERT_AT },
    ...{ policy: DEFAULT_POLICY, notifications: [], tags: [], active: true },
    ...{ createdBy: 'key_1', createdAt: at, updatedAt: at },
    ...more,
  };
}
