import type { RequestWatch } from '../activities/index.ts';
import type { Logger } from '../config/logger.ts';
import { isEnded, type RunState } from '../domain/run.ts';

interface Flags {
  _id: string;
  pauseRequested: boolean;
  cancelRequested: boolean;
  state: RunState;
}

interface Watched {
  attempts: number;
  pauseRequested: boolean;
  cancel: AbortController;
}

function newlyWatched(): Watched {
  return { attempts: 0, pauseRequested: false, cancel: new AbortController() };
}

const EVERY_MS = 500;

/**
 * Reads twice a second, in one query for all runs that this worker is at work on, what people have asked of
 * them. So a cancel aborts calls in flight within a second, without a heartbeat per call that would have to
 * be as fast.
 */
export function createRequestWatcher(flagsOf: (ids: string[]) => Promise<Flags[]>, logger: Logger) {
  const watched = new Map<string, Watched>();
  let reading = false;

  async function look(): Promise<void> {
    if (reading || watched.size === 0) return;
    reading = true;
    try {
      // Who joins while the answer is under way must not be told what was asked before.
      const asked = new Map(watched);
      for (const flags of await flagsOf([...asked.keys()])) apply(flags, asked.get(flags._id));
    } catch (error) {
      logger.warn({ err: error }, 'could not read what is asked of the runs; trying again');
    } finally {
      reading = false;
    }
  }

  function apply(flags: Flags, run: Watched | undefined): void {
    if (run === undefined) return;
    run.pauseRequested = flags.pauseRequested;
    // A run that has ended has nobody left who waits for its items.
    if (flags.cancelRequested || isEnded(flags.state)) run.cancel.abort();
  }

  const timer = setInterval(() => void look(), EVERY_MS);
  timer.unref();
  return {
    watch(runId: string): RequestWatch {
      const known = watched.get(runId);
      // Attempts of a round that was cancelled may still be ending when the next round begins.
      const run = known === undefined || known.cancel.signal.aborted ? newlyWatched() : known;
      run.attempts += 1;
      watched.set(runId, run);
      let open = true;
      return {
        cancelled: run.cancel.signal,
        pauseRequested: () => run.pauseRequested,
        async close() {
          if (!open) return;
          open = false;
          run.attempts -= 1;
          if (run.attempts === 0 && watched.get(runId) === run) watched.delete(runId);
        },
      };
    },
    stop(): void {
      clearInterval(timer);
    },
  };
}
