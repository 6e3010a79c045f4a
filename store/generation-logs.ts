import type { Connection } from 'mongoose';
import type { Usage } from '../domain/money.ts';
import type { Failure } from '../domain/run.ts';
import { createBatch } from './batch.ts';
import { collectionModel, insertEach, Mixed } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';

/**
 * One row per run, object and layer (`_id` = run:seq:step, the seq with leading zeros, so that lists
 * go in the order of the items): what was asked, what it cost, and the text that came.
 */
export interface GenerationLog {
  _id: string;
  org: string;
  run: string;
  seq: number;
  /** Name of the object. */
  object: string;
  /** The step, which for documentation is a layer. */
  layer: string;
  status: 'done' | 'failed';
  model: string;
  /** Output tokens that the kind expected of one call without any history; what runs learn from. */
  expectedTokens?: number;
  promptTokens: number;
  completionTokens: number;
  cachedTokens: number;
  reasoningTokens: number;
  /** Calls made: 2 where the first answer needed a repair. */
  calls: number;
  durationMs: number;
  costNanoUsd: number;
  requestId?: string;
  /**
   * The last call, under the id of its entry: what it cost, should the process die before the ledger has
   * it.
   */
  draw?: { id: string; costNanoUsd: number; usage: Usage };
  /** The accepted text; kept, so that the step is never generated again. */
  output?: string;
  error?: Failure;
  at: Date;
}

/** Enough for more items than any run has. */
const SEQ_DIGITS = 7;

const FIELDS = {
  _id: String,
  org: String,
  run: String,
  seq: Number,
  object: String,
  layer: String,
  status: String,
  model: String,
  expectedTokens: Number,
  promptTokens: Number,
  completionTokens: Number,
  cachedTokens: Number,
  reasoningTokens: Number,
  calls: Number,
  durationMs: Number,
  costNanoUsd: Number,
  requestId: String,
  draw: Mixed,
  output: String,
  error: Mixed,
  at: Date,
};

/** The generation log, which is also the store of step results. */
export function generationLogStore(connection: Connection) {
  const model = collectionModel<GenerationLog>(connection, 'generation_logs', FIELDS, [
    [{ org: 1, run: 1, _id: 1 }],
    [{ org: 1, run: 1, seq: 1 }],
    [{ org: 1, at: 1 }],
  ]);
  const inserted = createBatch((rows: GenerationLog[]) => insertEach(model, rows));
  return {
    model,
    /**
     * Stores a result. The first one stays: resolves to the row that counts, which may be another attempt's.
     */
    async store(row: Omit<GenerationLog, '_id'>): Promise<GenerationLog> {
      const _id = `${row.run}:${String(row.seq).padStart(SEQ_DIGITS, '0')}:${row.layer}`;
      const stored = { _id, ...row };
      if (await inserted(stored)) return stored;
      // A failed row of an earlier attempt gives way to any newer one.
      const replaced = await model.replaceOne({ _id, org: row.org, status: 'failed' }, stored);
      if (replaced.modifiedCount === 1) return stored;
      return (await model.findOne({ _id, org: row.org }).lean<GenerationLog>()) ?? stored;
    },
    /** The stored results of an item. */
    async ofItem(org: string, run: string, seq: number): Promise<GenerationLog[]> {
      return model.find({ org, run, seq }).lean<GenerationLog[]>();
    },
    /** The results of a run without their texts, behind an id and in order, at most `limit`. */
    async after(org: string, run: string, id: string, limit: number): Promise<GenerationLog[]> {
      return model
        .find({ org, run, _id: { $gt: id } }, { output: 0, error: 0 })
        .sort({ _id: 1 })
        .limit(limit)
        .lean<GenerationLog[]>();
    },
    async list(
      org: string,
      run: string,
      seq: number | undefined,
      request: PageRequest,
    ): Promise<Page<GenerationLog>> {
      const filter = { org, run, ...(seq === undefined ? {} : { seq }) };
      return pageOf<GenerationLog>(model, filter, { field: '_id', order: 1 }, request, { output: 0 });
    },
  };
}
