import type { Connection } from 'mongoose';
import type { BatchEstimate, BatchOrder, BatchState } from '../domain/batches/batch.ts';
import { type Actor, ENDED_STATES, type Failure, isEnded, type WaitReason } from '../domain/run.ts';
import { collectionModel, Mixed } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';

/** Many runs with one estimate, one approval and one hold. Its runs name it; see `run-batches.ts`. */
export interface Batch {
  _id: string;
  org: string;
  name?: string;
  order: BatchOrder;
  parallelism: number;
  /** Runs that belong to it. */
  runs: number;
  kinds: string[];
  /** Moved by its workflow's activities; what people ask for stands in the flags and `approval`. */
  state: BatchState;
  waitReason?: WaitReason;
  waitingSince?: Date;
  waitingUntil?: Date;
  /** The budget that it waits for. */
  waitBudget?: string;
  pauseRequested: boolean;
  cancelRequested: boolean;
  estimate?: BatchEstimate;
  approval?: { hash: string; by: string; at: Date };
  /** How many runs it had when its estimate was made: one with more is estimated anew. */
  estimated?: number;
  /** Estimates by their hash: that somebody was asked to approve, that has passed the gate, that is held. */
  asked?: string;
  passed?: string;
  held?: string;
  failure?: Failure;
  /** Counts attempts to go on: one that another has overtaken starts no run any more. */
  turn: number;
  /** When its workflow last looked at it: one that does not look any more is started again. */
  lookedAt: Date;
  createdBy: Actor;
  createdAt: Date;
  /** Time of creation and id: unique, and the order of lists. */
  position: string;
  startedAt?: Date;
  endedAt?: Date;
}

const FIELDS = {
  _id: String,
  org: String,
  name: String,
  order: String,
  parallelism: Number,
  runs: Number,
  kinds: [String] as [typeof String],
  state: String,
  waitReason: String,
  waitingSince: Date,
  waitingUntil: Date,
  waitBudget: String,
  pauseRequested: Boolean,
  cancelRequested: Boolean,
  estimate: Mixed,
  approval: Mixed,
  estimated: Number,
  asked: String,
  passed: String,
  held: String,
  failure: Mixed,
  turn: Number,
  lookedAt: Date,
  createdBy: Mixed,
  createdAt: Date,
  position: String,
  startedAt: Date,
  endedAt: Date,
};

export interface BatchMove {
  state: BatchState;
  waitReason?: WaitReason;
  waitingUntil?: Date;
  waitBudget?: string;
  failure?: Failure;
}

const ENDED = [...ENDED_STATES];
const OPEN = { $nin: ENDED };

/** Batches of runs. Their activities move `state`, the API stores wishes. */
export function batchStore(connection: Connection) {
  const model = collectionModel<Batch>(connection, 'batches', FIELDS, [
    [{ org: 1, _id: 1 }],
    [{ org: 1, position: -1 }],
    [{ org: 1, state: 1, waitingSince: 1 }],
    [{ state: 1, lookedAt: 1 }],
  ]);
  return {
    model,
    async find(org: string, id: string): Promise<Batch | undefined> {
      return (await model.findOne({ org, _id: id }).lean<Batch>()) ?? undefined;
    },
    async list(org: string, request: PageRequest): Promise<Page<Batch>> {
      return pageOf<Batch>(model, { org }, { field: 'position', order: -1 }, request);
    },
    /**
     * Moves the state of one that has not ended. Resolves to whether it did: not where it has ended, or got
     * more runs than whoever moves it knows of.
     */
    async move(org: string, id: string, move: BatchMove, at: Date, runs?: number): Promise<boolean> {
      const { state, waitReason, waitingUntil, waitBudget, failure } = move;
      const waiting = state === 'waiting';
      const same = { $and: [{ $eq: ['$state', state] }, { $eq: ['$waitReason', waitReason ?? null] }] };
      const since = { $cond: [same, '$waitingSince', at] };
      const result = await model.updateOne(
        { org, _id: id, state: OPEN, ...(runs !== undefined && { runs }) },
        [
          {
            $set: {
              state,
              waitReason: waitReason ?? '$$REMOVE',
              waitingSince: waiting ? since : '$$REMOVE',
              waitingUntil: waitingUntil ?? '$$REMOVE',
              waitBudget: waitBudget === undefined ? '$$REMOVE' : { $literal: waitBudget },
              ...(failure && { failure: { $literal: failure } }),
              ...(state === 'running' && { startedAt: { $ifNull: ['$startedAt', at] } }),
              ...(isEnded(state) && { endedAt: at }),
            },
          },
        ],
        { updatePipeline: true },
      );
      return result.matchedCount === 1;
    },
    /** Somebody is at it now: whoever was before is not any more. Undefined where it has ended. */
    async takeTurn(org: string, id: string, at: Date): Promise<Batch | undefined> {
      const doc = await model
        .findOneAndUpdate(
          { org, _id: id, state: OPEN },
          { $inc: { turn: 1 }, $set: { lookedAt: at } },
          { returnDocument: 'after' },
        )
        .lean<Batch>();
      return doc ?? undefined;
    },
    /** Notes how far its money is decided on. */
    async note(
      org: string,
      id: string,
      facts: Partial<Pick<Batch, 'estimate' | 'estimated' | 'asked' | 'passed' | 'held'>>,
    ): Promise<void> {
      await model.updateOne({ org, _id: id }, { $set: facts });
    },
    /** Resolves to false where no estimate of this hash waits for an approval. */
    async approve(org: string, id: string, approval: NonNullable<Batch['approval']>): Promise<boolean> {
      const waits = { state: 'waiting' as const, waitReason: 'approval' as const };
      const filter = { org, _id: id, ...waits, 'estimate.hash': approval.hash };
      return (await model.updateOne(filter, { $set: { approval } })).matchedCount === 1;
    },
    /** Notes what people ask for. Resolves to false where it has ended. */
    async request(
      org: string,
      id: string,
      flags: Partial<Pick<Batch, 'pauseRequested' | 'cancelRequested'>>,
    ): Promise<boolean> {
      return (await model.updateOne({ org, _id: id, state: OPEN }, { $set: flags })).matchedCount === 1;
    },
    /** Those that wait for money, the longest waiting first. */
    async waitingForMoney(org: string, limit: number): Promise<Batch[]> {
      return model
        .find({ org, state: 'waiting', waitReason: { $in: ['budget', 'circuit_open'] } })
        .sort({ waitingSince: 1 })
        .limit(limit)
        .lean<Batch[]>();
    },
    /** Open ones that nobody has looked at since, over all organizations: for housekeeping. */
    async unseenSince(before: Date, limit: number): Promise<Batch[]> {
      return model
        .find({ state: OPEN, lookedAt: { $lt: before } })
        .limit(limit)
        .lean<Batch[]>();
    },
  };
}
