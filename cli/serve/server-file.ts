import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, isAlive } from '../../local/process-identity.ts';

/** Who serves in a data folder: other commands in the same folder find it here. */
export interface ServerRecord {
  pid: number;
  /** Tells a process from a later one with the same id. */
  processStartedAt: string;
  /** The command that runs it, e.g. `up`; services of another command end with it. */
  command: string;
  apiUrl: string;
  temporalUrl?: string;
  keyFile: string;
  since: string;
}

const FILE = 'server.json';

/** @returns the record of a process that lives; a record of one that died counts as none. */
export function readServerRecord(dataFolder: string): ServerRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(join(dataFolder, FILE), 'utf8')) as ServerRecord;
    if (typeof record.pid !== 'number' || typeof record.apiUrl !== 'string') return undefined;
    return isAlive({ pid: record.pid, startedAt: record.processStartedAt }) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the record of this process, whole or not at all, readable by its owner only. */
export function writeServerRecord(
  dataFolder: string,
  record: Omit<ServerRecord, 'pid' | 'processStartedAt' | 'since'>,
): { remove(): void } {
  mkdirSync(dataFolder, { recursive: true });
  const path = join(dataFolder, FILE);
  const draft = `${path}.${process.pid}`;
  const whole: ServerRecord = {
    pid: process.pid,
    processStartedAt: identityOf(process.pid)?.startedAt ?? 'unknown',
    since: new Date().toISOString(),
    ...record,
  };
  writeFileSync(draft, `${JSON.stringify(whole)}\n`, { mode: 0o600 });
  renameSync(draft, path);
  return {
    remove() {
      if (readServerRecord(dataFolder)?.pid === process.pid) rmSync(path, { force: true });
    },
  };
}

export function readKeyFile(path: string): string | undefined {
  try {
    const key = readFileSync(path, 'utf8').trim();
    return key === '' ? undefined : key;
  } catch {
    return undefined;
  }
}
