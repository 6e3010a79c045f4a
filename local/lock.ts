import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, isAlive, type ProcessIdentity } from './process-identity.ts';

/** What stands in a lock file. */
export interface LockHolder {
  owner: ProcessIdentity;
  /** ISO time at which the lock was taken. */
  since: string;
  token: string;
  /** Processes that the owner started and that must not outlive it. */
  children: ProcessIdentity[];
}

interface FileLock {
  /** Replaces the list of the owner's processes. */
  recordChildren(pids: number[]): void;
  /** Gives the lock up; does nothing when another process has taken it over meanwhile. */
  release(): void;
}

type LockAttempt =
  | { taken: true; lock: FileLock; previous?: LockHolder }
  | { taken: false; holder: LockHolder };

const TAKE_OVER_ATTEMPTS = 20;
const WAIT_STEP_MS = 200;

/**
 * Takes the lock if it is free or its owner is dead (then `previous` is the dead one). The file appears
 * whole, by a hard link, so that nobody ever reads half a lock.
 */
export function tryLock(file: string): LockAttempt {
  mkdirSync(dirname(file), { recursive: true });
  const mine = newHolder();
  let previous: LockHolder | undefined;
  for (let attempt = 0; attempt < TAKE_OVER_ATTEMPTS; attempt += 1) {
    if (createWhole(file, mine)) {
      return { taken: true, lock: fileLock(file, mine), ...(previous === undefined ? {} : { previous }) };
    }
    const holder = readHolder(file);
    if (holder !== undefined && isAlive(holder.owner)) return { taken: false, holder };
    previous = removeStale(file, holder) ? (holder ?? previous) : previous;
  }
  throw new Error(`The lock ${file} could not be taken in ${TAKE_OVER_ATTEMPTS} attempts.`);
}

/**
 * Waits until the lock is ours. `onWait` is told once who holds it.
 * @throws the signal's reason when it is aborted.
 */
export async function waitForLock(
  file: string,
  options: { onWait?: (holder: LockHolder) => void; signal?: AbortSignal } = {},
): Promise<FileLock> {
  let told = false;
  // Bounded by the life of the holder: a dead one is taken over, and a holder bounds its own work.
  while (true) {
    options.signal?.throwIfAborted();
    const attempt = tryLock(file);
    if (attempt.taken) return attempt.lock;
    if (!told) options.onWait?.(attempt.holder);
    told = true;
    await sleep(WAIT_STEP_MS, undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
}

/** Who holds the lock and lives; undefined when it is free, stale or unreadable. */
export function lockHolder(file: string): LockHolder | undefined {
  const holder = readHolder(file);
  return holder !== undefined && isAlive(holder.owner) ? holder : undefined;
}

function newHolder(): LockHolder {
  const owner = identityOf(process.pid) ?? { pid: process.pid, startedAt: 'unknown' };
  return { owner, since: new Date().toISOString(), token: randomUUID(), children: [] };
}

function createWhole(file: string, holder: LockHolder): boolean {
  const draft = `${file}.${holder.token}`;
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o644 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}

function readHolder(file: string): LockHolder | undefined {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as LockHolder;
    return typeof value.owner?.pid === 'number' && Array.isArray(value.children) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Moves a dead owner's file away. Two may try it at once, so what was moved is compared and put back if it
 * is new.
 */
function removeStale(file: string, seen: LockHolder | undefined): boolean {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch {
    return false;
  }
  const stale = readHolder(aside)?.token === seen?.token;
  try {
    if (!stale) linkSync(aside, file);
  } catch {
    // A third process was quicker; the one that was moved away has lost the lock.
  }
  rmSync(aside, { force: true });
  return stale;
}

function fileLock(file: string, mine: LockHolder): FileLock {
  const isOurs = () => readHolder(file)?.token === mine.token;
  return {
    recordChildren(pids) {
      if (!isOurs()) return;
      const children = pids.map(identityOf).filter((child) => child !== undefined);
      const draft = `${file}.${randomUUID()}`;
      writeFileSync(draft, JSON.stringify({ ...mine, children }));
      renameSync(draft, file);
    },
    release() {
      if (isOurs()) rmSync(file, { force: true });
    },
  };
}
