import type { Connection } from 'mongoose';
import { ENDED_STATES, isEnded } from '../domain/run.ts';
import type { Batch } from './batches.ts';
import type { Collections } from './collections.ts';
import { isDuplicate } from './model.ts';
import type { Run } from './run-record.ts';
import { freshRun, type NewRunDoc } from './runs.ts';
import { Leave, transact } from './transaction.ts';

type NewBatch = Pick<Batch, '_id' | 'org' | 'name' | 'order' | 'parallelism' | 'createdBy'>;
type BatchRun = NewRunDoc & Required<Pick<Run, 'externalId'>>;

const REOPENED = { waitReason: 1, waitingSince: 1, waitingUntil: 1, waitBudget: 1, failure: 1, endedAt: 1 };
const OPEN = { $nin: [...ENDED_STATES] };

/** What concerns a batch and its runs at once. */
export function createBatchWrites(
  connection: Connection,
  { batches, runs }: Pick<Collections, 'batches' | 'runs'>,
) {
  const [batchDocs, runDocs] = [batches.model.collection, runs.model.collection];
  async function add(batch: NewBatch, added: BatchRun[], at: Date): Promise<void> {
    const { _id, org, order, parallelism, ...first } = batch;
    await transact(connection, async (session) => {
      const found = await batchDocs.findOne({ _id, org } as never, { session });
      const before = found as unknown as Batch | null;
      const from = before?.runs ?? 0;
      const kinds = [...new Set([...(before?.kinds ?? []), ...added.map(({ kind }) => kind)])].sort();
      const opens = added.length > 0 && (before === null || isEnded(before.state));
      await batchDocs.updateOne(
        { _id, org } as never,
        {
          $set: {
            ...{ order, parallelism, kinds, runs: from + added.length },
            ...(opens && { state: 'queued', pauseRequested: false, cancelRequested: false, lookedAt: at }),
          },
          ...(opens && { $unset: REOPENED }),
          $setOnInsert: { ...first, turn: 0, createdAt: at, position: `${at.toISOString()}:${_id}` },
        },
        { session, upsert: true },
      );
      const fresh = added.map((run, index) => ({
        ...freshRun(run, at),
        ...{ parked: true, batch: _id, batchSeq: from + index },
      }));
      if (fresh.length > 0) await runDocs.insertMany(fresh as never, { session, ignoreUndefined: true });
    });
  }

  return {
    /**
     * Stores a batch with its runs, or adds runs to one that is there, all of them or none. One that has
     * ended is opened again. Resolves to false where one of the runs is there already; nothing is stored
     * then.
     */
    async addToBatch(batch: NewBatch, added: BatchRun[], at: Date): Promise<boolean> {
      try {
        await add(batch, added, at);
        return true;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        return false;
      }
    },
    /**
     * Lets a run of a batch begin, if the batch is still at the turn of whoever wants it, and nobody has
     * asked to pause or cancel it. Resolves to undefined where it may not.
     */
    async startOfBatch(batch: Pick<Batch, '_id' | 'org' | 'turn'>, id: string, at: Date) {
      const { _id, org, turn } = batch;
      return transact<Run | undefined>(connection, async (session) => {
        // A write, so that of two transactions over one batch one fails.
        const mine = await batchDocs.updateOne(
          { _id, org, turn, state: OPEN, pauseRequested: false, cancelRequested: false } as never,
          { $set: { lookedAt: at } },
          { session },
        );
        if (mine.matchedCount === 0) throw new Leave(undefined);
        const run = await runDocs.findOneAndUpdate(
          { org, _id: id, batch: _id, state: 'queued', parked: true } as never,
          { $unset: { parked: 1 }, $inc: { version: 1 } } as never,
          { session, returnDocument: 'after' },
        );
        return (run as unknown as Run | null) ?? undefined;
      });
    },
  };
}
