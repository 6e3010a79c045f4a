import type { Connection, mongo, QueryFilter } from 'mongoose';
import { type Ingested, type IngestProblem, MAX_ERRORS, type ReadRows } from '../domain/jobs/ingest.ts';
import type { IngestionState, PlainMapping } from '../domain/jobs/ingestion.ts';
import { collectionModel, isDuplicate, Mixed } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';

/** A file of jobs that is brought in by a workflow, and how far it has come. */
export interface Ingestion extends Omit<Ingested, 'errors'> {
  /** The first 100. */
  problems: IngestProblem[];
  _id: string;
  org: string;
  state: IngestionState;
  format: string;
  mapping: PlainMapping;
  /** What was asked, without the file. */
  requestHash: string;
  /** Of the file; there when all of it has arrived. */
  contentHash?: string;
  /** What its parts are stored under. */
  parts: string;
  /** There may be parts yet. */
  partsLeft: boolean;
  /** Of the file as it was sent. */
  bytes: number;
  /** Rows that have arrived. */
  total: number;
  /** Rows that are done: the next transaction begins behind them. */
  rows: number;
  failure?: string;
  createdBy: { id: string; email?: string };
  createdAt: Date;
  startedAt?: Date;
  /** When it last came on. */
  movedAt: Date;
  endedAt?: Date;
  /** Time and id: unique, and the order of lists. */
  position: string;
}

const FIELDS = {
  _id: String,
  org: String,
  state: String,
  format: String,
  mapping: Mixed,
  requestHash: String,
  contentHash: String,
  parts: String,
  partsLeft: Boolean,
  bytes: Number,
  total: Number,
  rows: Number,
  inserted: Number,
  updated: Number,
  unchanged: Number,
  failed: Number,
  costNanoUsd: Number,
  problems: [Mixed] as [typeof Mixed],
  failure: String,
  createdBy: Mixed,
  createdAt: Date,
  startedAt: Date,
  movedAt: Date,
  endedAt: Date,
  position: String,
};

/** Whoever sends a file has it stored a thousand rows at a time; who is silent for so long has gone. */
const SILENT_MS = 60_000;

type NewIngestion = Pick<
  Ingestion,
  '_id' | 'org' | 'format' | 'mapping' | 'requestHash' | 'parts' | 'createdBy' | 'createdAt'
>;

/**
 * Files on their way in. `receiving` moves with each part that is stored, `running` with each transaction of
 * jobs; every move names where it comes from, so that of two processes one alone goes on.
 */
export function ingestionStore(connection: Connection) {
  const model = collectionModel<Ingestion>(connection, 'ingestions', FIELDS, [
    [{ org: 1, position: -1 }],
    [{ org: 1, state: 1, position: -1 }],
    [{ partsLeft: 1, movedAt: 1 }],
  ]);
  const move = async (filter: QueryFilter<Ingestion>, update: object): Promise<Ingestion | undefined> =>
    (await model.findOneAndUpdate(filter, update, { returnDocument: 'after' }).lean<Ingestion>()) ??
    undefined;

  return {
    model,
    /**
     * Begins to receive a file. Under an id that is there it begins anew where nothing but a file that was
     * cut off stands. @returns false where something else does.
     */
    async create(begun: NewIngestion): Promise<boolean> {
      const { _id, org, createdAt: at } = begun;
      const none = { inserted: 0, updated: 0, unchanged: 0, failed: 0, costNanoUsd: 0, problems: [] };
      const doc = {
        ...{ ...begun, ...none, state: 'receiving' },
        ...{ partsLeft: true, bytes: 0, total: 0, rows: 0, movedAt: at },
        position: `${at.toISOString()}:${_id}`,
      };
      try {
        await model.collection.insertOne(doc as never);
        return true;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
      }
      const silent = { state: 'receiving', movedAt: { $lt: new Date(at.getTime() - SILENT_MS) } };
      const cutOff = { state: { $in: ['failed', 'cancelled'] }, contentHash: { $exists: false } };
      const filter = { _id, org, $or: [silent, cutOff] };
      const { matchedCount } = await model.collection.replaceOne(filter as never, doc as never);
      return matchedCount === 1;
    },
    /** More has arrived. @returns false where nobody waits for it any more. */
    async received(
      { _id, org, parts }: Pick<Ingestion, '_id' | 'org' | 'parts'>,
      sums: Pick<Ingestion, 'bytes' | 'total'>,
    ): Promise<boolean> {
      const filter = { _id, org, parts, state: 'receiving' as const };
      return (await model.updateOne(filter, { $set: { ...sums, movedAt: new Date() } })).matchedCount === 1;
    },
    /** All has arrived. */
    async queue(
      { _id, org, parts }: Pick<Ingestion, '_id' | 'org' | 'parts'>,
      arrived: Pick<Ingestion, 'bytes' | 'total' | 'contentHash' | 'mapping'>,
    ): Promise<Ingestion | undefined> {
      const set = { ...arrived, state: 'queued', movedAt: new Date() };
      return move({ _id, org, parts, state: 'receiving' }, { $set: set });
    },
    /** What was not accepted leaves no trace. */
    async forget({ _id, org, parts }: Pick<Ingestion, '_id' | 'org' | 'parts'>): Promise<void> {
      await model.deleteOne({ _id, org, parts, state: 'receiving' });
    },
    /** A worker takes it up. @returns undefined where there is nothing to do any more. */
    async begin(org: string, id: string): Promise<Ingestion | undefined> {
      const at = new Date();
      const first = { $set: { state: 'running', startedAt: at, movedAt: at } };
      const begun = await move({ _id: id, org, state: 'queued' }, first);
      return (
        begun ?? (await model.findOne({ _id: id, org, state: 'running' }).lean<Ingestion>()) ?? undefined
      );
    },
    /** Part of the transaction that writes the jobs. @returns false where it stands elsewhere by now. */
    async advanceIn(
      session: mongo.ClientSession,
      { _id, org, rows }: Pick<Ingestion, '_id' | 'org' | 'rows'>,
      read: ReadRows,
      { inserted, updated, unchanged }: Pick<Ingestion, 'inserted' | 'updated' | 'unchanged'>,
    ): Promise<boolean> {
      const { failed, costNanoUsd, errors } = read;
      const { matchedCount } = await model.collection.updateOne(
        { _id, org, state: 'running', rows } as never,
        {
          $set: { rows: rows + read.rows, movedAt: new Date() },
          $inc: { inserted, updated, unchanged, failed, costNanoUsd },
          ...(errors.length > 0 && { $push: { problems: { $each: errors, $slice: MAX_ERRORS } } }),
        } as never,
        { session },
      );
      return matchedCount === 1;
    },
    /** @returns it as it is then; undefined where it was in none of these states. */
    async end(
      { _id, org, parts }: Pick<Ingestion, '_id' | 'org' | 'parts'>,
      from: IngestionState[],
      to: { state: IngestionState; failure?: string },
    ): Promise<Ingestion | undefined> {
      const at = new Date();
      return move({ _id, org, parts, state: { $in: from } }, { $set: { ...to, endedAt: at, movedAt: at } });
    },
    /** Its parts are gone. */
    async emptied({ _id, org, parts }: Pick<Ingestion, '_id' | 'org' | 'parts'>): Promise<void> {
      await model.updateOne({ _id, org, parts }, { $set: { partsLeft: false } });
    },
    async find(org: string, id: string): Promise<Ingestion | undefined> {
      return (await model.findOne({ _id: id, org }).lean<Ingestion>()) ?? undefined;
    },
    /** The newest first, without their problems. */
    async list(
      org: string,
      state: IngestionState | undefined,
      request: PageRequest,
    ): Promise<Page<Ingestion>> {
      const filter = { org, ...(state !== undefined && { state }) };
      return pageOf(model, filter, { field: 'position', order: -1 }, request, { problems: 0 });
    },
    /** Of all organizations, those that have parts and have not come on since. */
    async restingSince(before: Date, limit: number): Promise<Ingestion[]> {
      const filter = { partsLeft: true, movedAt: { $lt: before } };
      return model.find(filter, { problems: 0 }).sort({ movedAt: 1 }).limit(limit).lean<Ingestion[]>();
    },
  };
}
