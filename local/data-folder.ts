import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../domain/errors.ts';
import { type LockHolder, lockHolder, tryLock } from './lock.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';
import { ENGINES, type Engine } from './server-versions.ts';

/** The folder of one instance, held by this process until `close`. */
export interface DataFolder {
  path: string;
  /** Set when the folder goes away with this process. */
  temporaryFolder?: string;
  /** Writes down whose files `mongodb/` holds: the two servers cannot read each other's. */
  recordMongoEngine(engine: Engine): void;
  /** Writes down the servers that must not outlive this process. */
  recordChildren(pids: number[]): void;
  /** Gives the folder free, and removes it when it is temporary. */
  close(): void;
}

const LOCK = 'bursar.lock';
const ENGINE = 'mongodb.engine';
/** Servers of a process that crashed are ended by their guards within 2 s. */
const LEFTOVER_LIMIT_MS = 3_000;
const LEFTOVER_STEP_MS = 50;

/**
 * Opens the folder, or a new temporary one. A lock of a process that has died is taken over, and servers
 * that it left behind are ended first.
 * @throws AppError `conflict` naming the process that uses the folder, `services_unavailable` when it cannot
 * be written.
 */
export async function openDataFolder(dataDir: string, ephemeral: boolean): Promise<DataFolder> {
  const path = ephemeral ? mkdtempSync(join(tmpdir(), 'bursar-')) : dataDir;
  const attempt = lockFolder(path);
  if (!attempt.taken) throw inUse(path, attempt.holder);
  const { lock, previous } = attempt;
  await Promise.all((previous?.children ?? []).map(endLeftover));
  return {
    path,
    ...(ephemeral ? { temporaryFolder: path } : {}),
    recordMongoEngine: (engine) => writeFileSync(join(path, ENGINE), `${engine}\n`),
    recordChildren: (pids) => lock.recordChildren(pids),
    close() {
      lock.release();
      if (ephemeral) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** The program that wrote the folder's MongoDB data; undefined when there is none yet. */
export function mongoEngineOf(folder: string): Engine | undefined {
  try {
    const text = readFileSync(join(folder, ENGINE), 'utf8').trim();
    return ENGINES.mongodb.find((engine) => engine === text);
  } catch {
    return undefined;
  }
}

/** The live process that uses the folder. */
export function folderUser(folder: string): LockHolder | undefined {
  return lockHolder(join(folder, LOCK));
}

function lockFolder(path: string): ReturnType<typeof tryLock> {
  try {
    mkdirSync(path, { recursive: true });
    return tryLock(join(path, LOCK));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('services_unavailable', `The data folder ${path} cannot be used: ${why}`, { cause });
  }
}

function inUse(path: string, { owner, since }: LockHolder): AppError {
  const message =
    `${path} is in use by process ${owner.pid} since ${since}. ` +
    'Stop that one, or use another data folder or --ephemeral.';
  return new AppError('conflict', message, { details: [{ field: path, problem: `in use by ${owner.pid}` }] });
}

async function endLeftover(server: ProcessIdentity): Promise<void> {
  const deadline = Date.now() + LEFTOVER_LIMIT_MS;
  while (isAlive(server) && Date.now() < deadline) await sleep(LEFTOVER_STEP_MS);
  if (!isAlive(server)) return;
  try {
    process.kill(server.pid, 'SIGKILL');
  } catch {
    // It ended by itself at the last moment.
  }
  while (isAlive(server) && Date.now() < deadline + LEFTOVER_LIMIT_MS) await sleep(LEFTOVER_STEP_MS);
}
