import { TypedSearchAttributes, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  ChildWorkflowFailure,
  continueAsNew,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  proxyActivities,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import {
  RUN_WORKFLOW,
  type RunStart,
  type ScheduledRunInput,
  SEARCH_ATTRIBUTES,
  workflowIdOf,
} from './messages.ts';

const { createScheduledRun, cancelScheduledRun, hasRunEnded } = proxyActivities<
  Pick<Activities, 'createScheduledRun' | 'cancelScheduledRun' | 'hasRunEnded'>
>({
  startToCloseTimeout: '5 minutes',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

const LOOK_EVERY = '10 seconds';

/**
 * What a schedule starts at each of its times: makes the run and stays until it has ended, so that the
 * schedule knows what is still going.
 */
export async function scheduledRun(input: ScheduledRunInput): Promise<void> {
  const at = startTimeIn(workflowInfo().workflowId);
  const start = await CancellationScope.nonCancellable(() => createScheduledRun({ ...input, at }));
  if (start === undefined) return;
  const ended = CancellationScope.nonCancellable(() => untilEnded(input, start));
  try {
    await Promise.race([ended, CancellationScope.current().cancelRequested]);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    // By the way that people cancel runs: calls in flight are aborted, what they cost is settled.
    await CancellationScope.nonCancellable(async () => {
      await cancelScheduledRun(start.input);
      await ended;
    });
    throw error;
  }
}

/** Temporal has appended it: `…-2026-01-31T02:30:00Z`. Milliseconds since 1970. */
function startTimeIn(workflowId: string): number {
  const at = Date.parse(workflowId.slice(-'2026-01-31T02:30:00Z'.length));
  return Number.isNaN(at) ? Math.floor(workflowInfo().startTime.getTime() / 1000) * 1000 : at;
}

/** However it ends: a run tells itself how. */
async function untilEnded(of: ScheduledRunInput, { input, priorityKey }: RunStart): Promise<void> {
  try {
    await executeChild(RUN_WORKFLOW, {
      workflowId: workflowIdOf(input.runId),
      args: [input],
      // What ends this workflow from outside is no reason to end the run.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      priority: { priorityKey, fairnessKey: input.org },
      memo: { progress: 'queued', round: input.round },
      ...(input.searchAttributes && { typedSearchAttributes: attributesOf(input) }),
    });
  } catch (error) {
    if (error instanceof ChildWorkflowFailure) return;
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    // Housekeeping was faster, after a crash: nobody tells us when that one ends.
    while (!(await hasRunEnded(input))) {
      await sleep(LOOK_EVERY);
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof scheduledRun>(of);
    }
  }
}

function attributesOf({ org, kind }: RunStart['input']): TypedSearchAttributes {
  return new TypedSearchAttributes([
    { key: SEARCH_ATTRIBUTES.org, value: org },
    { key: SEARCH_ATTRIBUTES.kind, value: kind },
    { key: SEARCH_ATTRIBUTES.state, value: 'queued' },
  ]);
}
