import type { Run } from '../../store/run-record.ts';

const MODELS = ['stg_orders', 'stg_customers', 'stg_products', 'stg_payments'];
const named = (variable: string) => `$\{${variable}}`;

export type BatchFields = { options?: object; scope?: object; [field: string]: unknown };

/** A batch of runs r0, r1, … over one model of the sample project each. */
export function batchOf(
  projectId: string,
  { options = {}, scope = {}, ...rest }: BatchFields,
  count: number,
) {
  return {
    defaults: {
      kind: 'documentation',
      input: { projectId: named('project'), layers: ['summary'], select: [named('model')] },
      options,
      scope,
    },
    variables: { project: projectId },
    runs: Array.from({ length: count }, (_, at) => ({
      externalId: `r${at}`,
      variables: { model: MODELS[at % MODELS.length] },
    })),
    ...rest,
  };
}

/** Most runs at a time, by when they began and ended. */
export function mostRunsAtATime(runs: Run[]): number {
  const spans = runs.map(
    ({ startedAt, endedAt }) => [startedAt?.getTime() ?? 0, endedAt?.getTime() ?? 0] as const,
  );
  return Math.max(...spans.map(([at]) => spans.filter(([from, to]) => from <= at && at < to).length));
}
