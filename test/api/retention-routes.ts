import { JOB_ROWS } from './job-routes.ts';

type Send = (method: string, path: string, body?: unknown) => Promise<{ status: number; body: unknown }>;

export const RETENTION_ENVIRONMENT = { BURSAR_RETENTION_JOBS_DAYS: '400' };
const DAY = '2025-01-02';
const ARCHIVE = `jobs:${DAY}`;

/** Each route of archives, with a job of a day that is old enough. */
export async function useRetentionRoutes(send: Send): Promise<void> {
  const times = { start_time: `${DAY}T10:00:00Z`, end_time: `${DAY}T12:00:00Z` };
  await send('POST', '/jobs/ingest', [{ ...JOB_ROWS[0], job_id: 'old', ...times }]);
  await send('GET', '/retention');
  expect((await send('POST', '/retention/run', {})).body).toMatchObject({ jobs: 1, alerts: 0, more: false });
  await send('GET', '/retention/archives');
  expect((await send('POST', `/retention/archives/${ARCHIVE}/restore`)).body).toMatchObject({
    ...{ id: ARCHIVE, collection: 'jobs', state: 'restored', rows: 0 },
  });
}
