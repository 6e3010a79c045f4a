import { matchesScope, type Scope } from '../domain/budgets/scope.ts';
import { localDay } from '../domain/budgets/zones.ts';
import type { Collections } from './collections.ts';
import type { Entry } from './entries.ts';

/** A cost that arose elsewhere: it has happened, so it counts against budgets and is never refused. */
export interface OutsideCost {
  /** Of the job; the same id again is the same cost. */
  id: string;
  scope: Scope;
  costNanoUsd: number;
  /** By component, adding up to the cost. */
  components: Record<string, number>;
  /** When the job ended. */
  at: Date;
}

export interface PostedCost {
  id: string;
  outcome: 'inserted' | 'unchanged' | 'corrected';
  costNanoUsd: number;
}

type Parts = Pick<Collections, 'budgets' | 'budgetPeriods' | 'entries' | 'auditLog'> & {
  timeZoneOf(org: string): Promise<string>;
};

/** How often a cost may be corrected. */
const MAX_CORRECTIONS = 10_000;

/** Brings costs from elsewhere into the ledger. */
export function createOutsideCosts(parts: Parts) {
  /**
   * Posts costs, at most 1,000 at a time. A cost whose id is known and whose amount has changed posts the
   * difference; the same again changes nothing.
   */
  async function post(org: string, source: 'job', costs: OutsideCost[]): Promise<PostedCost[]> {
    if (costs.length === 0) return [];
    const [budgets, timeZone] = await Promise.all([parts.budgets.active(org), parts.timeZoneOf(org)]);
    const entryOf = async (cost: OutsideCost, id: string, amount: number): Promise<Entry> => ({
      id,
      org,
      costNanoUsd: amount,
      at: cost.at,
      day: localDay(cost.at, timeZone),
      scope: cost.scope,
      periods: await periodsAt(parts.budgetPeriods, budgets, cost.scope, cost.at),
      components: cost.components,
    });
    const entries = await Promise.all(
      costs.map((cost) => entryOf(cost, firstIdOf(org, source, cost.id), cost.costNanoUsd)),
    );
    const inserted = await Promise.all(entries.map((entry) => parts.entries.insert(entry)));
    const outcomes: PostedCost[] = [];
    for (const [index, cost] of costs.entries()) {
      const isNew = inserted[index] === true;
      const outcome = isNew ? 'inserted' : await correct(entries[index]?.id ?? '', cost, entryOf);
      outcomes.push({ id: cost.id, outcome, costNanoUsd: cost.costNanoUsd });
    }
    return outcomes;
  }

  /**
   * Posts what is missing to the cost, under the next free number: of racers one wins, the other looks
   * again.
   */
  async function correct(
    first: string,
    cost: OutsideCost,
    entryOf: (cost: OutsideCost, id: string, amount: number) => Promise<Entry>,
  ): Promise<'unchanged' | 'corrected'> {
    for (let number = 2; number < MAX_CORRECTIONS; number += 1) {
      const before = await sumOf(first, number);
      if (before === undefined) continue;
      const difference = cost.costNanoUsd - before.cost;
      const change = subtract(cost.components, before.components);
      if (difference === 0) return 'unchanged';
      const entry = await entryOf({ ...cost, components: change }, `${first}:${number}`, difference);
      if (await parts.entries.insert({ ...entry, flag: 'correction' })) return 'corrected';
    }
    throw new Error(`${first} was corrected too often`);
  }

  /** What stands in the ledger for a cost; undefined where there is an entry of that number already. */
  async function sumOf(first: string, number: number) {
    const ids = [first, ...Array.from({ length: number - 1 }, (_, index) => `${first}:${index + 2}`)];
    const found = await parts.entries.findMany(ids);
    if (found.has(`${first}:${number}`)) return undefined;
    const entries = [...found.values()];
    const components: Record<string, number> = {};
    for (const entry of entries)
      for (const [name, value] of Object.entries(entry.components ?? {}))
        components[name] = (components[name] ?? 0) + value;
    return { cost: entries.reduce((sum, entry) => sum + entry.costNanoUsd, 0), components };
  }

  return { post };
}

/** Ids of the periods, sorted, that a cost from elsewhere counts in: of all budgets that match it. */
export async function periodsAt(
  budgetPeriods: Parts['budgetPeriods'],
  budgets: Awaited<ReturnType<Parts['budgets']['active']>>,
  scope: Scope,
  at: Date,
): Promise<string[]> {
  const ids: string[] = [];
  for (const budget of budgets) {
    if (!matchesScope(budget.scope, scope)) continue;
    if (budget.per === 'user' && scope.user === undefined) continue;
    const period = await budgetPeriods.at(budget, budget.per === 'user' ? scope.user : undefined, at);
    if (period !== undefined) ids.push(period.id);
  }
  return ids.sort();
}

/** Corrections have a number behind a colon, so ids of others must not hold one. */
function firstIdOf(org: string, source: string, id: string): string {
  return `${source}:${encodeURIComponent(org)}:${encodeURIComponent(id)}`;
}

function subtract(after: Record<string, number>, before: Record<string, number>): Record<string, number> {
  const names = new Set([...Object.keys(after), ...Object.keys(before)]);
  const changes = [...names].map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)] as const);
  return Object.fromEntries(changes.filter(([, change]) => change !== 0));
}
