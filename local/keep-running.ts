import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessExit } from './guarded.ts';
import type { RunningServer } from './server-process.ts';

/** A server that may have been started more than once. */
export interface KeptServer {
  /** Undefined while it is down. */
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

interface KeepOptions {
  /** Starts it again, on the same port and data, when it ends by itself. */
  respawn: boolean;
  /** It ended by itself. `restarting` is false when nothing more will be done about it. */
  onExit: (exit: ProcessExit, restarting: boolean) => void;
  /** Its process id changed. */
  onPid: () => void;
  /** A restart failed. */
  onProblem: (error: unknown) => void;
}

const RESTARTS = 5;
const WITHIN_MS = 60_000;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

/**
 * Starts a server and, with `respawn`, starts it again when it dies: at most 5 times a minute, waiting 0.1
 * to 1.6 s.
 */
export async function keepRunning(
  start: (onExit: (exit: ProcessExit) => void) => Promise<RunningServer>,
  options: KeepOptions,
): Promise<KeptServer> {
  let stopped = false;
  let restarting: Promise<void> = Promise.resolve();
  const restarts: number[] = [];

  const mayRestart = () => {
    while (restarts[0] !== undefined && restarts[0] < Date.now() - WITHIN_MS) restarts.shift();
    return options.respawn && restarts.length < RESTARTS;
  };
  const onExit = (exit: ProcessExit) => {
    current = undefined;
    if (stopped) return;
    const again = mayRestart();
    options.onExit(exit, again);
    if (again) restarting = restart(exit);
  };
  const restart = async (exit: ProcessExit) => {
    while (!stopped && mayRestart()) {
      const delay = FIRST_DELAY_MS * 2 ** restarts.length;
      restarts.push(Date.now());
      await sleep(Math.min(delay, LONGEST_DELAY_MS));
      if (stopped) return;
      try {
        current = await start(onExit);
        options.onPid();
        return;
      } catch (error) {
        if (!stopped) options.onProblem(error);
      }
    }
    if (!stopped) options.onExit(exit, false);
  };

  let current: RunningServer | undefined = await start(onExit);
  options.onPid();
  return {
    get pid() {
      return current?.pid;
    },
    async stop() {
      stopped = true;
      await restarting;
      await current?.stop();
    },
  };
}
