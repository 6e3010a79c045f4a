import { createHash, randomBytes } from 'node:crypto';

/** Without look-alikes. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 16;

/** The id of a run that nothing else names. */
export function newRunId(): string {
  return written(randomBytes(LENGTH));
}

/**
 * The same id for the same words of the same organization. Workflows are named after their runs, and more
 * than one Bursar may use a namespace of Temporal, each with a task queue of its own: so that is in the id
 * too.
 */
export function runIdFrom(deps: { taskQueue: string }, org: string, words: string): string {
  return written(
    createHash('sha256')
      .update(JSON.stringify([deps.taskQueue, org, words]))
      .digest(),
  );
}

/** The id of the run that a schedule starts at a time. */
export function scheduledRunId(
  deps: { taskQueue: string },
  org: string,
  schedule: string,
  scheduledAt: Date,
): string {
  return runIdFrom(deps, org, `schedule ${schedule} ${scheduledAt.toISOString()}`);
}

function written(bytes: Buffer): string {
  return Array.from(bytes.subarray(0, LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}
