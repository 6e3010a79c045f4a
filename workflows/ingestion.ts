import { isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { failureOf } from './failure.ts';
import type { IngestionInput } from './messages.ts';

/**
 * An attempt goes on where the one before has stopped, so that it may be repeated as often as processes die;
 * the bound is for a file that kills each of them. The activity says itself when it is no use to go on.
 */
const { ingestRows } = proxyActivities<Pick<Activities, 'ingestRows'>>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '6 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds', maximumAttempts: 1_000 },
});

const { endIngestion } = proxyActivities<Pick<Activities, 'endIngestion'>>({
  startToCloseTimeout: '5 minutes',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** Brings in a file of jobs that has arrived, a stretch of rows after another. */
export async function ingestion(input: IngestionInput): Promise<void> {
  try {
    let isAll = false;
    while (!isAll) isAll = await ingestRows(input);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return endIngestion({ ...input, failure: failureOf(error).failure.message });
  }
  await endIngestion(input);
}
