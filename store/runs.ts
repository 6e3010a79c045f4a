import type { Connection, QueryFilter } from 'mongoose';
import type { Estimate } from '../domain/estimate.ts';
import { given } from '../domain/given.ts';
import { type Counters, MAX_SAMPLES, NO_PROGRESS } from '../domain/progress.ts';
import {
  ENDED_STATES,
  type Failure,
  isEnded,
  type KindName,
  type RunState,
  type WaitReason,
} from '../domain/run.ts';
import type { AuditLog } from './audit-log.ts';
import { collectionModel, isDuplicate } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';
import { createRunBatches } from './run-batches.ts';
import { createRunMoney } from './run-money.ts';
import { RUN_FIELDS, type Run } from './run-record.ts';
import { createRunUpkeep } from './run-upkeep.ts';

const HISTORY_LIMIT = 200;
const ENDED = [...ENDED_STATES];
const NEXT_VERSION = { $add: ['$version', 1] };

/** The history with one more entry under the version that the same update writes. */
function historyWith(entry: object) {
  const appended = { $concatArrays: ['$history', [{ version: NEXT_VERSION, ...entry }]] };
  return { $slice: [appended, -HISTORY_LIMIT] };
}

/** What a worker adds to a run's counters in one go. */
export type CounterDelta = Partial<Counters>;

export interface StateMove {
  state: RunState;
  waitReason?: WaitReason;
  waitingUntil?: Date;
  waitBudget?: string;
  failure?: Failure;
}

export type NewRunDoc = Pick<
  Run,
  '_id' | 'org' | 'kind' | 'input' | 'options' | 'triggeredBy' | 'requestHash'
> &
  Partial<Pick<Run, 'scope' | 'capNanoUsd' | 'parked' | 'externalId' | 'schedule' | 'scheduledAt'>>;

/** A run as it is stored first. */
export function freshRun(run: NewRunDoc, createdAt: Date): Run {
  return {
    scope: {},
    ...run,
    state: 'queued',
    pauseRequested: false,
    cancelRequested: false,
    round: 1,
    counters: { ...NO_PROGRESS },
    samples: [],
    version: 1,
    history: [{ version: 1, state: 'queued', at: createdAt }],
    createdAt,
    position: `${createdAt.toISOString()}:${run._id}`,
  };
}

/** Runs. The workflow moves `state`, the API moves the two request flags, the workers move the counters. */
export function runStore(connection: Connection, audit: AuditLog) {
  const model = collectionModel<Run>(connection, 'runs', RUN_FIELDS, [
    [{ org: 1, _id: 1 }],
    [{ org: 1, position: -1 }],
    [{ org: 1, kind: 1, position: -1 }],
    [{ org: 1, state: 1, position: -1 }],
    [{ org: 1, schedule: 1, position: -1 }],
    [{ state: 1, createdAt: 1 }],
    [{ archivedAt: 1, endedAt: 1 }],
    [{ org: 1, archivedAt: 1, endedAt: 1 }],
    [{ org: 1, batch: 1, batchSeq: 1 }],
  ]);

  return {
    model,
    /** Stores a new run. Resolves to the run that is there already under its id, if there is one. */
    async create(run: NewRunDoc) {
      const stored = freshRun(run, new Date());
      try {
        await model.create([stored]);
        return { run: stored, existing: false };
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        const existing = await model.findOne({ org: run.org, _id: run._id }).lean<Run>();
        if (existing === null) throw error;
        return { run: existing, existing: true };
      }
    },
    async find(org: string, id: string): Promise<Run | undefined> {
      return (await model.findOne({ org, _id: id }).lean<Run>()) ?? undefined;
    },
    async list(
      org: string,
      of: { kind?: KindName; state?: RunState; schedule?: string },
      request: PageRequest,
    ): Promise<Page<Run>> {
      const { kind, state, schedule } = of;
      const named = given({ kind, schedule });
      const filter = { org, ...named, ...(state && whereShown(state)) };
      return pageOf<Run>(model, filter, { field: 'position', order: -1 }, request);
    },
    /**
     * Moves the state, unless the run has ended (then nothing changes, so that it can be repeated) or is
     * there already. Resolves to whether it moved.
     */
    async move(org: string, id: string, move: StateMove, round: number): Promise<boolean> {
      const at = new Date();
      const { failure, ...change } = move;
      const waiting = move.state === 'waiting';
      const result = await model.updateOne(
        {
          org,
          _id: id,
          round,
          state: { $nin: ENDED },
          $nor: [{ state: move.state, waitReason: move.waitReason ?? null } as QueryFilter<Run>],
        },
        [
          {
            $set: {
              version: NEXT_VERSION,
              state: move.state,
              waitReason: move.waitReason ?? '$$REMOVE',
              waitingSince: waiting ? at : '$$REMOVE',
              waitingUntil: move.waitingUntil ?? '$$REMOVE',
              waitBudget: move.waitBudget === undefined ? '$$REMOVE' : { $literal: move.waitBudget },
              pausedAt: move.state === 'paused' ? at : '$$REMOVE',
              ...(failure && { failure: { $literal: failure } }),
              ...(move.state === 'planning' && { startedAt: { $ifNull: ['$startedAt', at] } }),
              ...(isEnded(move.state) && { endedAt: at }),
              history: historyWith({ at, ...change }),
            },
          },
        ],
        { updatePipeline: true },
      );
      return result.modifiedCount === 1;
    },
    async setEstimate(org: string, id: string, estimate: Estimate): Promise<void> {
      await model.updateOne({ org, _id: id }, { $set: { estimate }, $inc: { version: 1 } });
    },
    /** Sets counters that were counted anew; to be called while nothing is under way. */
    async setCounters(org: string, id: string, counters: Counters): Promise<void> {
      await model.updateOne({ org, _id: id }, { $set: { counters }, $inc: { version: 1 } });
    },
    /** Adds to the counters and leaves a sample of how many items ended just now. */
    async addCounters(org: string, id: string, delta: CounterDelta, at: Date): Promise<void> {
      const increments: Record<string, number> = { version: 1 };
      for (const [name, value] of Object.entries(delta)) increments[`counters.${name}`] = value;
      // Items that were opened again take back from `failed`, but not from the rate.
      const items = Math.max(0, (delta.done ?? 0) + (delta.failed ?? 0) + (delta.reused ?? 0));
      const sample = { $each: [{ at: at.getTime(), items }], $slice: -MAX_SAMPLES };
      await model.updateOne({ org, _id: id }, { $inc: increments, $push: { samples: sample } });
    },
    /**
     * Notes what people asked for. Resolves to the run as it is then, or undefined where it has ended or is
     * not there.
     */
    async request(
      org: string,
      id: string,
      flags: Partial<Pick<Run, 'pauseRequested' | 'cancelRequested'>>,
    ): Promise<Run | undefined> {
      const shown = flags.cancelRequested ? 'cancelling' : flags.pauseRequested ? 'pausing' : '$state';
      const history = historyWith({ at: new Date(), state: shown });
      // A paused run goes on when the workflow says so; only then is there a change to be seen.
      const still = { $and: [{ $eq: ['$state', 'paused'] }, shown === '$state'] };
      const doc = await model
        .findOneAndUpdate(
          { org, _id: id, state: { $nin: ENDED }, $nor: [flags] },
          [{ $set: { ...flags, version: NEXT_VERSION, history: { $cond: [still, '$history', history] } } }],
          { returnDocument: 'after', updatePipeline: true },
        )
        .lean<Run>();
      // Asked for before: nothing changes, and nothing new is to be seen.
      return doc ?? (await model.findOne({ org, _id: id, state: { $nin: ENDED } }).lean<Run>()) ?? undefined;
    },
    async setConcurrency(org: string, id: string, concurrency: number): Promise<void> {
      await model.updateOne(
        { org, _id: id },
        { $set: { 'options.concurrency': concurrency }, $inc: { version: 1 } },
      );
    },
    /**
     * Opens the next round of an ended run. Resolves to undefined where somebody was faster or the run is
     * open.
     */
    async openRound(org: string, id: string, round: number, fingerprint?: string): Promise<Run | undefined> {
      const at = new Date();
      const doc = await model
        .findOneAndUpdate(
          { org, _id: id, round, state: { $in: ENDED }, archivedAt: null as never },
          [
            {
              $set: {
                version: NEXT_VERSION,
                state: 'queued',
                round: round + 1,
                pauseRequested: false,
                cancelRequested: false,
                endedAt: '$$REMOVE',
                failure: '$$REMOVE',
                retryFingerprint: fingerprint === undefined ? '$$REMOVE' : { $literal: fingerprint },
                samples: [],
                history: historyWith({ at, state: 'queued' }),
              },
            },
          ],
          { returnDocument: 'after', updatePipeline: true },
        )
        .lean<Run>();
      return doc ?? undefined;
    },
    /**
     * The request flags of the runs that a worker is at work on, whatever their organization: ids come from
     * its own tasks.
     */
    async flagsOf(
      ids: string[],
    ): Promise<Pick<Run, '_id' | 'pauseRequested' | 'cancelRequested' | 'state'>[]> {
      return model
        .find({ _id: { $in: ids } }, { pauseRequested: 1, cancelRequested: 1, state: 1 })
        .lean<Pick<Run, '_id' | 'pauseRequested' | 'cancelRequested' | 'state'>[]>();
    },
    ...createRunMoney(connection, model, audit),
    ...createRunUpkeep(model),
    ...createRunBatches(model),
    /** Revisions of a project that open runs work on. */
    async revisionsInUse(org: string, project: string): Promise<number[]> {
      const filter = { org, state: { $nin: ENDED }, 'input.projectId': project };
      return (await model.distinct('input.revision', filter)) as number[];
    },
  };
}

/** Finds runs by the state that `shownState` gives them. */
function whereShown(state: RunState): QueryFilter<Run> {
  if (isEnded(state)) return { state };
  if (state === 'cancelling') return { state: { $nin: ENDED }, cancelRequested: true };
  if (state === 'paused') return { state, cancelRequested: false };
  if (state === 'pausing')
    return { state: { $nin: [...ENDED, 'paused'] }, pauseRequested: true, cancelRequested: false };
  return { state, pauseRequested: false, cancelRequested: false };
}
