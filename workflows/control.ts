import { ApplicationFailure, setHandler } from '@temporalio/workflow';
import { MAX_CONCURRENCY } from '../domain/run.ts';
import { pauseSignal, resumeSignal, retryFailedUpdate, setConcurrencyUpdate } from './messages.ts';

/** What people have asked of a run that is under way. */
export interface Control {
  paused: boolean;
  concurrency: number;
  /** Counts resumes, so that a wait which only a person ends can tell that one came. */
  resumes: number;
  /** Counts finished `retryFailed`s: what was read before one may lack the items that it opened. */
  reopenings: number;
  /** The run has nothing left to do and ends: too late to open items again within it. */
  closing: boolean;
}

/**
 * Registers the handlers of a run's signals and updates. `retryFailed` opens failed items and says how many.
 */
export function listen(
  start: { paused: boolean; concurrency: number },
  retryFailed: (fingerprint: string) => Promise<number>,
): Control {
  const control: Control = { ...start, resumes: 0, reopenings: 0, closing: false };
  setHandler(pauseSignal, () => {
    control.paused = true;
  });
  setHandler(resumeSignal, () => {
    control.paused = false;
    control.resumes += 1;
  });
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

function refuseWhileClosing({ closing }: Control): void {
  if (closing)
    throw ApplicationFailure.nonRetryable('the run is just ending; retry it once it has ended', 'conflict');
}

function checkConcurrency(concurrency: number): void {
  if (Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= MAX_CONCURRENCY) return;
  throw ApplicationFailure.nonRetryable(`concurrency must be a whole number from 1 to ${MAX_CONCURRENCY}`);
}
