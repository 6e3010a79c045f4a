import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../domain/errors.ts';
import { isEnded, type RunState, type WaitReason } from '../domain/run.ts';
import type { Client, Run } from './client/client.ts';
import { readEvents } from './client/events.ts';
import type { Interrupts } from './interrupts.ts';
import type { Output } from './show/output.ts';
import { createRunDisplay } from './show/run-display.ts';

export interface FollowOptions {
  /** A client that survives the first Ctrl-C. */
  client: Client;
  output: Output;
  interrupts: Interrupts;
  /** Stays also while the run waits for somebody's decision. */
  wait: boolean;
  /** What the first Ctrl-C does: end the run, or only the watching. */
  onInterrupt: 'cancel' | 'leave';
}

/** The servers may be restarted meanwhile; beyond this without an answer, watching ends. */
const SILENCE_LIMIT_MS = 90_000;
const RETRY_MS = 1_000;
/** Events may get lost with a connection that nobody notices; the run itself never does. */
const LOOK_EVERY_MS = 5_000;
/** A worker that died is started again within this time. */
const WORKER_PATIENCE_MS = 30_000;

/**
 * Follows a run until it has ended, or waits for what only people can do.
 * @returns the run as last seen
 */
export async function followRun(first: Run, options: FollowOptions): Promise<Run> {
  const { client, output, interrupts } = options;
  const display = createRunDisplay(output);
  const watching = new AbortController();
  let latest = first;
  const done = new Promise<void>((resolve) => {
    if (isSettled(first, options)) resolve();
    watching.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const take = (run: Run) => {
    latest = run;
    display.show(run);
    if (isSettled(run, options)) watching.abort();
  };
  const leave = () => watching.abort();
  const interrupt = () => {
    if (options.onInterrupt === 'leave') return leave();
    display.note('Cancelling the run; Ctrl-C again leaves at once.');
    client.cancelRun(first.id).then(take, (error: unknown) => {
      // It may have ended in the meantime, which is as good.
      display.note(error instanceof Error ? error.message : String(error));
    });
  };
  interrupts.first.addEventListener('abort', interrupt, { once: true });
  interrupts.second.addEventListener('abort', leave, { once: true });
  try {
    display.show(first);
    if (interrupts.first.aborted) interrupt();
    const reading = Promise.all([
      readStream(first.id, client, take, watching.signal),
      look(first.id, client, take, watching.signal),
    ]);
    await Promise.race([done, reading]).finally(() => watching.abort());
    // Nobody may be left to draw over what comes next.
    await reading.catch(() => {});
  } finally {
    interrupts.first.removeEventListener('abort', interrupt);
    interrupts.second.removeEventListener('abort', leave);
    display.close(latest);
  }
  return latest;
}

/** Whether there is nothing more to see without somebody doing something. */
function isSettled(run: Run, { wait }: FollowOptions): boolean {
  const state = run.state as RunState;
  if (isEnded(state)) return true;
  if (state !== 'waiting' || wait) return false;
  const since = Date.now() - Date.parse(run.waitingSince ?? run.createdAt);
  if (run.waitReason === 'worker_missing') return since > WORKER_PATIENCE_MS;
  return NEEDS_SOMEBODY.has(run.waitReason ?? 'failing');
}

const NEEDS_SOMEBODY: ReadonlySet<WaitReason> = new Set(['approval', 'budget', 'circuit_open', 'failing']);

/** Takes each event as it comes; connects again where the stream broke, from the event that was last seen. */
async function readStream(
  id: string,
  client: Client,
  take: (run: Run) => void,
  signal: AbortSignal,
): Promise<void> {
  let lastEventId: string | undefined;
  while (!signal.aborted) {
    try {
      for await (const event of readEvents(await client.runEvents(id, lastEventId, signal))) {
        lastEventId = event.id ?? lastEventId;
        if (event.event !== 'state' && event.event !== 'ping') take(JSON.parse(event.data) as Run);
        if (signal.aborted) return;
      }
    } catch {
      // The looks from time to time decide whether the API is gone for good.
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

/**
 * Reads the run itself now and then: what holds when events got lost, and finds out when nobody answers any
 * more.
 */
async function look(
  id: string,
  client: Client,
  take: (run: Run) => void,
  signal: AbortSignal,
): Promise<void> {
  let silentSince: number | undefined;
  while (!signal.aborted) {
    await sleep(silentSince === undefined ? LOOK_EVERY_MS : RETRY_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    try {
      const run = await client.run(id);
      silentSince = undefined;
      if (!signal.aborted) take(run);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'services_unavailable') throw error;
      silentSince ??= Date.now();
      if (Date.now() - silentSince > SILENCE_LIMIT_MS) throw error;
    }
  }
}
