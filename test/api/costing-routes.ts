import { useAccountRoutes } from './account-routes.ts';
import { useAnalyticsRoutes } from './analytics-routes.ts';
import { useJobRoutes } from './job-routes.ts';
import { useRetentionRoutes } from './retention-routes.ts';

type Send = <T>(
  method: string,
  path: string,
  body?: unknown,
  headers?: object,
) => Promise<{ status: number; body: T }>;

export const JOB = {
  jobId: 'job-1',
  queueName: 'reports',
  jobType: 'monthly',
  cpuTime: 1,
  memoryMbSeconds: 2,
  payloadBytes: 3,
  redisOps: 4,
  networkBytes: 5,
};
const { jobId: _jobId, queueName: _queueName, ...USED } = JOB;
const benchmark = (minute: number) => ({
  ...USED,
  cpuTime: minute,
  actualCost: 0.001 * minute,
  timestamp: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
});
/** Enough for a calibration. */
export const BENCHMARKS = { benchmarks: Array.from({ length: 11 }, (_, at) => benchmark(at)) };

/** Each route of job costs, cost models, benchmarks, jobs, analytics and accounts, once with success. */
export async function useCostingRoutes(send: Send): Promise<void> {
  await send('POST', '/costs/jobs', JOB);
  await send('POST', '/costs/estimate', { jobType: 'monthly', cpuTime: 1, payloadKb: 2 });
  // Too few to learn from.
  await send('POST', '/benchmarks/calibrate');
  await send('POST', '/benchmarks', BENCHMARKS);
  await send('GET', '/benchmarks');
  await send('GET', '/benchmarks/report');
  await send('POST', '/benchmarks/calibrate');
  await send('POST', '/cost-models', { weights: { base: 0 } });
  await send('POST', '/cost-models/2/apply');
  await send('POST', '/cost-models', { weights: { base: 0.002 } });
  // The one before is superseded by it.
  for (const version of [3, 2]) await send('POST', `/cost-models/${version}/apply`);
  await send('GET', '/cost-models');
  await useAnalyticsRoutes(send);
  await useJobRoutes(send);
  await useAccountRoutes(send);
  await useRetentionRoutes(send);
}
