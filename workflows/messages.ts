import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { defineSignal, defineUpdate } from '@temporalio/workflow';

/** What a run's workflow is started with. Ids and counts only: texts live in MongoDB. */
export interface RunInput {
  org: string;
  runId: string;
  kind: string;
  round: number;
  concurrency: number;
  /** The server knows our search attributes; where it may not, runs go without them. */
  searchAttributes: boolean;
  /** How long to wait before each further try of the run as a whole; absent where there is none. */
  retryDelaysMs?: number[];
  /** Of the standing run of memories: from one take to the next. */
  pollIntervalMs?: number;
  /** Set when the run goes on in a new execution after a page. */
  carried?: Carried;
}

/** One notice that goes over one channel. */
export interface DeliveryInput {
  org: string;
  delivery: string;
}

/** Started by a schedule at each of its times. */
export interface ScheduledRunInput {
  org: string;
  /** Its id. */
  schedule: string;
  /** Of the stored schedule, when Temporal's was brought in line with it. */
  version: number;
}

/** What starts a run's workflow, besides its id. */
export interface RunStart {
  input: RunInput;
  /** Temporal's: 1 to 5, 1 most urgent. */
  priorityKey: number;
}
/** What a batch's workflow is started with. */
export interface BatchRef {
  org: string;
  batch: string;
}

/** What is to be done for a batch next; `until` in milliseconds since 1970. */
export type BatchNext = { next: 'estimate' } | { next: 'wait'; until: number } | { next: 'end' };

/** A file of jobs that is brought in. */
export interface IngestionInput {
  org: string;
  ingestion: string;
}

/** What goes along into the next execution of the same workflow. */
export interface Carried {
  /** The last seq that was given out. */
  afterSeq: number;
  later: LaterItem[];
  streak: Streak;
  paused: boolean;
  /** Tries of the run as a whole that were used. */
  retried?: number;
}

export interface LaterItem {
  seq: number;
  /** Milliseconds since 1970. */
  at: number;
}

/** Failed attempts in a row that have the same fingerprint. */
export interface Streak {
  fingerprint: string;
  count: number;
}

export interface Approval {
  hash: string;
  capNanoUsd?: number;
  /** Who approves: an API key's id. */
  by: string;
}

/** Whether a run may begin, by its estimate and the organization's limits. */
export type GateResult =
  | { gate: 'pass' }
  | { gate: 'approval'; hash: string; expiresAt: number }
  | { gate: 'rejected'; code: 'estimate_over_limit'; message: string };

export interface PageItem {
  seq: number;
  /** Only parents that have not ended yet. */
  parents: number[];
}

/**
 * How an attempt at an item came out. `recount`: the item had ended before, unseen, so that the counters may
 * lack it. `factor`: budgets ask the window to shrink to this share.
 */
export type ItemResult =
  | { outcome: 'done' | 'reused'; recount?: boolean; factor?: number }
  | { outcome: 'failed'; fingerprint: string; attempts: number; recount?: boolean }
  | { outcome: 'later'; at: number }
  | Blocked
  | { outcome: 'stopped'; why: 'pause' | 'cancel' };

/** A budget says no. */
export interface Blocked {
  outcome: 'blocked';
  reason: 'budget' | 'circuit_open';
  /** Its id; '' for the run's own limit. */
  budget: string;
  /** The least that lets the run go on, in nano-dollars. */
  needed: number;
  /** When its period ends, or its breaker may be tried: milliseconds since 1970. */
  until: number;
}

export const pauseSignal = defineSignal('pause');
export const resumeSignal = defineSignal('resume');
export const setConcurrencyUpdate = defineUpdate<number, [number]>('setConcurrency');
/** A budget that stood in the way was raised, reset or freed: worth a look. */
export const budgetChangedSignal = defineSignal('budgetChanged');
/** Approves the estimate that has this hash, and may limit what the run may cost. */
export const approveUpdate = defineUpdate<void, [Approval]>('approve');
/** Takes a fingerprint or '' for all; returns how many items were opened again. */
export const retryFailedUpdate = defineUpdate<number, [string]>('retryFailed');

/** There is something to do for a standing run. */
export const wakeSignal = defineSignal('wake');

/** Something has changed for a batch: a run has ended, somebody has approved, more runs have come. */
export const batchChangedSignal = defineSignal('batchChanged');

export const RUN_WORKFLOW = 'run';
export const SCHEDULED_RUN_WORKFLOW = 'scheduledRun';
export const BATCH_WORKFLOW = 'batch';
export const DELIVERY_WORKFLOW = 'delivery';
export const INGESTION_WORKFLOW = 'ingestion';
/** The kind whose run of an organization never ends, and its workflow. */
export const STANDING_KIND = 'enrichment';

export function workflowIdOf(runId: string): string {
  return `run:${runId}`;
}

export function batchWorkflowIdOf(batch: string): string {
  return `batch:${batch}`;
}

export const SEARCH_ATTRIBUTES = {
  org: defineSearchAttributeKey('BursarOrg', SearchAttributeType.KEYWORD),
  kind: defineSearchAttributeKey('BursarKind', SearchAttributeType.KEYWORD),
  state: defineSearchAttributeKey('BursarState', SearchAttributeType.KEYWORD),
  waitReason: defineSearchAttributeKey('BursarWaitReason', SearchAttributeType.KEYWORD),
};
