import type { Estimate } from './estimate.ts';
import { formatUsd } from './money.ts';
import type { Counters } from './progress.ts';
import { type Failure, isEnded, type RunState, shownState, type WaitReason } from './run.ts';

/** What `messageOf` needs to know of a run. */
export interface RunFacts {
  state: RunState;
  pauseRequested: boolean;
  cancelRequested: boolean;
  parked?: boolean;
  batch?: string;
  waitReason?: WaitReason;
  waitingUntil?: Date;
  /** Of the budget that the run waits for, where its name is known. */
  waitBudgetName?: string;
  counters: Counters;
  estimate?: Estimate;
  failure?: Failure;
}

const WAITING: Record<WaitReason, string> = {
  approval: 'waits for approval of its estimate',
  budget: 'waits for a budget',
  circuit_open: 'waits for a circuit breaker to close',
  rate_limit: 'waits because the provider limits the rate',
  failing: 'waits because the same failure came up too often in a row; resume it when the cause is gone',
  worker_missing: 'waits for a worker',
};

/** One line for people about where a run stands, e.g. `12 of 69 objects, 1 failed, $0.031 so far`. */
export function messageOf(run: RunFacts): string {
  const state = shownState(run);
  const done = run.counters.done + run.counters.reused;
  const parts = [`${done} of ${count(run.counters.total, 'object')}`];
  if (run.counters.reused > 0) parts.push(`${run.counters.reused} reused`);
  if (run.counters.failed > 0) parts.push(`${run.counters.failed} failed`);
  parts.push(`${formatUsd(run.counters.costNanoUsd)}${isEnded(state) ? '' : ' so far'}`);
  const progress = parts.join(', ');
  switch (state) {
    case 'queued':
      if (run.batch !== undefined && run.parked) return 'waits for its turn in its batch';
      return run.parked ? 'parked until somebody starts it' : 'queued';
    case 'planning':
      return 'finding the objects and their order';
    case 'estimating':
      return `estimating ${count(run.counters.total, 'object')}`;
    case 'waiting': {
      const until = run.waitingUntil === undefined ? '' : ` until ${run.waitingUntil.toISOString()}`;
      const named = run.waitBudgetName === undefined ? '' : ` (${run.waitBudgetName})`;
      const why = run.waitReason === undefined ? 'waits' : WAITING[run.waitReason];
      return `${why}${named}${until}; ${progress}`;
    }
    case 'failed':
      return `failed: ${run.failure?.message ?? 'unknown'} (${progress})`;
    case 'running':
      return progress;
    default:
      return `${state.replaceAll('_', ' ')}: ${progress}`;
  }
}

/** `1 object`, `2 objects`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
