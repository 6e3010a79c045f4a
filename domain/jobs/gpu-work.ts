/** What a job used its GPUs for, as far as its share of a cost depends on it. */
export interface GpuUse {
  startedAt?: Date;
  /** Missing while it runs. */
  endedAt?: Date;
  gpuCount?: number;
}

/** Parts of a GPU that are told apart: jobs may share one. */
const PARTS = 1_000;
const HOUR_MS = 3_600_000;

/**
 * GPU-time within a span as a whole number: thousandths of a GPU times milliseconds. Whole, so that shares of
 * it are exact. A job that does not say how many GPUs it has has one; one that has not ended runs until
 * `now`.
 */
export function gpuWork(use: GpuUse, span: { startMs: number; endMs: number }, now: Date): bigint {
  if (use.startedAt === undefined) return 0n;
  const from = Math.max(use.startedAt.getTime(), span.startMs);
  const until = Math.min((use.endedAt ?? now).getTime(), span.endMs);
  const gpus = Math.round((use.gpuCount ?? 1) * PARTS);
  return until <= from ? 0n : BigInt(until - from) * BigInt(gpus);
}

/** So many GPU-hours as a whole number, as of `gpuWork`. */
export function workOfHours(hours: number): bigint {
  return BigInt(Math.round(hours * PARTS * HOUR_MS));
}

export function hoursOfWork(work: bigint): number {
  return Number(work) / (PARTS * HOUR_MS);
}

/** Nano-dollars, rounded half up once. */
export function costOfWork(work: bigint, nanoUsdPerHour: number): number {
  const whole = BigInt(PARTS * HOUR_MS);
  return Number((work * BigInt(nanoUsdPerHour) * 2n + whole) / (2n * whole));
}
