import {
  ActivityCancellationType,
  proxyActivities,
  setCurrentDetails,
  upsertMemo,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { Activities, MoveInput } from '../activities/index.ts';
import type { RunState } from '../domain/run.ts';
import { type RunInput, SEARCH_ATTRIBUTES } from './messages.ts';

/**
 * All retries below have no bound of their own: they end when MongoDB is back, and a person can cancel the
 * run.
 */
const UNTIL_IT_WORKS = {
  initialInterval: '1 second',
  backoffCoefficient: 2,
  maximumInterval: '30 seconds',
} as const;

/** Reading a large project and rendering its prompts may take minutes; a silent worker is noticed sooner. */
export const planning = proxyActivities<Pick<Activities, 'plan' | 'estimate'>>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '60 seconds',
  retry: { ...UNTIL_IT_WORKS, maximumAttempts: 10 },
});

export const reading = proxyActivities<Pick<Activities, 'loadPage'>>({
  startToCloseTimeout: '1 minute',
  retry: UNTIL_IT_WORKS,
});

export const bookkeeping = proxyActivities<Pick<Activities, 'moveState' | 'recount' | 'reopenFailed'>>({
  startToCloseTimeout: '1 minute',
  retry: UNTIL_IT_WORKS,
});

export const money = proxyActivities<
  Pick<Activities, 'decideGate' | 'acceptApproval' | 'acquireHold' | 'releaseHolds'>
>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '60 seconds',
  retry: UNTIL_IT_WORKS,
});

/** What a run teaches is worth some tries, and no run that stays open for it. */
export const { learn } = proxyActivities<Pick<Activities, 'learn'>>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '60 seconds',
  retry: { ...UNTIL_IT_WORKS, maximumAttempts: 10 },
});

/**
 * Attempts have no bound here: failures that count are counted in `run_items`, and a process that died is
 * none of them. On cancel the workflow waits for the activity to say that it has stopped.
 */
export const { processItem } = proxyActivities<Pick<Activities, 'processItem'>>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '15 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: UNTIL_IT_WORKS,
});

/** Moves the stored state and shows it in the Temporal Web UI, as search attributes and in words. */
export async function showState(
  input: RunInput,
  move: Omit<MoveInput, 'org' | 'runId' | 'round'> & { state: RunState },
): Promise<void> {
  const { org, runId, round } = input;
  const text = await bookkeeping.moveState({ org, runId, round, ...move });
  if (input.searchAttributes)
    upsertSearchAttributes([
      { key: SEARCH_ATTRIBUTES.state, value: move.state },
      { key: SEARCH_ATTRIBUTES.waitReason, value: move.waitReason ?? null },
    ]);
  upsertMemo({ progress: text });
  setCurrentDetails(text);
}

/** Shows the progress anew without a change of state. */
export async function showText(input: RunInput): Promise<void> {
  const { org, runId, round } = input;
  const text = await bookkeeping.moveState({ org, runId, round });
  upsertMemo({ progress: text });
  setCurrentDetails(text);
}
