import { MAX_GPU_PRICES } from '../../domain/jobs/gpu-prices.ts';

type Send = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<{ status: number; body: unknown }>;

/** A job as a row of a file. */
export const JOB_ROWS = [
  {
    job_id: 'j1',
    team_name: 'ops',
    model_name: 'LLaMA',
    provider: 'aws',
    start_time: '2026-01-02T10:00:00Z',
    end_time: '2026-01-02T12:00:00Z',
    status: 'completed',
    cost_usd: 1.5,
  },
];

export const GPU_SNAPSHOT = { entry_date: '2026-01-02', provider: 'aws', gpu_type: 'a100', cost_usd: 100 };
export const GPU_PRICE = { provider: 'aws', gpu_type: 'a100', from: '2026-01-01', usd_per_gpu_hour: 2 };
const SNAPSHOTS = '/cost-snapshots?start=2026-01-01&end=2026-01-31';

/** Each route of jobs from elsewhere, with success and with what is not valid. */
export async function useJobRoutes(send: Send): Promise<void> {
  await send('POST', '/jobs/ingest', JOB_ROWS);
  await send('POST', '/jobs/ingest?map=nothing', JOB_ROWS);
  await send('POST', '/jobs/ingest', ['x'.repeat(9_000_000)]);
  await send('POST', '/admin/ingest/jobs/mock');
  await send('GET', '/jobs');
  await send('GET', '/jobs?limit=1000');
  await send('POST', '/cost-snapshots', { snapshots: [GPU_SNAPSHOT] });
  await send('POST', '/cost-snapshots', { snapshots: [GPU_SNAPSHOT, GPU_SNAPSHOT] });
  const { body } = await send('GET', SNAPSHOTS);
  const [{ id }] = (body as { snapshots: [{ id: string }] }).snapshots;
  await send('GET', '/cost-snapshots');
  await send('GET', `/cost-snapshots/${id}`);
  await send('DELETE', `/cost-snapshots/${id}`);
  await send('GET', '/gpu-prices');
  const many = Array.from({ length: MAX_GPU_PRICES }, (_, at) => ({ ...GPU_PRICE, gpu_type: `gpu-${at}` }));
  const set = await send('PUT', '/gpu-prices', { prices: many });
  await send('PUT', '/gpu-prices', { prices: [GPU_PRICE] });
  await send('PUT', '/gpu-prices', { prices: [] });
  await send('DELETE', `/gpu-prices/${(set.body as { prices: [{ id: string }] }).prices[0].id}`);
  await send('GET', '/jobs/export?start=2026-01-01&end=2026-01-31');
  const sent = await send('POST', '/ingestions', JOB_ROWS, { 'Idempotency-Key': 'jobs' });
  await send('POST', '/ingestions', [...JOB_ROWS, ...JOB_ROWS], { 'Idempotency-Key': 'jobs' });
  await send('POST', '/ingestions', ['x'.repeat(9_000_000)]);
  const ingestion = `/ingestions/${(sent.body as { id: string }).id}`;
  await send('GET', '/ingestions');
  await send('GET', ingestion);
  // Rows enough for a while, and none of them a job.
  const long = await send('POST', '/ingestions', Array(40_000).fill({}));
  const path = `/ingestions/${(long.body as { id: string }).id}`;
  for (const _ of ['is in time', 'comes too late']) await send('POST', `${path}/cancel`);
}
