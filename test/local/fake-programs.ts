import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceEnvironment, serviceEnvironment } from '../../local/environment.ts';
import { identityOf } from '../../local/process-identity.ts';

/** Folders for one test file; `remove` after all. */
export function scratch(): { folder: (name: string) => string; remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'bursar-test-'));
  return {
    folder(name) {
      const path = join(root, name);
      mkdirSync(path, { recursive: true });
      return path;
    },
    remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** Writes a shell script that can be run. @returns its path. */
export function program(file: string, ...lines: string[]): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(file, 0o755);
  return file;
}

export const TEMPORAL_ANSWER = 'echo "temporal version 9.8.7 (Server 6.5.4, UI 3.2.1)"';
export const SECANTUS_ANSWER = 'echo "secantusd-rs 1.2.3"';
export const mongodAnswer = (version: string) => `echo "db version v${version}"`;

/** An environment that finds nothing beyond what the test puts there. */
export function bareEnvironment(path: string, cacheDir: string): ServiceEnvironment {
  return { ...serviceEnvironment({}), path, cacheDir, mayDownload: false, mayBuild: false };
}

/** Waits until the condition holds. @throws Error naming it after the limit. */
export async function until(what: string, condition: () => boolean, limitMs = 5_000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await sleep(20);
  }
}

/** False also for a process that has ended and was not yet waited for. */
export function processExists(pid: number): boolean {
  return identityOf(pid) !== undefined;
}
