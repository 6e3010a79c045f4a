/** By what the costs of jobs are told apart: what a job says of itself, and when it was. */
export const JOB_DIMENSIONS = ['team', 'model', 'provider', 'gpu_type', 'user', 'queue', 'kind'] as const;
const TIME_DIMENSIONS = ['day', 'week', 'month'] as const;
export const DIMENSIONS = [...JOB_DIMENSIONS, ...TIME_DIMENSIONS] as const;

export type JobDimension = (typeof JOB_DIMENSIONS)[number];
export type TimeDimension = (typeof TIME_DIMENSIONS)[number];
export type Dimension = (typeof DIMENSIONS)[number];

export function isTimeDimension(dimension: Dimension): dimension is TimeDimension {
  return TIME_DIMENSIONS.some((each) => each === dimension);
}
