import type { JobMetrics } from '../costing/cost-model.ts';

/** What may be known of how a job stands. */
export const JOB_STATUSES = ['pending', 'running', 'completed', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/**
 * Where the cost of a job comes from: its own record, its tokens at the model's price, what it used by the
 * organization's cost model, its GPU-hours at the price list, its share of what all GPUs of its type have
 * cost; or it has none. What is given back is a credit: only that may be negative.
 */
export const COST_BASES = [
  'given',
  'tokens',
  'cost_model',
  'gpu_hours',
  'allocated',
  'credit',
  'none',
] as const;
export type CostBasis = (typeof COST_BASES)[number];

/** Work that was done elsewhere; the same id again is the same job. */
export interface Job {
  id: string;
  team: string;
  model: string;
  /** Lower-case, as are `gpuType` and `status`. */
  provider: string;
  gpuType?: string;
  /** Missing only where the job is pending. */
  startedAt?: Date;
  /** Not before the start. */
  endedAt?: Date;
  status: JobStatus;
  user?: string;
  queue?: string;
  kind?: string;
  gpuCount?: number;
  inputTokens?: number;
  outputTokens?: number;
  costNanoUsd: number;
  costBasis: CostBasis;
  /** What it used, where its file says so and it is still to be priced. */
  metrics?: JobMetrics;
}

/** A job with what dates it, which may be when it came in. */
export interface DatedJob extends Job {
  at: Date;
  /** On which it counts, in the organization's time zone, YYYY-MM-DD. */
  day: string;
}

/** Words of other systems for the same. */
const STATUS_WORDS: Record<string, JobStatus> = {
  queued: 'pending',
  waiting: 'pending',
  succeeded: 'completed',
  success: 'completed',
  done: 'completed',
  finished: 'completed',
  error: 'failed',
  canceled: 'cancelled',
};

/** Undefined for a word that is not known. */
export function statusOf(word: string): JobStatus | undefined {
  const lower = word.toLowerCase();
  return JOB_STATUSES.find((status) => status === lower) ?? STATUS_WORDS[lower];
}

/** What dates a job, and its cost: its end, else its start, else when it came in. */
export function dateOf(job: Pick<Job, 'startedAt' | 'endedAt'>, cameAt: Date): Date {
  return job.endedAt ?? job.startedAt ?? cameAt;
}
