import type { Budget } from '../domain/budgets/budget.ts';
import type { Counters } from '../domain/budgets/counters.ts';
import type { DecisionRequest, Standing } from '../domain/budgets/decide.ts';
import type { Lookup } from '../domain/budgets/lookup.ts';
import { type PeriodSpan, periodAt, periodIdOf } from '../domain/budgets/periods.ts';

/** A budget on the board. */
export interface BoardEntry {
  budget: Budget;
  /** Its counters where nothing has happened in a period yet. */
  fresh: Counters;
  /** The period that the last question fell into, and the id of its counters. */
  span?: PeriodSpan;
  id?: string;
}

/** Each budget with its counters; one of which nothing was spent in this period need not be stored yet. */
export function standingsOf(
  lookup: Lookup<BoardEntry>,
  counters: ReadonlyMap<string, Counters>,
  { scope, at }: DecisionRequest,
): Standing[] {
  const standings: Standing[] = [];
  for (const entry of lookup.candidates(scope)) {
    const { budget } = entry;
    const span = spanOf(entry, at);
    if (span === undefined || (budget.per === 'user' && scope.user === undefined)) continue;
    const id = budget.per === 'user' ? periodIdOf(budget.id, scope.user, span) : entry.id;
    standings.push({ budget, counters: counters.get(id ?? '') ?? entry.fresh });
  }
  return standings;
}

function spanOf(entry: BoardEntry, at: Date): PeriodSpan | undefined {
  if (entry.span !== undefined && entry.span.start <= at && at < entry.span.end) return entry.span;
  const span = periodAt(entry.budget.period, at);
  if (span === undefined) return undefined;
  entry.span = span;
  entry.id = periodIdOf(entry.budget.id, undefined, span);
  return span;
}

/** Ids of the counters that questions about now may need: of a budget per user, those of some users. */
export function counterIdsOf(entries: BoardEntry[], users: string[], at: Date): string[] {
  return entries.flatMap(({ budget }) => {
    const span = periodAt(budget.period, at);
    if (span === undefined) return [];
    if (budget.per === 'user') return users.map((user) => periodIdOf(budget.id, user, span));
    return [periodIdOf(budget.id, undefined, span)];
  });
}
