import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** How a process ended: its code, or the signal that killed it. */
export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface GuardedOptions {
  /** For people: shown in the process list and in errors. */
  name: string;
  command: string;
  arguments: string[];
  /** Working directory; default: this process's own. */
  directory?: string;
  /** The whole environment of the process; default: this process's own. */
  environment?: NodeJS.ProcessEnv;
  /**
   * Where stdout and stderr go: a file (set aside as `.1` at `maximumBytes`, default 5 MiB), or line by
   * line.
   */
  output: { logFile: string; maximumBytes?: number } | { onLine: (line: string) => void };
  /** Between SIGTERM and SIGKILL in `stop()`; default 5,000. */
  stopGraceMs?: number;
  /** The same when this process has died; default 1,500. */
  orphanGraceMs?: number;
  /**
   * A folder that is removed when this process dies without `stop()`, after the last guarded process that
   * names it.
   */
  temporaryFolder?: string;
  /** Called when the process ends without `stop()`. */
  onUnexpectedExit?: (exit: ProcessExit) => void;
}

export interface GuardedProcess {
  /** The process's own id, not the guard's. */
  pid: number;
  exited: Promise<ProcessExit>;
  /**
   * SIGTERM, then SIGKILL after the grace; resolves when the process is gone. May be called more than once.
   */
  stop(): Promise<ProcessExit>;
}

const GUARD = fileURLToPath(new URL('./guard.js', import.meta.url));
const LOG_BYTES = 5 * 1024 * 1024;
const STOP_GRACE_MS = 5_000;
const ORPHAN_GRACE_MS = 1_500;
const LAST_OUTPUT_MS = 500;

/**
 * Starts a process that cannot outlive this one, whatever happens to it, in a process group of its own, so
 * that Ctrl-C in a terminal reaches only this process. Environment and arguments travel over a private
 * channel.
 * @throws Error when the program cannot be started at all.
 */
export async function spawnGuarded(options: GuardedOptions): Promise<GuardedProcess> {
  const log = 'logFile' in options.output ? options.output : undefined;
  const output = log === undefined ? 'pipe' : 'ignore';
  const guard = spawn(process.execPath, [GUARD], {
    detached: true,
    env: {},
    stdio: ['ignore', output, output, 'ipc'],
  });
  if ('onLine' in options.output) readLines(guard, options.output.onLine);
  const life = watch(guard);
  guard.send({
    type: 'start',
    name: options.name,
    command: options.command,
    arguments: options.arguments,
    directory: options.directory,
    environment: options.environment ?? process.env,
    logFile: log?.logFile,
    logBytes: log?.maximumBytes ?? LOG_BYTES,
    orphanGraceMs: options.orphanGraceMs ?? ORPHAN_GRACE_MS,
    temporaryFolder: options.temporaryFolder,
  });
  const pid = await life.started.catch((error: Error) => {
    throw new Error(`${options.name} could not be started: ${error.message}`, { cause: error });
  });
  return guardedProcess(guard, pid, life.exited, options);
}

function guardedProcess(
  guard: ChildProcess,
  pid: number,
  exited: Promise<ProcessExit>,
  options: GuardedOptions,
): GuardedProcess {
  let stopping = false;
  void exited.then((exit) => {
    if (!stopping) options.onUnexpectedExit?.(exit);
  });
  return {
    pid,
    exited,
    stop() {
      if (!stopping && guard.connected) {
        guard.send({ type: 'stop', graceMs: options.stopGraceMs ?? STOP_GRACE_MS }, () => {});
      }
      stopping = true;
      return exited;
    },
  };
}

type GuardMessage =
  | { type: 'started'; pid: number }
  | { type: 'failed'; message: string }
  | { type: 'exited'; code: number | null; signal: NodeJS.Signals | null };

interface Life {
  started: Promise<number>;
  exited: Promise<ProcessExit>;
}

function watch(guard: ChildProcess): Life {
  let pid: number | undefined;
  // A guard that was killed says nothing, so this is what is known then.
  let exit: ProcessExit = { code: null, signal: 'SIGKILL' };
  const started = new Promise<number>((resolve, reject) => {
    guard.on('message', (message: GuardMessage) => {
      if (message.type === 'failed') reject(new Error(message.message));
      if (message.type === 'exited') exit = { code: message.code, signal: message.signal };
      if (message.type === 'started') {
        pid = message.pid;
        resolve(message.pid);
      }
    });
    guard.on('error', reject);
    guard.on('exit', () => reject(new Error('its guard ended before it started')));
  });
  const exited = new Promise<ProcessExit>((resolve) => {
    const end = () => resolve(exit);
    guard.on('close', end);
    guard.on('exit', () => {
      // After a killed guard, what it guarded must not live on unseen.
      if (pid !== undefined) killGroup(pid);
      setTimeout(end, LAST_OUTPUT_MS).unref();
    });
  });
  return { started, exited };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The usual case: the group is gone already.
  }
}

function readLines(guard: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [guard.stdout, guard.stderr]) {
    if (stream !== null) splitLines(stream, onLine);
  }
}

/** Lines end at a line feed or, as in progress bars, at a carriage return. */
function splitLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
