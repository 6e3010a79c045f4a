import { ActivityFailure, ApplicationFailure, condition, isCancellation } from '@temporalio/workflow';
import { PASSES_BY_ITSELF } from '../domain/run.ts';
import type { Control } from './control.ts';
import type { RunInput } from './messages.ts';
import { bookkeeping, money, showState } from './steps.ts';

/**
 * A run that failed as a whole, or in some objects, for a reason that may go away is tried again by itself
 * after some time, some times. Runs without this have no delays.
 */
export function createRunRetries(input: RunInput, control: Control, pause: () => Promise<void>) {
  const of = { org: input.org, runId: input.runId, round: input.round };
  const delayMs = () => input.retryDelaysMs?.[control.retried];

  /** Shows that the run waits, and why; somebody who resumes it ends the wait. */
  async function wait(ms: number): Promise<void> {
    control.retried += 1;
    control.closing = false;
    await money.releaseHolds(of);
    const { resumes } = control;
    await showState(input, { state: 'waiting', waitReason: 'failing', waitingUntil: Date.now() + ms });
    await condition(() => control.resumes > resumes || control.paused, ms);
    if (control.paused) await pause();
    await showState(input, { state: 'running' });
  }

  return {
    /** Opens what may succeed now, after its time. @returns false where nothing is to be tried again. */
    async afterFailures(retryable: number): Promise<boolean> {
      const ms = delayMs();
      if (ms === undefined || retryable === 0) return false;
      await wait(ms);
      await bookkeeping.reopenFailed({ ...of, fingerprint: '', retryable: true });
      return true;
    },
    /** @returns false where the error is not of this sort, or all tries are used. */
    async afterError(error: unknown): Promise<boolean> {
      const ms = delayMs();
      if (ms === undefined || isCancellation(error) || !passesByItself(error)) return false;
      await wait(ms);
      return true;
    },
  };
}

function passesByItself(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure && PASSES_BY_ITSELF.has(cause.type ?? '');
}
