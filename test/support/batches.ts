import type { ApiBatch } from '../../api/batch-schemas.ts';
import type { Run } from '../../store/run-record.ts';
import type { Bursar } from './bursar.ts';

const LIMIT_MS = 30_000;
const LOOK_EVERY_MS = 50;

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

/** Polls a batch until it is as wanted. @throws Error with what it does after half a minute. */
export async function untilBatch(
  { client }: Bursar,
  id: string,
  wanted: (batch: ApiBatch) => boolean,
): Promise<ApiBatch> {
  for (const deadline = Date.now() + LIMIT_MS; ; ) {
    const batch = await client.get<ApiBatch>(`/batches/${id}`);
    if (wanted(batch)) return batch;
    if (Date.now() > deadline) throw new Error(`the batch is ${batch.state}: ${batch.message}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
