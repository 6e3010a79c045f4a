import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure, TypedSearchAttributes } from '@temporalio/common';
import { DEFAULT_PRIORITY } from '../../domain/budgets/budget.ts';
import { AppError, invalidInput } from '../../domain/errors.ts';
import {
  type Approval,
  approveUpdate,
  BATCH_WORKFLOW,
  batchChangedSignal,
  batchWorkflowIdOf,
  budgetChangedSignal,
  DELIVERY_WORKFLOW,
  pauseSignal,
  RUN_WORKFLOW,
  type RunInput,
  type RunStart,
  resumeSignal,
  retryFailedUpdate,
  SEARCH_ATTRIBUTES,
  STANDING_KIND,
  setConcurrencyUpdate,
  wakeSignal,
  workflowIdOf,
} from '../../workflows/messages.ts';
import { statusOf, unavailable } from './outcome.ts';

/** Bounds an update: if no worker answers, people learn so instead of waiting. */
const UPDATE_DEADLINE_MS = 5_000;
/** A run shows that it has ended a moment before its workflow has: a retry may come in between. */
const CLOSING_LIMIT_MS = 5_000;
const CLOSING_POLL_MS = 100;
const SIGNALS = {
  pause: pauseSignal,
  resume: resumeSignal,
  budgetChanged: budgetChangedSignal,
  wake: wakeSignal,
};

export interface StartableRun {
  _id: string;
  org: string;
  kind: string;
  round: number;
  options: { concurrency: number; priority?: number; runRetries?: number };
}

/** The workflows of runs: starts them and passes on what people ask of them. */
export function createRunWorkflows(deps: {
  client: Client;
  taskQueue: string;
  /** How long a run waits before each further try of it as a whole. */
  retryDelaysMs: readonly number[];
  /** Standing runs: whether there are any, and from one take to the next. */
  standing: { enabled: boolean; pollIntervalMs: number };
  /** Whether the server knows our search attributes. */
  searchAttributes: () => Promise<boolean>;
  /** Runs that wait for money, the most urgent and then the longest waiting first. */
  waitingForMoney(org: string, butNot: string | undefined, limit: number): Promise<{ _id: string }[]>;
  /** Batches that do, the longest waiting first. */
  batchesWaitingForMoney(org: string, limit: number): Promise<{ _id: string }[]>;
}) {
  const { workflow } = deps.client;
  const handleOf = (runId: string): WorkflowHandle => workflow.getHandle(workflowIdOf(runId));

  async function startOf(run: StartableRun): Promise<RunStart> {
    const retryDelaysMs = deps.retryDelaysMs.slice(0, run.options.runRetries ?? 0);
    const input: RunInput = {
      org: run.org,
      runId: run._id,
      kind: run.kind,
      round: run.round,
      concurrency: run.options.concurrency,
      searchAttributes: await deps.searchAttributes(),
      ...(retryDelaysMs.length > 0 && { retryDelaysMs }),
      ...(run.kind === STANDING_KIND && { pollIntervalMs: deps.standing.pollIntervalMs }),
    };
    return { input, priorityKey: temporalPriority(run.options.priority) };
  }

  /** @returns false where a workflow of the run is open. */
  async function startNew(run: StartableRun): Promise<boolean> {
    const isStanding = run.kind === STANDING_KIND;
    if (isStanding && !deps.standing.enabled) return true;
    const { input, priorityKey } = await startOf(run);
    try {
      await workflow.start(isStanding ? STANDING_KIND : RUN_WORKFLOW, {
        workflowId: workflowIdOf(run._id),
        taskQueue: deps.taskQueue,
        args: [input],
        priority: { priorityKey, fairnessKey: run.org },
        memo: { progress: 'queued', round: run.round },
        ...(input.searchAttributes && { typedSearchAttributes: attributesOf(run) }),
      });
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw unavailable(error);
    }
  }

  async function isOfEarlierRound(run: StartableRun): Promise<boolean> {
    const { memo } = await handleOf(run._id).describe();
    return Number(memo?.round ?? run.round) < run.round;
  }

  async function signal(runId: string, name: keyof typeof SIGNALS): Promise<void> {
    await delivered(handleOf(runId).signal(SIGNALS[name]));
  }

  async function tellBatch(org: string, batch: string): Promise<void> {
    try {
      await workflow.signalWithStart(BATCH_WORKFLOW, {
        workflowId: batchWorkflowIdOf(batch),
        taskQueue: deps.taskQueue,
        args: [{ org, batch }],
        signal: batchChangedSignal,
      });
    } catch (error) {
      throw unavailable(error);
    }
  }

  return {
    /** What a workflow starts a run's workflow with, as a child. */
    startOf,
    /** Something has changed for a batch. Where no workflow of it is open, it is started. */
    tellBatch,
    /** Starts the workflow of a run's present round; one that runs already is left alone. */
    async start(run: StartableRun): Promise<void> {
      for (
        const deadline = Date.now() + CLOSING_LIMIT_MS;
        !(await startNew(run));
        await sleep(CLOSING_POLL_MS)
      )
        if (Date.now() > deadline || !(await isOfEarlierRound(run))) return;
    },
    /** Starts a delivery; one that was started before is left alone, also when it has ended. */
    async deliver(org: string, delivery: string): Promise<void> {
      try {
        await workflow.start(DELIVERY_WORKFLOW, {
          workflowId: `delivery:${delivery}`,
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          taskQueue: deps.taskQueue,
          args: [{ org, delivery }],
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw unavailable(error);
      }
    },
    statusOf: (runId: string) => statusOf(handleOf(runId)),
    signal,
    /**
     * Tells the run that has waited longest for money, of those with the highest priority, that there may be
     * some. One at a time: it tells the next when it has got its own. A message that gets lost costs a
     * minute, for runs also look by themselves.
     */
    async wake(org: string, butNot?: string): Promise<void> {
      const [next] = await deps.waitingForMoney(org, butNot, 1);
      if (next !== undefined) await signal(next._id, 'budgetChanged');
      const [batch] = await deps.batchesWaitingForMoney(org, 1);
      if (batch !== undefined) await tellBatch(org, batch._id);
    },
    async cancel(runId: string): Promise<void> {
      await delivered(handleOf(runId).cancel());
    },
    /** @throws AppError `worker_missing` where no worker answers in time. */
    async setConcurrency(runId: string, concurrency: number): Promise<void> {
      const handle = handleOf(runId);
      await answered(deps.client, () => handle.executeUpdate(setConcurrencyUpdate, { args: [concurrency] }));
    },
    /** @throws AppError `conflict` where no such estimate waits, `worker_missing`. */
    async approve(runId: string, approval: Approval): Promise<void> {
      const handle = handleOf(runId);
      await answered(deps.client, () => handle.executeUpdate(approveUpdate, { args: [approval] }));
    },
    /** Opens failed items of an open run again. @returns how many. @throws AppError `worker_missing`. */
    async retryFailed(runId: string, fingerprint: string | undefined): Promise<number> {
      const handle = handleOf(runId);
      return answered(deps.client, () =>
        handle.executeUpdate(retryFailedUpdate, { args: [fingerprint ?? ''] }),
      );
    },
  };
}

/** Bursar's 1–10, 10 most urgent, as Temporal's 5–1. */
function temporalPriority(priority: number = DEFAULT_PRIORITY): number {
  return 6 - Math.ceil(priority / 2);
}

export type RunWorkflows = ReturnType<typeof createRunWorkflows>;

function attributesOf(run: StartableRun): TypedSearchAttributes {
  return new TypedSearchAttributes([
    { key: SEARCH_ATTRIBUTES.org, value: run.org },
    { key: SEARCH_ATTRIBUTES.kind, value: run.kind },
    { key: SEARCH_ATTRIBUTES.state, value: 'queued' },
  ]);
}

/**
 * A workflow that is not there (any more) needs no message: the stored wish counts, and housekeeping
 * compares.
 */
async function delivered(message: Promise<unknown>): Promise<void> {
  try {
    await message;
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw unavailable(error);
  }
}

async function answered<T>(client: Client, update: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + UPDATE_DEADLINE_MS, update);
  } catch (error) {
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)
      throw new AppError('worker_missing', 'no worker answered within 5 seconds', { cause: error });
    if (error instanceof WorkflowUpdateFailedError) throw refused(error);
    if (error instanceof WorkflowNotFoundError)
      throw new AppError('conflict', 'the run has just ended', { cause: error });
    throw unavailable(error);
  }
}

function refused(error: WorkflowUpdateFailedError): AppError {
  const { cause } = error;
  if (cause instanceof ApplicationFailure && cause.type === 'conflict')
    return new AppError('conflict', cause.message, { cause: error });
  return invalidInput(cause?.message ?? error.message);
}
