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

/** Each route of jobs from elsewhere, with success and with what is not valid. */
export async function useJobRoutes(send: Send): Promise<void> {
  await send('POST', '/jobs/ingest', JOB_ROWS);
  await send('POST', '/jobs/ingest?map=nothing', JOB_ROWS);
  await send('POST', '/jobs/ingest', ['x'.repeat(9_000_000)]);
  await send('POST', '/admin/ingest/jobs/mock');
  await send('GET', '/jobs');
  await send('GET', '/jobs?limit=1000');
  const sent = await send('POST', '/ingestions', JOB_ROWS, { 'Idempotency-Key': 'jobs' });
  await send('POST', '/ingestions', [...JOB_ROWS, ...JOB_ROWS], { 'Idempotency-Key': 'jobs' });
  await send('POST', '/ingestions', ['x'.repeat(9_000_000)]);
  const { id } = sent.body as { id: string };
  await send('GET', '/ingestions');
  await send('GET', `/ingestions/${id}`);
  // Rows enough for a while, and none of them a job.
  const long = await send('POST', '/ingestions', Array(40_000).fill({}));
  const path = `/ingestions/${(long.body as { id: string }).id}`;
  for (const _ of ['is in time', 'comes too late']) await send('POST', `${path}/cancel`);
}
