import type { Scope } from '../domain/budgets/scope.ts';
import { given } from '../domain/given.ts';
import { componentsOfCall } from '../domain/ledger/apportion.ts';
import { bucketOf } from '../domain/ledger/sketch.ts';
import { type DailyCost, dailyCostIdOf } from './daily-costs.ts';
import type { Entry, Spread } from './entries.ts';
import type { Hold } from './holds.ts';

/** What one batch adds to a budget period. */
export interface PeriodDelta {
  id: string;
  spent: number;
  /** Of costs from elsewhere, which no hold has committed before. */
  committed: number;
}

/** What one batch adds to a row of daily costs. */
export interface DailyDelta {
  id: string;
  org: string;
  day: string;
  scope: Scope;
  count: number;
  cost: number;
  /** Missing where there are corrections alone. */
  min?: number;
  max?: number;
  components: Record<string, number>;
  tokens: Record<string, number>;
  sketch: Record<string, number>;
}

/** What one batch adds. */
export interface Deltas {
  periods: PeriodDelta[];
  days: DailyDelta[];
}

/** What an entry takes from its hold; none of it ever changes. */
export type HoldFacts = Pick<Hold, '_id' | 'scope' | 'periods' | 'price'>;

/** What some entries add to budget periods and daily costs. */
export function deltasOf(entries: Entry[], holds: ReadonlyMap<string, HoldFacts>): Deltas {
  const periods = new Map<string, PeriodDelta>();
  const days = new Map<string, DailyDelta>();
  for (const entry of entries) {
    const hold = entry.hold === undefined ? undefined : holds.get(entry.hold);
    const outside = entry.hold === undefined;
    for (const id of hold?.periods ?? entry.periods ?? []) {
      const delta = periods.get(id) ?? { id, spent: 0, committed: 0 };
      delta.spent += entry.costNanoUsd;
      if (outside) delta.committed += entry.costNanoUsd;
      periods.set(id, delta);
    }
    addToDay(days, entry, hold);
  }
  return { periods: [...periods.values()], days: [...days.values()] };
}

function addToDay(days: Map<string, DailyDelta>, entry: Entry, hold: HoldFacts | undefined): void {
  const scope = hold?.scope ?? entry.scope ?? {};
  const { org, day, costNanoUsd: cost, usage } = entry;
  const id = dailyCostIdOf(org, day, scope);
  const empty = { count: 0, cost: 0, components: {}, tokens: {}, sketch: {} };
  const delta: DailyDelta = days.get(id) ?? { id, org, day, scope, ...empty };
  days.set(id, delta);
  delta.cost += cost;
  addTo(delta.components, componentsOf(entry, hold));
  const { count, min, max, sketch } = spreadOf(entry);
  delta.count += count;
  if (min !== undefined) delta.min = Math.min(delta.min ?? min, min);
  if (max !== undefined) delta.max = Math.max(delta.max ?? max, max);
  addTo(delta.sketch, sketch);
  if (entry.flag !== 'correction' && usage !== undefined) addTo(delta.tokens, tokensOf(usage));
}

/** A correction belongs to a cost that is counted already. */
function spreadOf({ costNanoUsd, flag, spread }: Entry): Spread {
  if (spread !== undefined) return spread;
  if (flag === 'correction') return { count: 0, sketch: {} };
  return { count: 1, min: costNanoUsd, max: costNanoUsd, sketch: { [bucketOf(costNanoUsd)]: 1 } };
}

function componentsOf(entry: Entry, hold: HoldFacts | undefined): Record<string, number> {
  if (entry.components !== undefined) return entry.components;
  if (entry.flag === 'assumed' || entry.flag === 'correction') return { assumed: entry.costNanoUsd };
  if (entry.usage === undefined || hold?.price === undefined) return { other: entry.costNanoUsd };
  return componentsOfCall(entry.costNanoUsd, entry.usage, hold.price);
}

function tokensOf(usage: NonNullable<Entry['usage']>): Record<string, number> {
  const { inputTokens, outputTokens, cachedReadTokens, cachedWriteTokens, reasoningTokens } = usage;
  const tokens = {
    input: inputTokens,
    output: outputTokens,
    cachedRead: cachedReadTokens ?? 0,
    cachedWrite: cachedWriteTokens ?? 0,
    reasoning: reasoningTokens ?? 0,
  };
  return Object.fromEntries(Object.entries(tokens).filter(([, value]) => value > 0));
}

function addTo(sum: Record<string, number>, more: Record<string, number>): void {
  for (const [name, value] of Object.entries(more)) sum[name] = (sum[name] ?? 0) + value;
}

/** A row of daily costs that has this alone. */
export function rowOf(delta: DailyDelta, batch: number): Omit<DailyCost, keyof Scope> {
  const { id: _id, org, day, scope, count, cost, min, max, components, tokens, sketch } = delta;
  const sums = { components, tokens, sketch };
  const some = Object.entries(sums).filter(([, parts]) => Object.keys(parts).length > 0);
  const row = given({ _id, org, day, ...scope, count, cost, min, max, ...Object.fromEntries(some), batch });
  return row as Omit<DailyCost, keyof Scope>;
}

/** What a batch changes of a row that is there already. */
export function updateOf(delta: DailyDelta, batch: number): object {
  const { min, max } = delta;
  return {
    $inc: incrementsOf(delta),
    ...(min !== undefined && { $min: { min } }),
    ...(max !== undefined && { $max: { max } }),
    $set: { batch },
  };
}

/** The counters of a row of daily costs that move by addition. */
function incrementsOf(delta: DailyDelta): Record<string, number> {
  const increments: Record<string, number> = { count: delta.count, cost: delta.cost };
  for (const group of ['components', 'tokens', 'sketch'] as const)
    for (const [name, value] of Object.entries(delta[group])) increments[`${group}.${name}`] = value;
  return increments;
}
