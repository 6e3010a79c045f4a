import { JOB_DIMENSIONS, type JobDimension } from '../analytics/dimension.ts';
import type { DatedJob } from './job.ts';

/** By what jobs are told apart in a workbook. */
export type SumDimension = JobDimension | 'status' | 'day';

/** Jobs of one name; null is the name of those that do not say it. */
export interface JobSum {
  name: string | null;
  count: number;
  costNanoUsd: bigint;
  inputTokens: number;
  outputTokens: number;
}

/** Adds up jobs one by one, by each dimension. What is kept grows with their names, not with the jobs. */
export function createJobSums() {
  const total = emptySum(null);
  const by = new Map<SumDimension, Map<string | null, JobSum>>();

  function addTo(dimension: SumDimension, name: string | null, job: DatedJob): void {
    const sums = by.get(dimension) ?? new Map<string | null, JobSum>();
    by.set(dimension, sums);
    const sum = sums.get(name) ?? emptySum(name);
    sums.set(name, sum);
    addJob(sum, job);
  }

  return {
    total,
    add(job: DatedJob): void {
      addJob(total, job);
      for (const dimension of JOB_DIMENSIONS) addTo(dimension, nameIn(job, dimension) ?? null, job);
      addTo('status', job.status, job);
      addTo('day', job.day, job);
    },
    /** The dearest first, days in their order. */
    by(dimension: SumDimension): JobSum[] {
      const sums = [...(by.get(dimension)?.values() ?? [])];
      return sums.sort(dimension === 'day' ? byName : byCost);
    },
  };
}

function nameIn(job: DatedJob, dimension: JobDimension): string | undefined {
  return dimension === 'gpu_type' ? job.gpuType : job[dimension];
}

function emptySum(name: string | null): JobSum {
  return { name, count: 0, costNanoUsd: 0n, inputTokens: 0, outputTokens: 0 };
}

function addJob(sum: JobSum, { costNanoUsd, inputTokens = 0, outputTokens = 0 }: DatedJob): void {
  sum.count += 1;
  sum.costNanoUsd += BigInt(costNanoUsd);
  sum.inputTokens += inputTokens;
  sum.outputTokens += outputTokens;
}

function byName(a: JobSum, b: JobSum): number {
  return (a.name ?? '') < (b.name ?? '') ? -1 : 1;
}

function byCost(a: JobSum, b: JobSum): number {
  if (a.costNanoUsd !== b.costNanoUsd) return a.costNanoUsd > b.costNanoUsd ? -1 : 1;
  return byName(a, b);
}
