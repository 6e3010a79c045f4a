import { AppError } from '../../domain/errors.ts';
import { type ProcessExit, spawnGuarded } from '../../local/guarded.ts';
import { keepRunning } from '../../local/keep-running.ts';
import { createLogFile } from './log-file.ts';
import { programArguments } from './place.ts';

export interface ProgramOptions {
  program: 'api' | 'worker';
  /** For people and for the log's file name, e.g. `worker-2`. */
  name: string;
  environment: NodeJS.ProcessEnv;
  logFolder: string;
  temporaryFolder?: string;
  /** Ends a start that is under way. */
  signal: AbortSignal;
  /** It died, and is started again or not. */
  onExit: (exit: ProcessExit, restarting: boolean) => void;
  /** It answers again after it died. */
  onBack: () => void;
  /** Fills in what a restart must keep, e.g. the port. */
  onReady?: (ready: ReadyLine, environment: NodeJS.ProcessEnv) => void;
}

/** What a program says when it is ready. */
interface ReadyLine {
  ready: true;
  url?: string;
  adminKey?: string;
  adminInvitation?: string;
}

export interface KeptProgram {
  readonly pid: number | undefined;
  /** What it said at its first start. */
  ready: ReadyLine;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 60_000;
/** A worker lets calls in flight end for 5 s and gives up after 15. */
const STOP_GRACE_MS = 17_000;
const KEPT_LINES = 200;
const SHOWN_LINES = 8;

/**
 * Starts the API or a worker, waits until it is ready, and starts it again when it dies: at most 5 times a
 * minute.
 * @throws AppError `services_unavailable` with its last log lines when it does not get ready.
 */
export async function startProgram(options: ProgramOptions): Promise<KeptProgram> {
  const environment = { ...options.environment };
  const stopping = new AbortController();
  let first: ReadyLine | undefined;
  const kept = await keepRunning(
    async (onExit) => {
      // What ends the first start must not end a later restart.
      const signal =
        first === undefined ? AbortSignal.any([options.signal, stopping.signal]) : stopping.signal;
      const started = await startOnce(options, environment, onExit, signal);
      options.onReady?.(started.ready, environment);
      if (first !== undefined) options.onBack();
      first ??= started.ready;
      return started;
    },
    { respawn: true, onExit: options.onExit, onPid: () => {}, onProblem: () => {} },
  );
  return {
    get pid() {
      return kept.pid;
    },
    ready: first ?? { ready: true },
    stop() {
      stopping.abort(new Error('it is being stopped'));
      return kept.stop();
    },
  };
}

async function startOnce(
  options: ProgramOptions,
  environment: NodeJS.ProcessEnv,
  onExit: (exit: ProcessExit) => void,
  signal: AbortSignal,
) {
  const log = createLogFile(options.logFolder, options.name);
  const lines: string[] = [];
  let isReady = false;
  let tellReady: (line: ReadyLine) => void = () => {};
  const ready = new Promise<ReadyLine>((resolve) => {
    tellReady = resolve;
  });
  const guarded = await spawnGuarded({
    name: options.name,
    command: process.execPath,
    arguments: programArguments(options.program),
    environment,
    stopGraceMs: STOP_GRACE_MS,
    ...(options.temporaryFolder === undefined ? {} : { temporaryFolder: options.temporaryFolder }),
    output: {
      onLine: (line) => {
        const said = isReady ? undefined : readyLine(line);
        if (said !== undefined) return tellReady(said);
        log.write(line);
        lines.push(line);
        if (lines.length > KEPT_LINES) lines.shift();
      },
    },
    onUnexpectedExit: (exit) => {
      if (isReady) onExit(exit);
    },
  });
  const stop = async () => {
    await guarded.stop();
    log.close();
  };
  const ended = guarded.exited.then((exit) => {
    const how = exit.code === null ? `was ended by ${exit.signal}` : `ended with code ${exit.code}`;
    throw notReady(options.name, how, lines, log.path);
  });
  try {
    const said = await Promise.race([ready, ended, tooLate(options.name, lines, log.path), abortOf(signal)]);
    isReady = true;
    ended.catch(() => log.close());
    return { pid: guarded.pid, ready: said, stop };
  } catch (error) {
    ended.catch(() => {});
    await stop();
    throw error;
  }
}

function readyLine(line: string): ReadyLine | undefined {
  if (!line.startsWith('{"ready":true')) return undefined;
  return JSON.parse(line) as ReadyLine;
}

async function tooLate(name: string, lines: string[], logFile: string): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, START_LIMIT_MS).unref());
  throw notReady(name, `did not get ready within ${START_LIMIT_MS / 1000} s`, lines, logFile);
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function notReady(name: string, how: string, lines: string[], logFile: string): AppError {
  const last = lines.slice(-SHOWN_LINES).map(messageOf);
  // A program that cannot start says it in its log and, for people, once more.
  const news = last.filter((line, index) => !last.some((other, at) => at !== index && other.includes(line)));
  const message = `the ${name} ${how}. The end of its log (${logFile}):\n  ${news.join('\n  ')}`;
  return new AppError('services_unavailable', message);
}

/** The message of a JSON log line, or the line as it is. */
function messageOf(line: string): string {
  try {
    const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } };
    return [msg, err?.message].filter((part) => part !== undefined).join(': ') || line;
  } catch {
    return line;
  }
}
