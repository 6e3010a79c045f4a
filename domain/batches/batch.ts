import { plus } from '../band.ts';
import type { Band, EndedState, RunState } from '../run.ts';

/** Runs of one request; a later one may add more to the same batch. */
export const MAX_RUNS_AT_ONCE = 1_000;
export const MAX_RUNS = 10_000;
export const DEFAULT_PARALLELISM = 4;
export const MAX_PARALLELISM = 64;

/** One run after the other, or as many at a time as `parallelism` says; begun in the order of the file. */
export const BATCH_ORDERS = ['parallel', 'sequential'] as const;
export type BatchOrder = (typeof BATCH_ORDERS)[number];

/** A batch plans nothing of its own. */
export type BatchState = Exclude<RunState, 'planning'>;
export const BATCH_STATES: readonly BatchState[] = [
  'queued',
  'estimating',
  'waiting',
  'running',
  'pausing',
  'paused',
  'cancelling',
  'completed',
  'completed_with_errors',
  'failed',
  'cancelled',
  'rejected',
];

/** The sum over the estimates of a batch's runs; what an approval names by its hash. */
export interface BatchEstimate {
  runs: number;
  items: number;
  calls: number;
  inputTokens: number;
  costNanoUsd: Band;
  hash: string;
}

/** What of a run's estimate a batch adds up. */
type Summand = Omit<BatchEstimate, 'runs'>;

/** The sums, and all that an approval of them binds. */
export function sumEstimates(runs: { externalId: string; estimate: Summand }[]) {
  const sum = { runs: runs.length, items: 0, calls: 0, inputTokens: 0, costNanoUsd: { p50: 0, p90: 0 } };
  for (const { estimate } of runs) {
    sum.items += estimate.items;
    sum.calls += estimate.calls;
    sum.inputTokens += estimate.inputTokens;
    sum.costNanoUsd = plus(sum.costNanoUsd, estimate.costNanoUsd);
  }
  const bound = JSON.stringify(runs.map(({ externalId, estimate }) => [externalId, estimate.hash]));
  return { sum, bound };
}

/** How many runs are under way at most. */
export function widthOf({ order, parallelism }: { order: BatchOrder; parallelism: number }): number {
  return order === 'sequential' ? 1 : parallelism;
}

/** How a batch ends of whose runs so many have ended in each state. A failed run stops no other. */
export function batchEndOf(ended: Partial<Record<EndedState, number>>): EndedState {
  const { completed = 0, completed_with_errors: partly = 0, failed = 0, ...rest } = ended;
  const stopped = (rest.cancelled ?? 0) + (rest.rejected ?? 0);
  if (partly + failed + stopped === 0) return 'completed';
  if (completed + partly > 0) return 'completed_with_errors';
  return failed > 0 ? 'failed' : 'completed_with_errors';
}

/** The strictest limits of several kinds: each holds for the sum. */
export function strictest(values: (number | undefined)[]): number | undefined {
  const set = values.filter((value) => value !== undefined);
  return set.length === 0 ? undefined : Math.min(...set);
}
