import {
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { TakenOutcome } from '../domain/memory.ts';
import { type Control, listen } from './control.ts';
import { type ItemResult, type RunInput, wakeSignal } from './messages.ts';
import { historyIsFull } from './money.ts';
import { pausedUntilResumed } from './pause.ts';
import { bookkeeping, money, processItem, showState, showText } from './steps.ts';

const memories = proxyActivities<Pick<Activities, 'takeMemories' | 'deferralOf' | 'settleMemories'>>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
});

/** Without any word it looks by itself so often: a message may get lost. */
const LONGEST_IDLE_MS = 600_000;
/** What all memories would meet, as a missing key, is looked at again after this time. */
const BROKEN_MS = 60_000;

/**
 * The standing run of an organization: takes memories, a few at a time, and enriches them. It never ends; a
 * budget that says no defers a memory instead of stopping the run, for others may have money.
 */
export async function enrichment(input: RunInput): Promise<void> {
  const of = { org: input.org, runId: input.runId, round: input.round };
  const { carried } = input;
  const control = listen(
    { paused: carried?.paused ?? false, concurrency: input.concurrency, retried: 0 },
    (fingerprint) => bookkeeping.reopenFailed({ ...of, fingerprint }),
    async () => {},
  );
  let woken = 0;
  setHandler(wakeSignal, () => {
    woken += 1;
  });
  if (carried === undefined) await showState(input, { state: 'running' });
  for (let busy = carried !== undefined; !historyIsFull(); ) {
    if (control.paused) await pause(input, control);
    const seen = woken;
    const { seqs, nextDueAt } = await memories.takeMemories(of);
    if (seqs.length > 0) {
      busy = true;
      await memories.settleMemories({
        ...of,
        outcomes: await Promise.all(seqs.map((seq) => work(input, seq))),
      });
      await condition(() => control.paused, input.pollIntervalMs ?? 5_000);
      continue;
    }
    if (busy) await rest(input);
    busy = false;
    const idleMs = Math.min(
      LONGEST_IDLE_MS,
      Math.max(1, (nextDueAt ?? Number.POSITIVE_INFINITY) - Date.now()),
    );
    await condition(() => woken > seen || control.paused, idleMs);
  }
  await condition(allHandlersFinished);
  const start = { afterSeq: -1, later: [], streak: { fingerprint: '', count: 0 } };
  await continueAsNew<typeof enrichment>({ ...input, carried: { ...start, paused: control.paused } });
}

/** Nothing is to be done: the money goes back, and the counters are counted. */
async function rest(input: RunInput): Promise<void> {
  const of = { org: input.org, runId: input.runId, round: input.round };
  await money.releaseHolds(of);
  await bookkeeping.recount(of);
  await showText(input);
}

async function pause(input: RunInput, control: Control): Promise<void> {
  await pausedUntilResumed(input, control);
  await showState(input, { state: 'running' });
}

async function work(input: RunInput, seq: number): Promise<TakenOutcome> {
  const of = { org: input.org, runId: input.runId, round: input.round };
  try {
    return await outcomeOf(input, seq, await processItem({ ...of, seq }));
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { seq, outcome: 'deferred', reason: 'failing', dueAt: Date.now() + BROKEN_MS };
  }
}

async function outcomeOf(input: RunInput, seq: number, result: ItemResult): Promise<TakenOutcome> {
  const of = { org: input.org, runId: input.runId, round: input.round };
  switch (result.outcome) {
    case 'done':
    case 'reused':
      return { seq, outcome: 'done' };
    case 'failed':
      return { seq, outcome: 'failed' };
    case 'later':
      return { seq, outcome: 'deferred', reason: 'rate_limit', dueAt: result.at };
    case 'blocked': {
      const reason = await memories.deferralOf({ ...of, blocked: result });
      return { seq, outcome: 'deferred', reason, dueAt: result.until };
    }
    case 'stopped':
      return { seq, outcome: 'deferred', reason: 'paused', dueAt: Date.now() };
  }
}
