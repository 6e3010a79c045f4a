import { condition, patched, workflowInfo } from '@temporalio/workflow';
import type { Control } from './control.ts';
import type { Blocked, RunInput } from './messages.ts';
import { money, showState } from './steps.ts';

/** Stay below Temporal's warning at 4,096 events with room for the events that end an execution. */
const HISTORY_EVENTS_LIMIT = 3_600;

/** A run that waits for money looks by itself so often, should a message get lost. */
const LOOK_EVERY_MS = 60_000;

/** Runs that were started before there were budgets go on without: their histories have no such steps. */
export function hasMoney(): boolean {
  return patched('money');
}

export function historyIsFull(): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return historyLength > HISTORY_EVENTS_LIMIT || continueAsNewSuggested;
}

/**
 * Lets the run pass, or waits for its approval. @returns false where it ends as rejected, which is stored
 * then.
 */
export async function passGate(input: RunInput, control: Control): Promise<boolean> {
  const of = { org: input.org, runId: input.runId, round: input.round };
  const result = await money.decideGate(of);
  if (result.gate === 'pass') return true;
  if (result.gate === 'rejected') {
    await reject(input, result.code, result.message);
    return false;
  }
  control.approvable = result.hash;
  await showState(input, { state: 'waiting', waitReason: 'approval', waitingUntil: result.expiresAt });
  const approved = await condition(() => control.approved, Math.max(1, result.expiresAt - Date.now()));
  control.approvable = undefined;
  if (!approved) await reject(input, 'approval_expired', 'nobody approved the estimate in time');
  return approved;
}

async function reject(input: RunInput, code: string, message: string): Promise<void> {
  await showState(input, { state: 'rejected', failure: { code, message, fingerprint: code } });
}

/** Takes the run's money before it begins. A no is waited for. */
export async function holdMoney(
  input: RunInput,
  control: Control,
  pause: () => Promise<void>,
): Promise<void> {
  const result = await money.acquireHold({
    org: input.org,
    runId: input.runId,
    round: input.round,
    needed: 0,
  });
  if (result.outcome === 'blocked') await waitForMoney(input, control, result, pause);
}

/**
 * Gives back what the run holds, so that two runs never wait for each other's rest, shows why it waits, and
 * returns once it has money again, or when the history is full: the next execution asks again.
 */
export async function waitForMoney(
  input: RunInput,
  control: Control,
  blocked: Blocked,
  pause: () => Promise<void>,
): Promise<void> {
  const of = { org: input.org, runId: input.runId, round: input.round };
  await money.releaseHolds(of);
  for (let why = blocked; !historyIsFull(); ) {
    const seen = control.budgetChanges;
    const { reason: waitReason, budget: waitBudget, until: waitingUntil } = why;
    await showState(input, { state: 'waiting', waitReason, waitBudget, waitingUntil });
    const patience = Math.min(LOOK_EVERY_MS, Math.max(1, waitingUntil - Date.now()));
    await condition(() => control.budgetChanges > seen || control.paused, patience);
    if (control.paused) await pause();
    const result = await money.acquireHold({ ...of, needed: why.needed });
    if (result.outcome === 'granted') return;
    why = result;
  }
}
