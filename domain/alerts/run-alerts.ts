import { count } from '../message.ts';
import { formatUsd, toUsd } from '../money.ts';
import type { Counters } from '../progress.ts';
import type { Failure, RunState, WaitReason } from '../run.ts';
import type { NewAlert } from './alert.ts';
import type { Severity } from './notice.ts';

/** A run as its alerts see it. */
export interface AlertedRun {
  _id: string;
  org: string;
  kind: string;
  round: number;
  state: RunState;
  waitReason?: WaitReason;
  waitingUntil?: Date;
  waitBudget?: string;
  failure?: Failure;
  counters: Counters;
}

/** What people must do something about; a limit of rates passes by itself. */
const WAITS: Partial<Record<WaitReason, { severity: Severity; why: string; text: string }>> = {
  approval: {
    severity: 'warning',
    why: 'waits for approval of its estimate',
    text: 'Its estimate is over the warning threshold. It goes on once somebody approves it.',
  },
  budget: {
    severity: 'warning',
    why: 'waits for money',
    text: 'A budget has too little left. The run goes on by itself when there is money.',
  },
  circuit_open: {
    severity: 'warning',
    why: 'waits for a circuit breaker to close',
    text: 'It goes on when the breaker closes: at the end of the period, or when somebody closes it.',
  },
  failing: {
    severity: 'critical',
    why: 'waits: the same failure came up again and again',
    text: 'Look at its errors; resume it when the cause is gone.',
  },
};

/** A run that failed for a reason that may go away is tried again as a whole: nobody need do anything yet. */
function waitOf({ waitReason, waitingUntil }: AlertedRun): (typeof WAITS)[WaitReason] {
  if (waitReason !== 'failing' || waitingUntil === undefined) return waitReason && WAITS[waitReason];
  const text = `It is tried again by itself at ${waitingUntil.toISOString()}.`;
  return { severity: 'warning', why: 'has failed and is tried again', text };
}

/** What people should know about the state that a run is in now; undefined where that is nothing. */
export function runAlert(run: AlertedRun, line: string, at: Date): NewAlert | undefined {
  const { state, waitReason, failure } = run;
  if (state === 'waiting') {
    const wait = waitOf(run);
    if (wait === undefined) return undefined;
    return {
      ...common(run, line, at, `waiting:${waitReason}`),
      type: 'run_waiting',
      severity: wait.severity,
      title: `A run (${run.kind}) ${wait.why}`,
      text: wait.text,
      ...(run.waitBudget && { budget: run.waitBudget }),
    };
  }
  if (failure?.code === 'price_unknown') {
    const title = `A run (${run.kind}) needs a price that nobody knows`;
    const text = `${failure.message} Set it with POST /prices, and retry the run.`;
    return { ...common(run, line, at, state), type: 'price_unknown', severity: 'warning', title, text };
  }
  if (state === 'failed' || state === 'rejected') {
    const title = `A run (${run.kind}) ${state === 'failed' ? 'has failed' : 'was rejected'}`;
    const text = failure?.message ?? line;
    return { ...common(run, line, at, state), type: 'run_failed', severity: 'warning', title, text };
  }
  return state === 'completed' || state === 'completed_with_errors'
    ? finishedAlert(run, line, at)
    : undefined;
}

function finishedAlert(run: AlertedRun, line: string, at: Date): NewAlert {
  const { failed } = run.counters;
  const errors = failed === 0 ? '' : `, ${count(failed, 'object')} failed`;
  return {
    ...common(run, line, at, run.state),
    type: 'run_finished',
    severity: failed === 0 ? 'info' : 'warning',
    title: `A run (${run.kind}) is done${errors}`,
    text: line,
  };
}

function common(run: AlertedRun, line: string, at: Date, what: string) {
  const { counters, failure } = run;
  return {
    org: run.org,
    run: run._id,
    key: `${run._id}:${run.round}:${what}`,
    facts: [
      { name: 'Run', value: run._id },
      { name: 'State', value: line },
      { name: 'Cost so far', value: formatUsd(counters.costNanoUsd) },
    ],
    data: {
      kind: run.kind,
      round: run.round,
      state: run.state,
      waitReason: run.waitReason ?? null,
      waitingUntil: run.waitingUntil?.toISOString() ?? null,
      failure: failure === undefined ? null : { code: failure.code, message: failure.message },
      total: counters.total,
      processed: counters.done + counters.reused,
      failed: counters.failed,
      costUsd: toUsd(counters.costNanoUsd),
    },
    at,
  };
}
