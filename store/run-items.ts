import type { Connection } from 'mongoose';
import type { Failure, ItemState } from '../domain/run.ts';
import { createBatch } from './batch.ts';
import { collectionModel, insertEach, Mixed } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';
import { createClaims } from './run-item-claims.ts';
import { type End, endItems, type ItemEnd, itemOf, OPEN, type Spent, UNTOUCHED } from './run-item-moves.ts';
import { createRunItemSums } from './run-item-sums.ts';

/** One object of a run. `_id` = run:seq. */
export interface RunItem {
  _id: string;
  org: string;
  run: string;
  seq: number;
  key: string;
  name: string;
  parents: number[];
  maybeReused: boolean;
  /** Whose account it is on, where that is not the run's. */
  user?: string;
  state: ItemState;
  /** Starts since an attempt last came to an end: what remains of processes that died. */
  starts: number;
  /** Attempts that failed and count against `maxRetries`. */
  attempts: number;
  /** All starts that there ever were. */
  begun: number;
  /** Token of the claim and of the end that came through. */
  claimedBy?: string;
  endedBy?: string;
  failure?: Failure;
  startedAt?: Date;
  endedAt?: Date;
  durationMs: number;
  inputTokens: number;
  outputTokens: number;
  /** Calls of a model. */
  calls: number;
  costNanoUsd: number;
}

const FIELDS = {
  _id: String,
  org: String,
  run: String,
  seq: Number,
  key: String,
  name: String,
  parents: [Number] as [typeof Number],
  maybeReused: Boolean,
  user: String,
  state: String,
  starts: Number,
  attempts: Number,
  begun: Number,
  claimedBy: String,
  endedBy: String,
  failure: Mixed,
  startedAt: Date,
  endedAt: Date,
  durationMs: Number,
  inputTokens: Number,
  outputTokens: Number,
  calls: Number,
  costNanoUsd: Number,
};

const BATCH = 1000;
/**
 * Items of quick steps go through the whole of their work in the company in which they were claimed. What a
 * slower item waits for it, half of this on average, is nothing beside a call of a model.
 */
const CLAIMS_APART_MS = 60;

/**
 * The frozen items of a run. Each change of state is a compare-and-set, so that it happens and counts once.
 */
export function runItemStore(connection: Connection) {
  const model = collectionModel<RunItem>(connection, 'run_items', FIELDS, [
    [{ org: 1, run: 1, seq: 1 }, { unique: true }],
    [{ org: 1, run: 1, state: 1, seq: 1 }],
    [{ org: 1, run: 1, key: 1 }],
  ]);
  const claimed = createBatch(createClaims(model), { keyOf: itemOf, apartMs: CLAIMS_APART_MS });
  const ended = createBatch((ends: End[]) => endItems(model, ends), { keyOf: itemOf });
  const idOf = (run: string, seq: number) => `${run}:${seq}`;

  return {
    model,
    /**
     * Inserts the plan. Repeating it after a crash completes it: items that are there already stay as they
     * are.
     */
    async insertPlan(
      org: string,
      run: string,
      items: Pick<RunItem, 'key' | 'name' | 'parents' | 'maybeReused' | 'user'>[],
    ): Promise<void> {
      for (let at = 0; at < items.length; at += BATCH) {
        const docs = items.slice(at, at + BATCH).map((item, index) => ({
          _id: idOf(run, at + index),
          org,
          run,
          seq: at + index,
          ...item,
          ...UNTOUCHED,
        }));
        await insertEach(model, docs);
      }
    },
    /** Adds one item behind the others, or finds it. To be called by one process at a time. */
    async append(
      org: string,
      run: string,
      item: Pick<RunItem, 'key' | 'name' | 'user'>,
    ): Promise<{ seq: number; isNew: boolean }> {
      const known = await model.findOne({ org, run, key: item.key }, { seq: 1 }).lean<RunItem>();
      if (known !== null) return { seq: known.seq, isNew: false };
      const last = await model.findOne({ org, run }, { seq: 1 }).sort({ seq: -1 }).lean<RunItem>();
      const seq = (last?.seq ?? -1) + 1;
      const facts = { _id: idOf(run, seq), org, run, seq, parents: [], maybeReused: false };
      await model.collection.insertOne({ ...facts, ...item, ...UNTOUCHED } as never);
      return { seq, isNew: true };
    },
    /** Items that are still to be worked on, behind `afterSeq`, in order. */
    async open(org: string, run: string, afterSeq: number, limit: number): Promise<RunItem[]> {
      return model
        .find({ org, run, state: { $in: OPEN }, seq: { $gt: afterSeq } }, { seq: 1, key: 1, parents: 1 })
        .sort({ seq: 1 })
        .limit(limit)
        .lean<RunItem[]>();
    },
    /** What a retry would work on: failed items, or those of one fingerprint; and what never had its turn. */
    async retried(
      org: string,
      run: string,
      { afterSeq, limit, fingerprint }: { afterSeq: number; limit: number; fingerprint?: string },
    ): Promise<Pick<RunItem, 'seq' | 'key'>[]> {
      const failed = { state: 'failed', ...(fingerprint && { 'failure.fingerprint': fingerprint }) };
      const filter = fingerprint ? failed : { state: { $in: [...OPEN, 'failed'] } };
      return model
        .find({ org, run, seq: { $gt: afterSeq }, ...filter } as never, { seq: 1, key: 1 })
        .sort({ seq: 1 })
        .limit(limit)
        .lean<Pick<RunItem, 'seq' | 'key'>[]>();
    },
    /**
     * Takes an open item for an attempt and counts the start. Resolves to the item as it was before; one that
     * has ended is returned as it is.
     */
    async claim(org: string, run: string, seq: number, at: Date): Promise<RunItem | undefined> {
      return claimed({ _id: idOf(run, seq), org, run, seq, at });
    },
    /**
     * Puts a claimed item back: it was neither done nor failed (paused, rate limited, an attempt that will be
     * repeated). Resolves to false where it was not claimed any more.
     */
    async putBack(org: string, run: string, seq: number, spent: Spent, failed?: Failure): Promise<boolean> {
      const result = await model.updateOne(
        { _id: idOf(run, seq), org, state: 'working' },
        {
          $set: { state: 'pending', starts: 0, ...spent, ...(failed && { failure: failed }) },
          ...(failed && { $inc: { attempts: 1 } }),
        },
      );
      return result.modifiedCount === 1;
    },
    /** Ends an item. Resolves to false where it had ended before, so that it is not counted twice. */
    async end(org: string, run: string, seq: number, end: ItemEnd, at: Date): Promise<boolean> {
      return ended({ _id: idOf(run, seq), org, at, end });
    },
    /**
     * Opens failed items again: all, of one fingerprint, or of some codes. Resolves to how many there were.
     */
    async reopenFailed(org: string, run: string, fingerprint?: string, codes?: string[]): Promise<number> {
      const of = {
        ...(fingerprint && { 'failure.fingerprint': fingerprint }),
        ...(codes && { 'failure.code': { $in: codes } }),
      };
      const result = await model.updateMany(
        { org, run, state: 'failed', ...of },
        { $set: { state: 'pending', attempts: 0, starts: 0 }, $unset: { endedAt: 1 } },
      );
      return result.modifiedCount;
    },
    async find(org: string, run: string, seq: number): Promise<RunItem | undefined> {
      return (await model.findOne({ _id: idOf(run, seq), org }).lean<RunItem>()) ?? undefined;
    },
    async list(
      org: string,
      run: string,
      state: ItemState | undefined,
      request: PageRequest,
    ): Promise<Page<RunItem>> {
      const filter = { org, run, ...(state && { state }) };
      return pageOf<RunItem>(model, filter, { field: 'seq', order: 1 }, request);
    },
    /** The item that was started last among those under way. */
    async current(org: string, run: string): Promise<RunItem | undefined> {
      const doc = await model.findOne({ org, run, state: 'working' }).sort({ seq: -1 }).lean<RunItem>();
      return doc ?? undefined;
    },
    ...createRunItemSums(model),
  };
}
