import { ApplicationFailure, setHandler } from '@temporalio/workflow';
import { MAX_CONCURRENCY } from '../domain/run.ts';
import {
  type Approval,
  approveUpdate,
  budgetChangedSignal,
  pauseSignal,
  resumeSignal,
  retryFailedUpdate,
  setConcurrencyUpdate,
} from './messages.ts';

/** What people have asked of a run that is under way. */
export interface Control {
  paused: boolean;
  concurrency: number;
  /** The share of it that budgets let through. */
  factor: number;
  /** The estimate that waits for an approval, by its hash. */
  approvable: string | undefined;
  approved: boolean;
  /** Counts the times that a budget may let more through than before. */
  budgetChanges: number;
  /** Counts resumes, so that a wait which only a person ends can tell that one came. */
  resumes: number;
  /** Counts finished `retryFailed`s: what was read before one may lack the items that it opened. */
  reopenings: number;
  /** Tries of the run as a whole that were used. */
  retried: number;
  /** The run has nothing left to do and ends: too late to open items again within it. */
  closing: boolean;
}

/**
 * Registers the handlers of a run's signals and updates. `retryFailed` opens failed items and says how many.
 */
export function listen(
  start: { paused: boolean; concurrency: number; retried: number },
  retryFailed: (fingerprint: string) => Promise<number>,
  approve: (approval: Approval) => Promise<void>,
): Control {
  const money = { factor: 1, approvable: undefined, approved: false, budgetChanges: 0 };
  const control: Control = { ...start, ...money, resumes: 0, reopenings: 0, closing: false };
  setHandler(pauseSignal, () => {
    control.paused = true;
  });
  setHandler(resumeSignal, () => {
    control.paused = false;
    control.resumes += 1;
  });
  setHandler(budgetChangedSignal, () => {
    control.budgetChanges += 1;
  });
  setHandler(
    approveUpdate,
    async (approval) => {
      await approve(approval);
      control.approved = true;
    },
    { validator: (approval) => checkApproval(control, approval) },
  );
  setHandler(
    setConcurrencyUpdate,
    (concurrency) => {
      control.concurrency = concurrency;
      return concurrency;
    },
    { validator: checkConcurrency },
  );
  setHandler(
    retryFailedUpdate,
    async (fingerprint) => {
      const opened = await retryFailed(fingerprint);
      control.reopenings += 1;
      return opened;
    },
    { validator: (_fingerprint: string) => refuseWhileClosing(control) },
  );
  return control;
}

function checkApproval({ approvable }: Control, { hash }: Approval): void {
  if (approvable === undefined)
    throw ApplicationFailure.nonRetryable('the run does not wait for an approval', 'conflict');
  if (hash !== approvable)
    throw ApplicationFailure.nonRetryable(
      'this is not the estimate that waits for approval; look at the run again',
      'conflict',
    );
}

function refuseWhileClosing({ closing }: Control): void {
  if (closing)
    throw ApplicationFailure.nonRetryable('the run is just ending; retry it once it has ended', 'conflict');
}

function checkConcurrency(concurrency: number): void {
  if (Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= MAX_CONCURRENCY) return;
  throw ApplicationFailure.nonRetryable(`concurrency must be a whole number from 1 to ${MAX_CONCURRENCY}`);
}
