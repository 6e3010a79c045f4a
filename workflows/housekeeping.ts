import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

const { sweepRuns } = proxyActivities<Pick<Activities, 'sweepRuns'>>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '5 seconds', maximumAttempts: 3 },
});

/** Started by a schedule every minute: brings together what a crash has left apart. */
export async function housekeeping(): Promise<void> {
  await sweepRuns();
}
