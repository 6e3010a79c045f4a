import {
  allHandlersFinished,
  condition,
  continueAsNew,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { type BatchRef, batchChangedSignal } from './messages.ts';
import { historyIsFull } from './money.ts';

/** Without a bound: they end when MongoDB and Temporal are back. */
const retry = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' } as const;

const { advanceBatch } = proxyActivities<Pick<Activities, 'advanceBatch'>>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '15 seconds',
  retry,
});

const { estimateBatch } = proxyActivities<Pick<Activities, 'estimateBatch'>>({
  startToCloseTimeout: '4 hours',
  heartbeatTimeout: '60 seconds',
  retry,
});

/**
 * Looks at a batch whenever something has changed for it, until it has ended. What is known of it lies in the
 * database, so an execution that was lost is simply started again.
 */
export async function batch(of: BatchRef): Promise<void> {
  let changes = 0;
  setHandler(batchChangedSignal, () => {
    changes += 1;
  });
  while (!historyIsFull()) {
    const seen = changes;
    const step = await advanceBatch(of);
    if (step.next === 'estimate') await estimateBatch(of);
    else if (step.next === 'wait')
      await condition(() => changes > seen, Math.max(1, step.until - Date.now()));
    // Somebody may have opened it again in the very moment.
    else if (changes === seen) return;
  }
  await condition(allHandlersFinished);
  await continueAsNew<typeof batch>(of);
}
