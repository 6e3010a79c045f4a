import { patched, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

type Chores = Pick<
  Activities,
  | 'sweepRuns'
  | 'sweepIngestions'
  | 'sweepMoney'
  | 'archiveRuns'
  | 'keepForecasts'
  | 'watchAlerts'
  | 'sendReports'
  | 'keepSchedules'
>;

const {
  sweepRuns,
  sweepIngestions,
  sweepMoney,
  archiveRuns,
  keepForecasts,
  watchAlerts,
  sendReports,
  keepSchedules,
} = proxyActivities<Chores>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '60 seconds',
  retry: { initialInterval: '5 seconds', maximumAttempts: 3 },
});

/** Started by a schedule every minute: brings together what a crash has left apart. */
export async function housekeeping(): Promise<void> {
  await sweepRuns();
  // One that was started before there were budgets goes on without.
  if (patched('money')) await sweepMoney();
  if (patched('ingestions')) await sweepIngestions();
  if (patched('archive')) await archiveRuns();
  if (patched('forecasts')) await keepForecasts();
  if (!patched('alerts')) return;
  await watchAlerts();
  await sendReports();
  if (patched('schedules')) await keepSchedules();
}
