import type { Scope } from '../domain/budgets/scope.ts';
import type { Estimate } from '../domain/estimate.ts';
import type { Counters, RateSample } from '../domain/progress.ts';
import type { Actor, Failure, KindName, RunOptions, RunState, WaitReason } from '../domain/run.ts';
import { Mixed } from './model.ts';

export interface StateChange {
  version: number;
  state: RunState;
  waitReason?: WaitReason;
  at: Date;
}

export interface Run {
  _id: string;
  org: string;
  kind: KindName;
  /** The kind's frozen input. */
  input: unknown;
  options: RunOptions;
  /** What its costs belong to, besides kind, provider and model. */
  scope: Pick<Scope, 'team' | 'queue' | 'user'>;
  /** The most that it may cost, as a limit of its own. */
  capNanoUsd?: number;
  /** One run's way past all budgets. */
  bypass?: { reason: string; by: string; at: Date };
  /** The approval of an estimate. */
  approval?: { hash: string; by: string; at: Date; capNanoUsd?: number };
  triggeredBy: Actor;
  /** The schedule that has made it, and the time that it was meant for. */
  schedule?: string;
  scheduledAt?: Date;
  /**
   * SHA-256 of the request, to tell a repeated request from a different one under the same Idempotency-Key.
   */
  requestHash: string;
  /** Moved by the workflow alone. What people asked for since stands in the two flags below. */
  state: RunState;
  waitReason?: WaitReason;
  waitingSince?: Date;
  waitingUntil?: Date;
  /** The budget that it waits for; '' for its own limit. */
  waitBudget?: string;
  pausedAt?: Date;
  pauseRequested: boolean;
  cancelRequested: boolean;
  /** 1, and one more with each retry of an ended run. */
  round: number;
  /** In a later round: retry only failures of this fingerprint. */
  retryFingerprint?: string;
  estimate?: Estimate;
  counters: Counters;
  samples: RateSample[];
  failure?: Failure;
  /** Since when its items and its generation log lie in the archive. */
  archivedAt?: Date;
  /** When they were last brought back from there. */
  restoredAt?: Date;
  /** Stored and not started: somebody starts it later. */
  parked?: boolean;
  /** The batch that it belongs to, what the batch calls it, and its place in the batch. */
  batch?: string;
  externalId?: string;
  batchSeq?: number;
  /** Counts every change that a watcher should see; the id of server-sent events. */
  version: number;
  /** The last changes of state, for watchers that reconnect. */
  history: StateChange[];
  createdAt: Date;
  /** Time of creation and id: unique, and the order of lists. */
  position: string;
  startedAt?: Date;
  endedAt?: Date;
}

export const RUN_FIELDS = {
  _id: String,
  org: String,
  kind: String,
  input: Mixed,
  options: Mixed,
  scope: Mixed,
  capNanoUsd: Number,
  bypass: Mixed,
  approval: Mixed,
  triggeredBy: Mixed,
  schedule: String,
  scheduledAt: Date,
  requestHash: String,
  state: String,
  waitReason: String,
  waitingSince: Date,
  waitingUntil: Date,
  waitBudget: String,
  pausedAt: Date,
  pauseRequested: Boolean,
  cancelRequested: Boolean,
  round: Number,
  retryFingerprint: String,
  estimate: Mixed,
  counters: Mixed,
  samples: [Mixed] as [typeof Mixed],
  failure: Mixed,
  parked: Boolean,
  batch: String,
  externalId: String,
  batchSeq: Number,
  archivedAt: Date,
  restoredAt: Date,
  version: Number,
  history: [Mixed] as [typeof Mixed],
  createdAt: Date,
  position: String,
  startedAt: Date,
  endedAt: Date,
};
