import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BURSAR = join(import.meta.dirname, '../../bin/bursar');

/** What a command said, and what it ended with. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
  tookMs: number;
}

export interface Started {
  pid: number;
  ended: Promise<Ended>;
  /** Resolves with all that was said so far when the text is in it. */
  says(text: string): Promise<string>;
  signal(name: NodeJS.Signals): void;
}

/**
 * Starts `bin/bursar` in a folder, without a terminal and without the variables that would point it
 * elsewhere.
 */
export function startBursar(folder: string, args: string[], variables: NodeJS.ProcessEnv = {}): Started {
  const startedAt = Date.now();
  const child = spawn(process.execPath, [BURSAR, ...args], {
    cwd: folder,
    env: { ...cleanEnvironment(), ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const waiting: { text: string; tell: (said: string) => void }[] = [];
  const take = () => {
    for (const { text, tell } of waiting) if ((stdout + stderr).includes(text)) tell(stdout + stderr);
  };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    take();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
    take();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr, tookMs: Date.now() - startedAt }));
  });
  return {
    pid: child.pid ?? 0,
    ended,
    signal: (name) => child.kill(name),
    says: (text) =>
      new Promise((tell, reject) => {
        waiting.push({ text, tell });
        take();
        void ended.then((end) =>
          reject(new Error(`it ended without saying ${text}: ${JSON.stringify(end)}`)),
        );
      }),
  };
}

export function runBursar(folder: string, args: string[], variables: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return startBursar(folder, args, variables).ended;
}

/** A folder that goes away after the tests of a file. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bursar-cli-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  const leftOut = /^(BURSAR_|TEMPORAL_ADDRESS|MONGODB_URI|NODE_OPTIONS|FORCE_COLOR|OPENAI_)/;
  const kept = Object.entries(process.env).filter(([name]) => !leftOut.test(name));
  return { ...Object.fromEntries(kept), BURSAR_NO_DOWNLOAD: '1', BURSAR_NO_BUILD: '1' };
}
