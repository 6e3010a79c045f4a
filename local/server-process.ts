import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../domain/errors.ts';
import { type ProcessExit, spawnGuarded } from './guarded.ts';
import { sizeOf, tailOf } from './server-log.ts';
import { SERVICE_TITLES, type Service } from './server-versions.ts';

/** A server that answers. */
export interface RunningServer {
  pid: number;
  /** SIGTERM, then SIGKILL; resolves when it is gone. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  executable: string;
  port: number;
  /** The server's log; the folder must exist. */
  logFile: string;
  /** See `spawnGuarded`. */
  temporaryFolder?: string;
  /** Called when the server ends by itself after it has answered once. */
  onExit?: (exit: ProcessExit) => void;
  signal?: AbortSignal;
}

interface ServerCommand {
  service: Service;
  arguments: string[];
  /** Working directory. */
  directory: string;
  variables?: Record<string, string>;
  /** Really speaks to the server; throws or rejects when it does not answer as it should. */
  speak: () => Promise<void>;
}

const READY_LIMIT_MS = 30_000;
const RETRY_MS = 50;
const SHOWN_LINES = 12;
/** Servers get no secrets of ours, only what a program needs to run. */
const PASSED_VARIABLES = ['PATH', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ', 'LD_LIBRARY_PATH'];

/**
 * Starts a server under guard and waits until it answers, at most 30 s.
 * @throws AppError `services_unavailable` with the last lines of its log.
 */
export async function startServer(options: ServerOptions, command: ServerCommand): Promise<RunningServer> {
  const title = SERVICE_TITLES[command.service];
  const logStart = sizeOf(options.logFile);
  let exit: ProcessExit | undefined;
  let ready = false;
  const guarded = await spawnGuarded({
    name: title,
    command: options.executable,
    arguments: command.arguments,
    directory: command.directory,
    environment: { ...passedVariables(), ...command.variables },
    output: { logFile: options.logFile },
    ...(options.temporaryFolder === undefined ? {} : { temporaryFolder: options.temporaryFolder }),
    onUnexpectedExit: (how) => {
      exit = how;
      if (ready) options.onExit?.(how);
    },
  }).catch((error: Error) => {
    throw new AppError('services_unavailable', error.message, { cause: error });
  });
  const ended = () => exit;
  try {
    await waitUntilReady(options, command, ended);
    ready = true;
  } catch (error) {
    await guarded.stop();
    options.signal?.throwIfAborted();
    throw notReady(title, options.logFile, logStart, exit, error);
  }
  return {
    pid: guarded.pid,
    async stop() {
      await guarded.stop();
    },
  };
}

/** True when the error of `startServer` is a port that somebody else took in the meantime. */
export function isPortTaken(error: unknown): boolean {
  return error instanceof AppError && /address already in use|EADDRINUSE|port .*in use/i.test(error.message);
}

/** Resolves when something listens on the port of 127.0.0.1, else rejects. */
export function canConnect(port: number, host = '127.0.0.1', limitMs = 1_000): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host, timeout: limitMs });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('timeout', () => {
      socket.destroy();
      reject(new Error(`no answer within ${limitMs} ms`));
    });
    socket.once('error', reject);
  });
}

async function waitUntilReady(
  options: ServerOptions,
  command: ServerCommand,
  ended: () => ProcessExit | undefined,
): Promise<void> {
  const deadline = Date.now() + READY_LIMIT_MS;
  let problem: unknown = new Error('it was not asked');
  while (Date.now() < deadline) {
    options.signal?.throwIfAborted();
    if (ended() !== undefined) throw new Error('it ended at once');
    try {
      await canConnect(options.port);
      await command.speak();
      if (ended() === undefined) return;
    } catch (error) {
      problem = error;
    }
    await sleep(RETRY_MS);
  }
  throw problem;
}

function notReady(
  title: string,
  logFile: string,
  logStart: number,
  exit: ProcessExit | undefined,
  cause: unknown,
): AppError {
  const waited = `did not answer within ${READY_LIMIT_MS / 1_000} s`;
  const how =
    exit === undefined
      ? waited
      : `ended while it started (${exit.code === null ? exit.signal : `code ${exit.code}`})`;
  const tail = tailOf(logFile, SHOWN_LINES, logStart);
  const problem = cause instanceof Error && exit === undefined ? ` (${cause.message})` : '';
  return new AppError('services_unavailable', `${title} ${how}${problem}. The end of ${logFile}:\n${tail}`, {
    cause,
  });
}

function passedVariables(): Record<string, string> {
  const pairs = PASSED_VARIABLES.map((name) => [name, process.env[name]]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}
