import { runAlert } from '../domain/alerts/run-alerts.ts';
import { messageOf } from '../domain/message.ts';
import { type Failure, isEnded, PASSES_BY_ITSELF, type RunState, type WaitReason } from '../domain/run.ts';
import type { Run } from '../store/run-record.ts';
import type { PageItem } from '../workflows/messages.ts';
import { countRun } from './count-run.ts';
import { translating } from './failures.ts';
import type { ActivityDeps, RunRef } from './index.ts';

/** A move of the state; without one only the text is made anew. */
export interface MoveInput extends RunRef {
  state?: RunState;
  waitReason?: WaitReason;
  /** Milliseconds since 1970. */
  waitingUntil?: number;
  /** The budget that the run waits for; '' for its own limit. */
  waitBudget?: string;
  failure?: Failure;
}

/** The small writes and reads that a run's workflow needs between items. All can be repeated. */
export function createBookkeeping(deps: ActivityDeps) {
  const { runs, runItems } = deps.store;
  return {
    /** Moves the stored state; returns the line for people that belongs to it. */
    moveState: translating(async (move: MoveInput): Promise<string> => {
      const { org, runId, round, state, waitingUntil, ...rest } = move;
      if (state !== undefined) {
        const until = waitingUntil === undefined ? {} : { waitingUntil: new Date(waitingUntil) };
        await runs.move(org, runId, { state, ...rest, ...until }, round);
      }
      const run = await runs.find(org, runId);
      if (run === undefined) return '';
      const line = messageOf(run);
      if (state !== undefined) await tellOf(deps, run, line);
      const quiet = isEnded(run.state) || run.state === 'paused';
      if (quiet && run.batch !== undefined) await deps.starter.tellBatch(org, run.batch);
      return line;
    }),
    /** Counts the run anew; to be called while none of its items is under way. */
    recount: translating(async (of: RunRef): Promise<{ failed: number; retryable?: number }> => {
      const { failed } = await countRun(deps, of.org, of.runId);
      if (failed === 0) return { failed };
      const groups = await runItems.failureGroups(of.org, of.runId);
      const retryable = groups.filter(({ code }) => PASSES_BY_ITSELF.has(code));
      return { failed, retryable: retryable.reduce((sum, { count }) => sum + count, 0) };
    }),
    /** All, those of one fingerprint, or those that may succeed now. */
    reopenFailed: translating(async (of: RunRef & { fingerprint: string; retryable?: boolean }) => {
      const codes = of.retryable ? [...PASSES_BY_ITSELF] : undefined;
      const opened = await runItems.reopenFailed(of.org, of.runId, of.fingerprint || undefined, codes);
      if (opened > 0) await deps.countProgress(of, { failed: -opened });
      return opened;
    }),
    /** The next open items, but for those that wait for later, with the parents that have not ended. */
    loadPage: translating(
      async (of: RunRef & { afterSeq: number; limit: number; later: number[] }): Promise<PageItem[]> => {
        const rows = await runItems.open(of.org, of.runId, of.afterSeq, of.limit);
        const later = new Set(of.later);
        const open = new Set([...rows.map((row) => row.seq), ...later]);
        return rows
          .filter((row) => !later.has(row.seq))
          .map((row) => ({ seq: row.seq, parents: row.parents.filter((parent) => open.has(parent)) }));
      },
    ),
  };
}

/** What people were told of a run is over when it moves on. */
async function tellOf({ store, now }: ActivityDeps, run: Run, line: string): Promise<void> {
  const at = now();
  const alert = runAlert(run, line, at);
  await store.alerts.resolveOfRun(run.org, run._id, at, alert?.key);
  if (alert !== undefined) await store.alerts.raise([alert]);
}
