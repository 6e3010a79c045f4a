import { Interrupted } from './exit-codes.ts';

/** What people want when they press Ctrl-C once, and again. SIGTERM and SIGHUP count as the first. */
export interface Interrupts {
  /** Stop in an orderly way. */
  first: AbortSignal;
  /** Do not wait for what takes time. */
  second: AbortSignal;
}

const HARD_EXIT_CODE = 5;

/** Takes the signals of this process. A third Ctrl-C ends it at once; guards then end what it started. */
export function listenForInterrupts(): Interrupts {
  const first = new AbortController();
  const second = new AbortController();
  const next = () => {
    if (!first.signal.aborted) first.abort(new Interrupted('stopped'));
    else if (!second.signal.aborted) second.abort(new Interrupted('stopped'));
    else process.exit(HARD_EXIT_CODE);
  };
  process.on('SIGINT', next);
  // A supervisor that repeats its SIGTERM is no impatient person.
  for (const name of ['SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (!first.signal.aborted) next();
    });
  }
  return { first: first.signal, second: second.signal };
}
