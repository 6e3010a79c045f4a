import { Context } from '@temporalio/activity';

/** Under a third of the shortest heartbeat time-out. */
const EVERY_MS = 4_000;

/**
 * Tells Temporal while the work goes on that this process lives, so that a dead one is noticed within
 * seconds.
 */
export async function heartbeating<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
