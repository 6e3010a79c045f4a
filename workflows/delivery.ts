import { isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { DeliveryInput } from './messages.ts';

type Delivering = Pick<Activities, 'deliver' | 'giveUp'>;

/** The activity says itself when there is no other attempt; this bounds how often processes may die in it. */
const { deliver } = proxyActivities<Delivering>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '15 seconds',
  retry: {
    initialInterval: '2 seconds',
    backoffCoefficient: 4,
    maximumInterval: '10 minutes',
    maximumAttempts: 20,
  },
});

const { giveUp } = proxyActivities<Delivering>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** Brings one notice over one channel; where that fails for good, over the channel that stands in for it. */
export async function delivery(input: DeliveryInput): Promise<void> {
  for (let next: string | undefined = input.delivery; next !== undefined; )
    next = await deliverOrGiveUp({ ...input, delivery: next });
}

async function deliverOrGiveUp(input: DeliveryInput): Promise<string | undefined> {
  try {
    await deliver(input);
    return undefined;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return giveUp(input);
  }
}
