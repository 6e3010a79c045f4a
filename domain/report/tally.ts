import { SCOPE_FIELDS, type Scope } from '../budgets/scope.ts';
import { addCached, type CachedReads } from './savings.ts';

/** The costs of one day and one scope, in nano-dollars: a row of the daily costs. */
export interface DaySpend extends Scope {
  day: string;
  count: number;
  cost: number;
  components?: Record<string, number>;
  tokens?: Record<string, number>;
}

/** In nano-dollars. */
export interface Sum {
  cost: number;
  count: number;
}

/** Sums by name; null is what belongs to nothing of that sort. */
export type Sums = Map<string | null, Sum>;

/**
 * Costs summed up in every way that a report shows. Every row goes into all of them at once, so that each
 * breakdown adds up to the whole, even while costs are being counted.
 */
export interface Tally {
  total: Sum;
  by: Record<keyof Scope, Sums>;
  components: Sums;
  days: Sums;
  cached: Map<string, CachedReads>;
}

export function emptyTally(): Tally {
  const by = Object.fromEntries(SCOPE_FIELDS.map((field) => [field, new Map()])) as Tally['by'];
  return { total: { cost: 0, count: 0 }, by, components: new Map(), days: new Map(), cached: new Map() };
}

/** Adds a row, in place. */
export function addToTally(tally: Tally, row: DaySpend): void {
  const { cost, count } = row;
  tally.total.cost += cost;
  tally.total.count += count;
  for (const field of SCOPE_FIELDS) add(tally.by[field], row[field] ?? null, cost, count);
  add(tally.days, row.day, cost, count);
  let rest = cost;
  for (const [name, part] of Object.entries(row.components ?? {})) {
    if (part !== 0) add(tally.components, name, part, 0);
    rest -= part;
  }
  // What no component explains is shown rather than left out.
  if (rest !== 0) add(tally.components, null, rest, 0);
  addCached(tally.cached, row);
}

function add(sums: Sums, name: string | null, cost: number, count: number): void {
  const known = sums.get(name);
  if (known === undefined) {
    sums.set(name, { cost, count });
    return;
  }
  known.cost += cost;
  known.count += count;
}
