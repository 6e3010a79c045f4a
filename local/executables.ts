import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Engine, OLDEST_MONGOD_MAJOR } from './server-versions.ts';

/** A program that answered to `--version`, or why it cannot be used. */
type Probe = { version: string } | { problem: string };

const PROBE_LIMIT_MS = 20_000;

const VERSION_LINES: Record<Engine, RegExp> = {
  temporal: /^temporal version (\S+ \(Server [^,)]+)/m,
  mongod: /^db version v(\d+\.\d+\.\d+)/m,
  'secantusd-rs': /^secantusd-rs (\S+)/m,
};

/** The first executable file of this name in the folders of `path`. */
export function findOnPath(path: string, name: string): string | undefined {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Asks a server program for its version: proves that the file is whole and runs on this machine. */
export async function probeServer(engine: Engine, file: string): Promise<Probe> {
  const answer = await probeCommand(file, ['--version'], VERSION_LINES[engine]);
  if ('problem' in answer) return answer;
  if (engine === 'mongod' && Number.parseInt(answer.version, 10) < OLDEST_MONGOD_MAJOR) {
    return { problem: `${file} is MongoDB ${answer.version}; ${OLDEST_MONGOD_MAJOR}.0 or newer is needed` };
  }
  return { version: engine === 'temporal' ? temporalVersion(answer.version) : answer.version };
}

/** A program that `go install` built does not know its own version, only the server's in it. */
function temporalVersion(answer: string): string {
  const [cli, server] = answer.split(' (Server ');
  return cli === '0.0.0-DEV' ? `server ${server}` : `${cli} (server ${server})`;
}

/** Runs a program for at most 20 s and finds its version in what it prints. */
export function probeCommand(file: string, args: string[], pattern: RegExp): Promise<Probe> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: PROBE_LIMIT_MS, killSignal: 'SIGKILL' }, (error, stdout) => {
      const version = pattern.exec(stdout)?.[1];
      if (version !== undefined && error === null) return resolve({ version });
      const why = error === null ? 'its answer is not understood' : firstLine(error);
      resolve({ problem: `${file} ${args.join(' ')} does not work: ${why}` });
    });
  });
}

function firstLine(error: Error & { code?: unknown; signal?: unknown }): string {
  if (error.signal === 'SIGKILL') return 'no answer within 20 s';
  return typeof error.code === 'number' ? `exit code ${error.code}` : (error.message.split('\n')[0] ?? '');
}
