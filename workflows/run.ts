import {
  allHandlersFinished,
  CancellationScope,
  ContinueAsNew,
  condition,
  continueAsNew,
  isCancellation,
} from '@temporalio/workflow';
import { endStateOf, PAGE_SIZE } from '../domain/run.ts';
import { type Control, listen } from './control.ts';
import { failureOf } from './failure.ts';
import type { Carried, PageItem, RunInput } from './messages.ts';
import { hasMoney, historyIsFull, holdMoney, passGate, waitForMoney } from './money.ts';
import { pausedUntilResumed } from './pause.ts';
import { createRunRetries } from './run-retries.ts';
import { bookkeeping, learn, money, planning, processItem, reading, showState, showText } from './steps.ts';
import { type WindowWait, workPage } from './window.ts';

const START: Carried = {
  afterSeq: -1,
  later: [],
  streak: { fingerprint: '', count: 0 },
  paused: false,
};

/**
 * One run from the plan to its end. Every page of items is an execution of its own (continue-as-new), so that
 * no history grows with the size of the run.
 */
export async function run(input: RunInput): Promise<void> {
  const of = { org: input.org, runId: input.runId, round: input.round };
  const carried = input.carried ?? START;
  const control = listen(
    { paused: carried.paused, concurrency: input.concurrency, retried: carried.retried ?? 0 },
    (fingerprint) => bookkeeping.reopenFailed({ ...of, fingerprint }),
    (approval) => money.acceptApproval({ ...of, ...approval }),
  );
  try {
    const failed = await carryOut(input, control, carried);
    if (failed === undefined) return;
    await end(input, { state: endStateOf(failed) });
    if (hasMoney()) await learn(of).catch(() => {});
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    await CancellationScope.nonCancellable(async () => {
      control.closing = true;
      await condition(allHandlersFinished);
      if (hasMoney()) await money.releaseHolds(of);
      await bookkeeping.recount(of);
      await end(input, isCancellation(error) ? { state: 'cancelled' } : failureOf(error));
    });
    // So that Temporal shows the execution as cancelled or failed too.
    throw error;
  }
}

/**
 * From where the run stands to where nothing is left to try. @returns what has failed; undefined: rejected.
 */
async function carryOut(input: RunInput, control: Control, carried: Carried): Promise<number | undefined> {
  const of = { org: input.org, runId: input.runId, round: input.round };
  const retries = createRunRetries(input, control, () => pausedUntilResumed(input, control));
  let prepared = input.carried !== undefined;
  for (let from = carried; ; from = START) {
    try {
      if (!prepared && !(await prepare(input, control))) return undefined;
      prepared = true;
      await workThrough(input, control, from);
    } catch (error) {
      if (error instanceof ContinueAsNew || !(await retries.afterError(error))) throw error;
      continue;
    }
    if (hasMoney()) await money.releaseHolds(of);
    const { failed, retryable = 0 } = await bookkeeping.recount(of);
    if (!(await retries.afterFailures(retryable))) return failed;
  }
}

/**
 * Plan, then estimate, then the gate, then the money, before anything is spent. @returns false where the gate
 * has rejected the run.
 */
async function prepare(input: RunInput, control: Control): Promise<boolean> {
  const of = { org: input.org, runId: input.runId, round: input.round };
  await showState(input, { state: 'planning' });
  await planning.plan(of);
  await showState(input, { state: 'estimating' });
  await planning.estimate(of);
  if (hasMoney() && !(await passGate(input, control))) {
    await condition(allHandlersFinished);
    return false;
  }
  if (control.paused) await pausedUntilResumed(input, control);
  if (hasMoney()) await holdMoney(input, control, () => pausedUntilResumed(input, control));
  await showState(input, { state: 'running' });
  return true;
}

/** Page after page, until a look from the beginning finds nothing open. */
async function workThrough(input: RunInput, control: Control, carried: Carried): Promise<void> {
  const of = { org: input.org, runId: input.runId, round: input.round };
  let state = carried;
  for (;;) {
    const later = state.later.map((item) => item.seq);
    const { reopenings } = control;
    const items = await reading.loadPage({ ...of, afterSeq: state.afterSeq, limit: PAGE_SIZE, later });
    if (items.length === 0 && later.length === 0) {
      if (state.afterSeq === -1 && (await closeUnlessReopened(control, reopenings))) return;
      // Whatever was opened again meanwhile (retryFailed) stands before this page.
      state = { ...state, afterSeq: -1 };
      continue;
    }
    const { finished, recount, ...left } = await workOn(input, control, state, items);
    const last = items.at(-1)?.seq ?? state.afterSeq;
    state = { ...left, afterSeq: finished ? last : state.afterSeq, paused: control.paused };
    if (recount) await bookkeeping.recount(of);
    if (items.length === PAGE_SIZE || !finished) await goOn(input, control, state);
  }
}

/** False where `retryFailed` has opened items since; from a yes on it is refused. */
async function closeUnlessReopened(control: Control, reopenings: number): Promise<boolean> {
  await condition(allHandlersFinished);
  control.closing = control.reopenings === reopenings;
  return control.closing;
}

async function workOn(input: RunInput, control: Control, state: Carried, items: PageItem[]) {
  const of = { org: input.org, runId: input.runId, round: input.round };
  return workPage({
    items,
    later: state.later,
    streak: state.streak,
    mayCarry: items.length === PAGE_SIZE,
    concurrency: () => Math.max(1, Math.ceil(control.concurrency * control.factor)),
    paused: () => control.paused,
    full: historyIsFull,
    work: (seq) => {
      const { resumes } = control;
      return processItem({ ...of, seq }).then((result) => {
        const pausing = result.outcome === 'stopped' && result.why === 'pause';
        // A worker saw the request before the signal came: the same wish, unless it was taken back meanwhile.
        if (pausing && control.resumes === resumes) control.paused = true;
        if (result.outcome === 'done') control.factor = result.factor ?? 1;
        return result;
      });
    },
    wait: (wait) => waitQuietly(input, control, wait),
  });
}

/** Nothing is under way: shows why the run waits, and returns when it may go on. */
async function waitQuietly(input: RunInput, control: Control, wait: WindowWait): Promise<void> {
  if (wait.reason === 'paused') {
    await pausedUntilResumed(input, control);
  } else if (wait.reason === 'blocked') {
    await waitForMoney(input, control, wait.blocked, () => pausedUntilResumed(input, control));
  } else if (wait.reason === 'failing') {
    const resumes = control.resumes;
    await showState(input, { state: 'waiting', waitReason: 'failing' });
    await condition(() => control.resumes > resumes || control.paused);
    if (control.paused) await pausedUntilResumed(input, control);
  } else {
    await showState(input, { state: 'waiting', waitReason: 'rate_limit', waitingUntil: wait.until });
    await condition(() => control.paused, Math.max(1, wait.until - Date.now()));
  }
  await showState(input, { state: 'running' });
}

/** Goes on in a new execution with an empty history. */
async function goOn(input: RunInput, control: Control, carried: Carried): Promise<never> {
  await showText(input);
  await condition(allHandlersFinished);
  const { concurrency, paused, retried } = control;
  return continueAsNew<typeof run>({ ...input, concurrency, carried: { ...carried, paused, retried } });
}

async function end(input: RunInput, outcome: Parameters<typeof showState>[1]): Promise<void> {
  await showState(input, outcome);
  await condition(allHandlersFinished);
}
