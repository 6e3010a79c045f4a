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
  /** Set when the run goes on in a new execution after a page. */
  carried?: Carried;
}

/** What goes along into the next execution of the same workflow. */
export interface Carried {
  /** The last seq that was given out. */
  afterSeq: number;
  later: LaterItem[];
  streak: Streak;
  paused: boolean;
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

export interface PageItem {
  seq: number;
  /** Only parents that have not ended yet. */
  parents: number[];
}

/**
 * How an attempt at an item came out. `recount`: the item had ended before, unseen, so that the counters may
 * lack it.
 */
export type ItemResult =
  | { outcome: 'done' | 'reused'; recount?: boolean }
  | { outcome: 'failed'; fingerprint: string; attempts: number; recount?: boolean }
  | { outcome: 'later'; at: number }
  | { outcome: 'stopped'; why: 'pause' | 'cancel' };

export const pauseSignal = defineSignal('pause');
export const resumeSignal = defineSignal('resume');
export const setConcurrencyUpdate = defineUpdate<number, [number]>('setConcurrency');
/** Takes a fingerprint or '' for all; returns how many items were opened again. */
export const retryFailedUpdate = defineUpdate<number, [string]>('retryFailed');

export const RUN_WORKFLOW = 'run';

export function workflowIdOf(runId: string): string {
  return `run:${runId}`;
}

export const SEARCH_ATTRIBUTES = {
  org: defineSearchAttributeKey('BursarOrg', SearchAttributeType.KEYWORD),
  kind: defineSearchAttributeKey('BursarKind', SearchAttributeType.KEYWORD),
  state: defineSearchAttributeKey('BursarState', SearchAttributeType.KEYWORD),
  waitReason: defineSearchAttributeKey('BursarWaitReason', SearchAttributeType.KEYWORD),
};
