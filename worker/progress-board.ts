import { setTimeout as sleep } from 'node:timers/promises';
import type { CountProgress } from '../activities/index.ts';
import type { CounterDelta } from '../store/runs.ts';

/**
 * A run's document is large, so writes to it keep this distance; it bounds what a quick item waits longer.
 */
const APART_MS = 60;

interface Waiting {
  org: string;
  delta: Record<string, number>;
  done: Promise<void>;
}

/**
 * Adds up what the items of a run report while a write is under way, and stores the sum with the next: one
 * write for many items instead of a queue of writes for one document. A report resolves once it is stored, so
 * that nothing is under way any more when a page has ended.
 */
export function createProgressBoard(
  addCounters: (org: string, runId: string, delta: CounterDelta, at: Date) => Promise<void>,
): CountProgress {
  const waiting = new Map<string, Waiting>();
  const writing = new Map<string, Promise<void>>();
  const wroteAt = new Map<string, number>();

  async function writeNext(runId: string): Promise<void> {
    await writing.get(runId)?.catch(() => {});
    const restMs = (wroteAt.get(runId) ?? 0) + APART_MS - performance.now();
    if (restMs > 0) await sleep(restMs);
    else wroteAt.delete(runId);
    const next = waiting.get(runId);
    if (next === undefined) return;
    waiting.delete(runId);
    wroteAt.set(runId, performance.now());
    const write = addCounters(next.org, runId, next.delta, new Date());
    writing.set(runId, write);
    try {
      await write;
    } finally {
      if (writing.get(runId) === write) writing.delete(runId);
    }
  }

  return ({ org, runId }, delta) => {
    const known = waiting.get(runId);
    if (known !== undefined) {
      for (const [name, value] of Object.entries(delta)) known.delta[name] = (known.delta[name] ?? 0) + value;
      return known.done;
    }
    const entry: Waiting = { org, delta: { ...delta }, done: Promise.resolve() };
    waiting.set(runId, entry);
    entry.done = writeNext(runId);
    return entry.done;
  };
}
