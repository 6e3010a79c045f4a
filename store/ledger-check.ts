import type { Connection, mongo } from 'mongoose';
import type { BudgetPeriod } from './budget-periods.ts';
import type { Collections } from './collections.ts';
import { type DailyCost, dailyCostIdOf, ofOrganization } from './daily-costs.ts';
import type { EntryDoc } from './entries.ts';
import type { Fold } from './fold.ts';
import type { Hold } from './holds.ts';
import { transact } from './transaction.ts';

/** A number that is not what the entries and holds say. Nano-dollars, but for `count`. */
export interface LedgerDifference {
  kind:
    | 'committed'
    | 'spent'
    | 'left'
    | 'daily_cost'
    | 'daily_count'
    | 'daily_components'
    | 'entry_without_hold';
  /** The budget period, the row of daily costs, or the hold. */
  id: string;
  stored: number;
  computed: number;
}

export interface LedgerReport {
  org: string;
  periods: number;
  holds: number;
  entries: number;
  days: number;
  /** Entries that the fold has not counted yet: they are no difference. */
  unposted: number;
  spentNanoUsd: number;
  differences: LedgerDifference[];
}

type Parts = Pick<Collections, 'entries' | 'holds' | 'budgetPeriods' | 'dailyCosts'> &
  Pick<Fold, 'foldModel' | 'foldOnce'>;

/**
 * A batch of the fold that is half counted makes differences that are none; it is finished, and read anew.
 */
const ATTEMPTS = 100;

/**
 * Computes every counter anew from the entries and the holds, in one snapshot, so that it can be done while
 * runs are under way: for each period committed = Σ over its holds of (left + Σ open.worst) + Σ of its
 * entries (of costs from elsewhere: the counted ones; those whose draw is still open are part of its worst
 * case), spent = Σ of its counted entries, left = ceiling − committed; for each day and scope the sum and
 * number of its counted entries.
 */
export function createLedgerCheck(connection: Connection, parts: Parts) {
  return async (org: string): Promise<LedgerReport> => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const report = await transact(connection, (session) => compute(parts, org, session));
      if (report !== undefined) return report;
      await parts.foldOnce();
    }
    throw new Error('the fold was under way at each of 100 looks');
  };
}

async function compute(
  parts: Parts,
  org: string,
  session: mongo.ClientSession,
): Promise<LedgerReport | undefined> {
  const read = <T>(model: { collection: mongo.Collection }, filter: object) =>
    model.collection.find(filter, { session }) as unknown as AsyncIterable<T>;
  for await (const fold of read<{ done: boolean }>(parts.foldModel, {})) if (!fold.done) return undefined;
  const sums = newSums();
  for await (const hold of read<Hold>(parts.holds.model, { org })) addHold(sums, hold);
  for (const group of await readGroups(parts, org, session)) addGroup(sums, org, group);
  const openDraws = { _id: { $in: [...sums.holds.values()].flatMap(({ open }) => open) } };
  for await (const entry of read<EntryDoc>(parts.entries.model, openDraws)) takeOut(sums, entry);
  for await (const period of read<BudgetPeriod>(parts.budgetPeriods.model, { org }))
    checkPeriod(sums, period);
  for await (const day of read<DailyCost>(parts.dailyCosts.model, ofOrganization(org))) checkDay(sums, day);
  for (const [id, sum] of sums.days) differ(sums, 'daily_cost', id, 0, sum.cost);
  for (const [id, sum] of sums.byPeriod) differ(sums, 'committed', id, 0, sum.committed);
  const { periods, holds, entries, dayRows: days, unposted, spent: spentNanoUsd, differences } = sums;
  return { org, periods, holds: holds.size, entries, days, unposted, spentNanoUsd, differences };
}

interface Sums {
  holds: Map<string, Pick<Hold, 'periods' | 'scope'> & { open: string[] }>;
  byPeriod: Map<string, { committed: number; spent: number }>;
  days: Map<string, { cost: number; count: number }>;
  periods: number;
  entries: number;
  dayRows: number;
  unposted: number;
  spent: number;
  differences: LedgerDifference[];
}

function newSums(): Sums {
  return {
    holds: new Map(),
    byPeriod: new Map(),
    days: new Map(),
    periods: 0,
    entries: 0,
    dayRows: 0,
    unposted: 0,
    spent: 0,
    differences: [],
  };
}

function addHold(sums: Sums, hold: Hold): void {
  const { _id, periods, scope } = hold;
  sums.holds.set(_id, { periods, scope, open: hold.open.map(({ draw }) => draw) });
  const kept = hold.left + hold.open.reduce((sum, { worst }) => sum + worst, 0);
  for (const id of periods) periodOf(sums, id).committed += kept;
}

/** Entries that count alike. */
interface EntryGroup {
  _id: Pick<EntryDoc, 'h' | 'd' | 'f' | 'n' | 'sc' | 'p'> & { x: boolean };
  cost: number;
  count: number;
  /** Of single costs, where entries are sums of several. */
  costs: number;
}

/** The sums are made where the entries lie: there may be millions. */
async function readGroups(parts: Parts, org: string, session: mongo.ClientSession): Promise<EntryGroup[]> {
  const alike = { h: '$h', d: '$d', f: '$f', n: '$n', sc: '$sc', p: '$p', x: { $gt: ['$x', null] } };
  return parts.entries.model.collection
    .aggregate<EntryGroup>(
      [
        { $match: { o: org } },
        {
          $group: {
            _id: alike,
            cost: { $sum: '$c' },
            count: { $sum: 1 },
            costs: { $sum: { $ifNull: ['$x.count', 1] } },
          },
        },
      ],
      { session },
    )
    .toArray();
}

function addGroup(sums: Sums, org: string, { _id: of, cost, count, costs }: EntryGroup): void {
  sums.entries += count;
  sums.spent += cost;
  const counted = of.n !== 1;
  if (!counted) sums.unposted += count;
  const hold = of.h === undefined ? undefined : sums.holds.get(of.h);
  if (of.h !== undefined && hold === undefined)
    sums.differences.push({ kind: 'entry_without_hold', id: of.h, stored: cost, computed: 0 });
  for (const id of hold?.periods ?? of.p ?? []) {
    const period = periodOf(sums, id);
    // Costs from elsewhere are committed by the fold, those of holds when they were held.
    if (of.h !== undefined || counted) period.committed += cost;
    if (counted) period.spent += cost;
  }
  // A correction changes no count, unless it says so.
  const counts = of.f === 'c' && !of.x ? 0 : costs;
  if (counted) addToDay(sums, dailyCostIdOf(org, of.d, hold?.scope ?? of.sc ?? {}), cost, counts);
}

/** An entry whose draw is not closed yet is a part of the draw's worst case. */
function takeOut(sums: Sums, entry: EntryDoc): void {
  const hold = entry.h === undefined ? undefined : sums.holds.get(entry.h);
  for (const id of hold?.periods ?? []) periodOf(sums, id).committed -= entry.c;
}

function addToDay(sums: Sums, id: string, cost: number, count: number): void {
  const day = sums.days.get(id) ?? { cost: 0, count: 0 };
  day.cost += cost;
  day.count += count;
  sums.days.set(id, day);
}

function checkPeriod(sums: Sums, period: BudgetPeriod): void {
  sums.periods += 1;
  const { committed, spent } = periodOf(sums, period._id);
  sums.byPeriod.delete(period._id);
  differ(sums, 'committed', period._id, period.committed, committed);
  differ(sums, 'spent', period._id, period.spent, spent);
  differ(sums, 'left', period._id, period.left, period.ceiling - period.committed);
}

function checkDay(sums: Sums, row: DailyCost): void {
  sums.dayRows += 1;
  const { cost, count } = sums.days.get(row._id) ?? { cost: 0, count: 0 };
  sums.days.delete(row._id);
  differ(sums, 'daily_cost', row._id, row.cost, cost);
  differ(sums, 'daily_count', row._id, row.count, count);
  const parts = Object.values(row.components ?? {}).reduce((sum, part) => sum + part, 0);
  differ(sums, 'daily_components', row._id, parts, row.cost);
}

function periodOf(sums: Sums, id: string) {
  const known = sums.byPeriod.get(id) ?? { committed: 0, spent: 0 };
  sums.byPeriod.set(id, known);
  return known;
}

function differ(
  sums: Sums,
  kind: LedgerDifference['kind'],
  id: string,
  stored: number,
  computed: number,
): void {
  if (stored !== computed) sums.differences.push({ kind, id, stored, computed });
}
