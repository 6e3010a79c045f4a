import type { Connection } from 'mongoose';
import type { Collections } from './collections.ts';
import type { Entry } from './entries.ts';
import { type Deltas, deltasOf, type HoldFacts, type PeriodDelta, rowOf, updateOf } from './fold-deltas.ts';
import { collectionModel, insertEach, isDuplicate } from './model.ts';

interface FoldDoc {
  _id: string;
  number: number;
  done: boolean;
  /** The entries that it counts: what they add follows from them, for they never change. */
  ids: string[];
  /** When it was begun, in minutes since 1970. */
  minute: number;
}

type BatchOf<Part extends keyof Deltas> = Omit<FoldDoc, '_id' | 'done'> & Pick<Deltas, Part>;

const FOLD = 'fold';
const BATCH = 1_000;
/** Holds whose scope and periods are remembered: neither ever changes. */
const MAX_KNOWN_HOLDS = 10_000;

type Parts = Pick<Collections, 'entries' | 'holds' | 'budgetPeriods' | 'dailyCosts' | 'burns'>;

/** With each batch, twice if need be: the periods whose `spent` it has moved. */
export type AfterFold = (periods: PeriodDelta[]) => Promise<void>;

/**
 * Brings the entries into the counters of the budget periods and the daily costs, by numbered batches. One
 * document holds the batch that is under way: whoever comes finishes it before the next, and each counter
 * takes a batch once, because it keeps the number of the last one. So any process may fold at any time, die
 * in the middle, or do it twice.
 */
export function createFold(connection: Connection, parts: Parts, afterFold: AfterFold) {
  const model = collectionModel<FoldDoc>(
    connection,
    'fold',
    {
      _id: String,
      number: Number,
      done: Boolean,
      minute: Number,
      ids: [String] as [typeof String],
    },
    [],
  );
  const holdsOf = knownHolds(parts);

  /** Finishes the batch under way and makes one more. @returns how many entries the new one has. */
  async function foldOnce(): Promise<number> {
    const last = (await model.collection.findOne({ _id: FOLD } as never)) as unknown as FoldDoc | null;
    if (last !== null && !last.done) {
      const begun = await parts.entries.findMany(last.ids);
      await finish(last, await deltasIn([...begun.values()]));
    }
    const entries = await parts.entries.unposted(BATCH);
    if (entries.length === 0) return 0;
    const number = (last?.number ?? 0) + 1;
    const minute = Math.floor(Date.now() / 60_000);
    const deltas = await deltasIn(entries);
    const batch = { _id: FOLD, number, done: false, minute, ids: entries.map(({ id }) => id) };
    if (!(await begin(batch))) return 0;
    await finish(batch, deltas);
    return entries.length;
  }

  async function deltasIn(entries: Entry[]): Promise<Deltas> {
    return deltasOf(entries, await holdsOf(entries));
  }

  /** False where another process has the turn: it may have counted the same entries since they were read. */
  async function begin(batch: FoldDoc): Promise<boolean> {
    const { _id, ...rest } = batch;
    try {
      const before =
        batch.number === 1 ? { number: { $exists: false } } : { number: batch.number - 1, done: true };
      const result = await model.collection.updateOne({ _id, ...before } as never, { $set: rest } as never, {
        upsert: batch.number === 1,
      });
      return result.modifiedCount + result.upsertedCount === 1;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  async function finish(batch: FoldDoc, { periods, days }: Deltas): Promise<void> {
    const { number } = batch;
    await applyPeriods({ ...batch, periods });
    await applyDays({ ...batch, days });
    // As part of the batch: what nobody has looked at would be looked at when the next cost arises, or never.
    await afterFold(periods);
    await model.collection.updateOne({ _id: FOLD, number } as never, {
      $set: { done: true, ids: [] },
    });
  }

  async function applyPeriods(batch: BatchOf<'periods'>): Promise<void> {
    const { number, periods } = batch;
    if (periods.length === 0) return;
    const updates = periods.map(({ id, spent, committed }) => ({
      updateOne: {
        filter: { _id: id, batch: { $lt: number } },
        update: { $inc: { spent, committed, left: -committed }, $set: { batch: number } },
      },
    }));
    await parts.budgetPeriods.model.collection.bulkWrite(updates as never, { ordered: false });
    await parts.burns.add(batch);
  }

  /**
   * Most rows of a batch are there already, or, where a year of jobs comes in, none of them is: inserting
   * those that are missing takes a fraction of what as many upserts take. No transaction: one whose process
   * was killed would keep all others from counting until the server ends it.
   */
  async function applyDays({ number, days, ids }: BatchOf<'days'>): Promise<void> {
    const { model: rows } = parts.dailyCosts;
    const known = await parts.dailyCosts.known(days.map(({ id }) => id));
    const missing = days.filter(({ id }) => !known.has(id));
    const made = missing.map((delta) => rowOf(delta, number));
    const inserted = made.length > 0 ? await insertEach(rows, made) : [];
    // Of the missing ones another process may have made some by now, of this very batch.
    const others = missing.filter((_, index) => inserted[index] !== true);
    const updates = [...days.filter(({ id }) => known.has(id)), ...others].map((delta) => ({
      updateOne: {
        filter: { _id: delta.id, batch: { $lt: number } },
        update: updateOf(delta, number),
      },
    }));
    if (updates.length > 0) await rows.collection.bulkWrite(updates as never, { ordered: false });
    await parts.entries.markPosted(ids);
  }

  return {
    foldModel: model,
    foldOnce,
    /** Folds until nothing is left, at most `rounds` batches. @returns how many entries were counted. */
    async fold(rounds = 100): Promise<number> {
      let counted = 0;
      for (let round = 0; round < rounds; round += 1) {
        const count = await foldOnce();
        counted += count;
        if (count < BATCH) break;
      }
      return counted;
    },
  };
}

export type Fold = ReturnType<typeof createFold>;

/** The holds that entries belong to. */
function knownHolds(parts: Pick<Parts, 'holds'>) {
  const known = new Map<string, HoldFacts>();
  return async (entries: Entry[]): Promise<ReadonlyMap<string, HoldFacts>> => {
    const wanted = new Set(entries.flatMap(({ hold }) => hold ?? []));
    const missing = [...wanted].filter((id) => !known.has(id));
    if (known.size + missing.length > MAX_KNOWN_HOLDS) known.clear();
    if (missing.length > 0) {
      const projection = { scope: 1, periods: 1, price: 1 };
      const ids = known.size === 0 ? [...wanted] : missing;
      const found = await parts.holds.model.collection
        .find({ _id: { $in: ids } } as never, { projection })
        .toArray();
      for (const hold of found as unknown as HoldFacts[]) known.set(hold._id, hold);
    }
    return known;
  };
}
