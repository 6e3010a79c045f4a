import type { Connection } from 'mongoose';
import type { Memory, MemoryState } from '../domain/memory.ts';
import { collectionModel, isDuplicate } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';

interface MemoryDoc extends Omit<Memory, 'id'> {
  _id: string;
  org: string;
  /** Its item of the standing run, once it was taken. */
  seq?: number;
  /** Of the request, to tell a repeated one from another under the same Idempotency-Key. */
  requestHash: string;
  /** Time of creation and id: unique, and the order of lists. */
  position: string;
}

const FIELDS = {
  _id: String,
  org: String,
  user: String,
  text: String,
  type: String,
  hash: String,
  state: String,
  reason: String,
  problem: String,
  dueAt: Date,
  label: String,
  labelledBy: String,
  labelSetVersion: Number,
  duplicateOf: String,
  createdAt: Date,
  enrichedAt: Date,
  seq: Number,
  requestHash: String,
  position: String,
};

/** A memory that is taken, and its item. */
export interface TakenMemory {
  id: string;
  user: string;
  seq?: number;
}

/**
 * Memories and their queue: first what is new, in the order in which it came, then what was deferred and is
 * due.
 */
export function memoryStore(connection: Connection) {
  const model = collectionModel<MemoryDoc>(connection, 'memories', FIELDS, [
    [{ org: 1, position: -1 }],
    [{ org: 1, user: 1, position: -1 }],
    [{ org: 1, label: 1, position: -1 }],
    [{ org: 1, state: 1, position: 1 }],
    [{ org: 1, state: 1, dueAt: 1 }],
    [{ org: 1, user: 1, hash: 1, state: 1 }],
    [{ org: 1, seq: 1 }],
    [{ org: 1, createdAt: 1 }],
    [{ org: 1, state: 1, enrichedAt: 1 }],
  ]);

  async function take(
    org: string,
    state: 'pending' | 'deferred',
    due: Date,
    limit: number,
  ): Promise<TakenMemory[]> {
    const filter = { org, state, ...(state === 'deferred' && { dueAt: { $lte: due } }) };
    const sort: Record<string, 1> = state === 'deferred' ? { dueAt: 1 } : { position: 1 };
    const docs = await model.find(filter, { _id: 1 }).sort(sort).limit(limit).lean<MemoryDoc[]>();
    const ids = docs.map(({ _id }) => _id);
    if (ids.length === 0) return [];
    await model.updateMany(
      { org, _id: { $in: ids }, state },
      { $set: { state: 'processing' }, $unset: { dueAt: 1, reason: 1 } },
    );
    const taken = await model
      .find({ org, _id: { $in: ids }, state: 'processing' }, { user: 1, seq: 1 })
      .lean<MemoryDoc[]>();
    return taken.sort((a, b) => ids.indexOf(a._id) - ids.indexOf(b._id)).map(toTaken);
  }

  async function processing(org: string): Promise<TakenMemory[]> {
    const docs = await model
      .find({ org, state: 'processing' }, { user: 1, seq: 1 })
      .sort({ position: 1 })
      .limit(1_000)
      .lean<MemoryDoc[]>();
    return docs.map(toTaken);
  }

  return {
    model,
    /** @returns the memory that is stored under the id, and the hash of the request that it came with. */
    async add(
      org: string,
      memory: Memory,
      requestHash: string,
    ): Promise<{ memory: Memory; requestHash: string }> {
      const { id, ...rest } = memory;
      const position = `${memory.createdAt.toISOString()}:${id}`;
      try {
        await model.collection.insertOne({ _id: id, org, ...rest, requestHash, position } as never);
        return { memory, requestHash };
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        const doc = await model.findOne({ _id: id, org }).lean<MemoryDoc>();
        if (doc === null) throw error;
        return { memory: fromDoc(doc), requestHash: doc.requestHash };
      }
    },
    async find(org: string, id: string): Promise<Memory | undefined> {
      const doc = await model.findOne({ _id: id, org }).lean<MemoryDoc>();
      return doc === null ? undefined : fromDoc(doc);
    },
    async findMany(org: string, ids: string[]): Promise<Map<string, Memory>> {
      const docs = await model.find({ org, _id: { $in: ids } }).lean<MemoryDoc[]>();
      return new Map(docs.map((doc) => [doc._id, fromDoc(doc)]));
    },
    async list(
      org: string,
      filter: { user?: string; state?: MemoryState; label?: string },
      request: PageRequest,
    ): Promise<Page<Memory>> {
      const page = await pageOf<MemoryDoc>(
        model,
        { org, ...filter },
        { field: 'position', order: -1 },
        request,
      );
      return { ...page, rows: page.rows.map(fromDoc) };
    },
    async remove(org: string, id: string): Promise<boolean> {
      return (await model.deleteOne({ _id: id, org })).deletedCount === 1;
    },
    /** A person's label, which stays. */
    async relabel(org: string, id: string, label: string): Promise<boolean> {
      const { matchedCount } = await model.updateOne(
        { _id: id, org },
        { $set: { label, labelledBy: 'user' } },
      );
      return matchedCount === 1;
    },
    async enrichedTwin(org: string, { user, hash, id }: Memory): Promise<Memory | undefined> {
      const doc = await model.findOne({ org, user, hash, state: 'done', _id: { $ne: id } }).lean<MemoryDoc>();
      return doc === null ? undefined : fromDoc(doc);
    },
    /**
     * Takes up to so many for the standing run: what a died attempt has left first, then new ones, then those
     * that are due. To be called by one workflow at a time.
     */
    async take(org: string, limit: number, now: Date): Promise<TakenMemory[]> {
      const left = await processing(org);
      const fresh = await take(org, 'pending', now, Math.max(0, limit - left.length));
      const due = await take(org, 'deferred', now, Math.max(0, limit - left.length - fresh.length));
      return [...left, ...fresh, ...due];
    },
    /** When the next deferred one is due. */
    async nextDue(org: string): Promise<Date | undefined> {
      const doc = await model
        .findOne({ org, state: 'deferred' }, { dueAt: 1 })
        .sort({ dueAt: 1 })
        .lean<MemoryDoc>();
      return doc?.dueAt;
    },
    async noteItem(org: string, id: string, seq: number): Promise<void> {
      await model.updateOne({ _id: id, org }, { $set: { seq } });
    },
    /** Ends it; a person's label stays. Repeating it changes nothing. */
    async finish(
      org: string,
      id: string,
      result: { label: string; labelSetVersion: number; duplicateOf?: string },
      at: Date,
    ): Promise<void> {
      const { label, ...rest } = result;
      const set = { state: 'done', enrichedAt: at, ...rest };
      const unset = { reason: 1, problem: 1, dueAt: 1 };
      // The label first: whoever sees the memory done finds its label.
      await model.updateOne(
        { _id: id, org, labelledBy: { $ne: 'user' } },
        { $set: { label, labelledBy: 'model' } },
      );
      await model.updateOne({ _id: id, org, state: { $ne: 'done' } }, { $set: set, $unset: unset } as never);
    },
    async defer(org: string, seq: number, reason: string, dueAt: Date): Promise<void> {
      await model.updateOne(
        { org, seq, state: 'processing' },
        { $set: { state: 'deferred', reason, dueAt } },
      );
    },
    /** Deferred ones may be looked at again. @returns how many. */
    async makeDue(org: string, at: Date): Promise<number> {
      const changed = await model.updateMany({ org, state: 'deferred' }, { $set: { dueAt: at } });
      return changed.modifiedCount;
    },
    async fail(org: string, seq: number, reason: string, problem: string): Promise<void> {
      await model.updateOne(
        { org, seq, state: 'processing' },
        { $set: { state: 'failed', reason, problem } },
      );
    },
    /** All there are, and those that came since a time. */
    async counts(org: string, since: Date): Promise<{ total: number; today: number }> {
      const count = (filter: object) => model.countDocuments({ org, ...filter } as never);
      const [total, today] = await Promise.all([count({}), count({ createdAt: { $gte: since } })]);
      return { total, today };
    },
    /** What is to be done, and what came to its end since a time. */
    async queueCounts(org: string, since: Date) {
      const count = (filter: object) => model.countDocuments({ org, ...filter } as never);
      const [pending, deferred, processing, completed, failed] = await Promise.all([
        count({ state: 'pending' }),
        count({ state: 'deferred' }),
        count({ state: 'processing' }),
        count({ state: 'done', enrichedAt: { $gte: since } }),
        count({ state: 'failed', createdAt: { $gte: since } }),
      ]);
      return { pending, deferred, processing, completedToday: completed, failedToday: failed };
    },
    async users(org: string): Promise<string[]> {
      return (await model.distinct('user', { org })) as string[];
    },
  };
}

function toTaken({ _id: id, user, seq }: MemoryDoc): TakenMemory {
  return { id, user, ...(seq !== undefined && { seq }) };
}

function fromDoc(doc: MemoryDoc): Memory {
  const { _id: id, org: _org, seq: _seq, requestHash: _hash, position: _position, ...rest } = doc;
  return { id, ...rest };
}
