import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, mongo } from 'mongoose';

const ATTEMPTS = 200;
/** What a transaction takes, by those of this process so far. At most that long: some read a great deal. */
const MAX_TYPICAL_MS = 20;
let typicalMs = 5;

/** Thrown inside of a transaction to leave without a trace; `transact` returns its value. */
export class Leave<T> extends Error {
  readonly value: T;
  constructor(value: T) {
    super('left the transaction');
    this.value = value;
  }
}

/**
 * Carries out `work` in one transaction, and again soon where another one was in the way. The driver's own
 * retries wait up to a second, which racers for one budget would all pay for; without any wait they would
 * only be in each other's way. So they wait a random part of what a few transactions take, the shorter the
 * longer they have tried. The work may run many times, so it must do nothing outside of the session. It may
 * throw `Leave` for an expected no.
 * @throws what the work throws; the conflict itself after 200 attempts.
 */
export async function transact<T>(
  connection: Connection,
  work: (session: mongo.ClientSession) => Promise<T>,
): Promise<T> {
  const session = connection.getClient().startSession();
  try {
    for (let attempt = 1; ; attempt += 1) {
      const startedAt = performance.now();
      try {
        session.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: SYNCED });
        const value = await work(session);
        await session.commitTransaction();
        learn(performance.now() - startedAt);
        return value;
      } catch (error) {
        if (session.inTransaction()) await session.abortTransaction().catch(() => {});
        if (error instanceof Leave) return error.value as T;
        if (!mayRepeat(error) || attempt >= ATTEMPTS) throw error;
        await sleep(Math.random() * typicalMs * Math.max(1, MOST_BEFORE - attempt));
      }
    }
  } finally {
    await session.endSession();
  }
}

/** How many others may be before one that has just come. */
const MOST_BEFORE = 8;

function learn(tookMs: number): void {
  typicalMs += (Math.min(tookMs, MAX_TYPICAL_MS) - typicalMs) / 8;
}

const SYNCED = { w: 'majority', journal: true } as const;

/**
 * A conflict left nothing behind. A commit of unknown outcome may have: whoever repeats the work under the
 * same ids finds it, so those are not repeated here.
 */
function mayRepeat(error: unknown): boolean {
  const labels = (error as { errorLabels?: unknown } | null)?.errorLabels;
  return Array.isArray(labels) && labels.includes('TransientTransactionError');
}

/** Lets calls go one after another for each key, in the order in which they came. */
export function createQueue() {
  const last = new Map<string, Promise<unknown>>();
  return async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}
