import { existsSync, mkdirSync, statfsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ServiceEnvironment } from './environment.ts';
import { findOnPath } from './executables.ts';
import { spawnGuarded } from './guarded.ts';
import { type Report, spokenSeconds, steadyReport } from './progress.ts';
import { type Engine, MONGODB_CRATE, type Service, TEMPORAL_MODULE, VERSIONS } from './server-versions.ts';

/** Something that makes a server program in an empty folder. */
export interface Making {
  folder: string;
  environment: ServiceEnvironment;
  report: Report;
  signal?: AbortSignal;
}

interface Recipe {
  service: Service;
  engine: Engine;
  /** Programs that must be on PATH; the first one is run. */
  tools: string[];
  arguments: (folder: string) => string[];
  variables: (folder: string) => Record<string, string>;
  /** The program that comes out, relative to the folder. */
  product: string;
  /** Free disk space without which the build is not begun. */
  diskBytes: number;
  /** What the latest line of output means. */
  read: (line: string, seen: BuildCount) => void;
}

interface BuildCount {
  text: string;
  done: number;
  fraction?: number;
}

const LIMIT_MS = 45 * 60_000;
const HEARTBEAT_MS = 5_000;
const KEPT_LINES = 15;
const GIB = 1024 ** 3;

const BUILD_RECIPES: Record<Service, Recipe> = {
  temporal: {
    service: 'temporal',
    engine: 'temporal',
    tools: ['go'],
    arguments: () => ['install', '-v', `${TEMPORAL_MODULE}@v${VERSIONS.temporal}`],
    variables: (folder) => ({ GOBIN: join(folder, 'bin'), GOTMPDIR: madeFolder(folder, 'work') }),
    product: 'bin/temporal',
    diskBytes: 3 * GIB,
    read: readGoLine,
  },
  mongodb: {
    service: 'mongodb',
    engine: 'secantusd-rs',
    // WiredTiger is C and is configured by cmake.
    tools: ['cargo', 'cmake', 'cc'],
    arguments: (folder) => [
      ...['install', MONGODB_CRATE, '--version', VERSIONS['secantusd-rs'], '--locked'],
      ...['--ignore-rust-version', '--root', join(folder, 'made')],
    ],
    variables: (folder) => ({
      CARGO_TARGET_DIR: madeFolder(folder, 'work'),
      CARGO_TERM_COLOR: 'never',
      CARGO_TERM_PROGRESS_WHEN: 'always',
      CARGO_TERM_PROGRESS_WIDTH: '120',
    }),
    product: 'made/bin/secantusd-rs',
    diskBytes: 2 * GIB,
    read: readCargoLine,
  },
};

/** The command line of the build, for people. */
export function buildCommand(service: Service): string {
  const { tools, arguments: args } = BUILD_RECIPES[service];
  return [tools[0], ...args('DIR').filter((part) => part !== '-v')].join(' ').replace(/ --root \S+$/, '');
}

/** Why the build cannot even begin; undefined when it can. */
export function buildObstacle(service: Service, environment: ServiceEnvironment): string | undefined {
  if (!environment.mayBuild) return 'switched off by BURSAR_NO_BUILD';
  const { tools, diskBytes } = BUILD_RECIPES[service];
  const missing = tools.filter((tool) => findOnPath(environment.path, tool) === undefined);
  if (missing.length > 0) return `not on PATH: ${missing.join(', ')}`;
  const free = freeBytes(environment.cacheDir);
  if (free >= diskBytes) return undefined;
  return `${environment.cacheDir} has ${(free / GIB).toFixed(1)} GiB free; ${diskBytes / GIB} GiB are needed`;
}

/** Of the disk on which the folder is or would be made. */
export function freeBytes(folder: string): number {
  if (!existsSync(folder)) return freeBytes(dirname(resolve(folder)));
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/**
 * Builds the program from its language's registry, in `making.folder`.
 * @returns the path of the program.
 * @throws Error with the last lines of the output.
 */
export async function build(service: Service, making: Making): Promise<string> {
  const recipe = BUILD_RECIPES[service];
  const [tool = ''] = recipe.tools;
  const executable = findOnPath(making.environment.path, tool) ?? tool;
  const count: BuildCount = { text: 'reading the index', done: 0 };
  const say = steadyReport(service, making.report);
  const speak = () => say(`building with ${tool}: ${count.text}`, count.fraction);
  const lines: string[] = [];
  const startedAt = Date.now();
  const builder = await spawnGuarded({
    name: `the build of ${recipe.engine}`,
    command: executable,
    arguments: recipe.arguments(making.folder),
    directory: making.folder,
    environment: { ...process.env, PATH: making.environment.path, ...recipe.variables(making.folder) },
    output: {
      onLine(line) {
        recipe.read(line, count);
        if (line.trim() !== '' && !PROGRESS_BAR.test(line)) lines.push(line);
        if (lines.length > KEPT_LINES) lines.shift();
        speak();
      },
    },
  });
  const heartbeat = setInterval(speak, HEARTBEAT_MS);
  const limit = setTimeout(() => void builder.stop(), LIMIT_MS);
  const onAbort = () => void builder.stop();
  making.signal?.addEventListener('abort', onAbort);
  const exit = await builder.exited;
  clearInterval(heartbeat);
  clearTimeout(limit);
  making.signal?.removeEventListener('abort', onAbort);
  making.signal?.throwIfAborted();
  if (exit.code !== 0) throw new Error(failure(tool, exit, Date.now() - startedAt, lines));
  return join(making.folder, recipe.product);
}

function failure(
  tool: string,
  exit: { code: number | null; signal: string | null },
  milliseconds: number,
  lines: string[],
): string {
  const how = exit.code === null ? `was ended by ${exit.signal}` : `ended with code ${exit.code}`;
  return `${tool} ${how} after ${spokenSeconds(milliseconds)}:\n${lines.join('\n')}`;
}

function madeFolder(folder: string, name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return path;
}

/** `go install -v` names each package when it compiles it; how many there are is not known beforehand. */
function readGoLine(line: string, count: BuildCount): void {
  if (line.startsWith('go: downloading')) {
    count.text = `downloading ${line.split(' ')[2] ?? ''}`;
  } else if (/^[\w.-]+(\/[\w.~-]+)*$/.test(line)) {
    count.done += 1;
    count.text = `${count.done} packages compiled`;
  }
}

const PROGRESS_BAR = /^\s*Building \[[=> ]*\] (\d+)\/(\d+)(?:: ([\w.-]+))?/;

function readCargoLine(line: string, count: BuildCount): void {
  const bar = PROGRESS_BAR.exec(line);
  if (bar !== null) {
    const [done, all] = [Number(bar[1]), Number(bar[2])];
    count.text = `${done} of ${all} parts compiled${bar[3] === undefined ? '' : `, now ${bar[3]}`}`;
    count.fraction = done / all;
  } else if (/^\s*Download(ing|ed) /.test(line)) {
    count.text = line.trim().toLowerCase();
  }
}
