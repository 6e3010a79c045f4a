import { condition } from '@temporalio/workflow';
import type { Control } from './control.ts';
import type { RunInput } from './messages.ts';
import { hasMoney } from './money.ts';
import { bookkeeping, money, showState } from './steps.ts';

/** Nothing is under way: gives the money back, shows it, and waits until somebody resumes the run. */
export async function pausedUntilResumed(input: RunInput, control: Control): Promise<void> {
  const { org, runId, round } = input;
  if (hasMoney()) await money.releaseHolds({ org, runId, round });
  await bookkeeping.recount({ org, runId, round });
  await showState(input, { state: 'paused' });
  await condition(() => !control.paused);
}
