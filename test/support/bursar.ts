import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, openAsBlob, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ApiRun } from '../../api/run-schemas.ts';
import { bundleOf } from './bundle-programs.ts';

const ROOT = join(import.meta.dirname, '../..');
const READY_LIMIT_MS = 60_000;

export interface Program {
  process: ChildProcess;
  pid: number;
  /** The line that it printed when it was ready. */
  ready: Record<string, unknown>;
  /** Kills it as a crash would, and waits until it is gone. */
  kill(): Promise<void>;
  /** Ends it as an administrator would. */
  stop(): Promise<void>;
}

/**
 * Starts one of our programs from its sources; it ends when this process does. Its log goes to standard
 * error.
 */
export async function startProgram(
  path: string,
  environment: Record<string, string>,
  args: string[] = [],
  { root = ROOT, logFile }: { root?: string | undefined; logFile?: string | undefined } = {},
): Promise<Program> {
  const child = spawn(process.execPath, [...fileOf(path, root), ...args], {
    cwd: root,
    env: { ...process.env, BURSAR_LOG_LEVEL: 'warn', BURSAR_ENDS_WITH_PARENT: 'true', ...environment },
    stdio: ['pipe', 'pipe', logFile === undefined ? 'inherit' : openSync(logFile, 'a')],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = await firstLine(child, path);
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    child.kill(signal);
    await exited;
  };
  return {
    process: child,
    pid: child.pid ?? 0,
    ready,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

/** The bundle that was made of it, or its source. */
function fileOf(path: string, root: string): string[] {
  const folder = process.env.BURSAR_TEST_PROGRAMS;
  const bundle = folder !== undefined && root === ROOT ? bundleOf(folder, path) : undefined;
  return bundle !== undefined && existsSync(bundle) ? [bundle] : ['--import', 'tsx/esm', path];
}

async function firstLine(child: ChildProcess, path: string): Promise<Record<string, unknown>> {
  if (child.stdout === null) throw new Error('standard output is not read');
  const lines = createInterface({ input: child.stdout });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${path} was not ready in time`)), READY_LIMIT_MS);
    lines.once('line', (line) => {
      clearTimeout(timer);
      resolve(JSON.parse(line) as Record<string, unknown>);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`${path} ended with ${code} before it was ready`));
    });
  });
}

export interface BursarOptions {
  /** Default 1. */
  workers?: number;
  /** Default 1. */
  apis?: number;
  environment?: Record<string, string>;
  temporalAddress?: string;
  mongoUri?: string;
  /** Their logs go into files, to be read. */
  keepLogs?: boolean;
  /** Where its sources lie; default: here. */
  root?: string;
  /** Of a Bursar that has been there before: the same database and queue. */
  name?: string;
}

/** A Bursar of its own on the shared servers: own database, own task queue, own processes. */
export async function startBursar(options: BursarOptions = {}) {
  const name = options.name ?? `t${randomBytes(6).toString('hex')}`;
  const key = `test-key-${randomBytes(12).toString('hex')}`;
  const environment = {
    TEMPORAL_ADDRESS: options.temporalAddress ?? process.env.BURSAR_TEST_TEMPORAL ?? '',
    MONGODB_URI: withDatabase(options.mongoUri ?? process.env.BURSAR_TEST_MONGODB ?? '', name),
    BURSAR_TASK_QUEUE: name,
    BURSAR_ADMIN_KEY: key,
    BURSAR_PORT: '0',
    ...options.environment,
  };
  const logFiles: string[] = [];
  const start = (program: string) => {
    const logFile = options.keepLogs ? join(tmpdir(), `bursar-${name}-${logFiles.length}.log`) : undefined;
    if (logFile !== undefined) logFiles.push(logFile);
    return startProgram(program, environment, [], { root: options.root, logFile });
  };
  const startWorker = () => start('worker/main.ts');
  const startApi = () => start('api/main.ts');
  const [apis, workers] = await Promise.all([
    Promise.all(Array.from({ length: options.apis ?? 1 }, startApi)),
    Promise.all(Array.from({ length: options.workers ?? 1 }, startWorker)),
  ]);
  const clients = apis.map((api) => createClient(String(api.ready.url), key));
  const client = clients[0];
  if (client === undefined) throw new Error('a Bursar without an API has no client');
  return {
    name,
    key,
    environment,
    logFiles,
    apis,
    workers,
    clients,
    client,
    startWorker,
    startApi,
    async stop(): Promise<void> {
      await Promise.all([...apis, ...workers].map((program) => program.kill()));
    },
  };
}

export type Bursar = Awaited<ReturnType<typeof startBursar>>;

function withDatabase(uri: string, database: string): string {
  const url = new URL(uri);
  url.pathname = `/${database}`;
  return url.toString();
}

export interface Answer<T> {
  status: number;
  body: T;
  headers: Headers;
}

/** Speaks HTTP with one API process. */
export function createClient(url: string, key: string) {
  const base = `${url}/api/v1`;
  async function send<T = never>(
    method: string,
    path: string,
    body?: unknown,
    headers = {},
  ): Promise<Answer<T>> {
    const form = body instanceof FormData;
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        'x-api-key': key,
        ...(body === undefined || form ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') && text !== '';
    return {
      status: response.status,
      body: (json && !text.includes('\n') ? JSON.parse(text) : text) as T,
      headers: response.headers,
    };
  }
  async function expectOk<T>(answer: Promise<Answer<T>>): Promise<T> {
    const { status, body } = await answer;
    if (status >= 300) throw new Error(`status ${status}: ${JSON.stringify(body)}`);
    return body;
  }
  return {
    url,
    key,
    send,
    get: <T>(path: string) => expectOk<T>(send<T>('GET', path)),
    post: <T>(path: string, body?: unknown) => expectOk<T>(send<T>('POST', path, body)),
    /** Uploads files by part name. @returns the project. */
    async upload(files: Record<string, string>, texts: Record<string, string> = {}): Promise<{ id: string }> {
      const form = new FormData();
      for (const [part, path] of Object.entries(files))
        form.append(part, await openAsBlob(path), basename(path));
      for (const [part, text] of Object.entries(texts)) form.append(part, text);
      return expectOk(send<{ id: string }>('POST', '/documentation/projects', form));
    },
    async startRun(input: Record<string, unknown>, options: Record<string, unknown> = {}): Promise<ApiRun> {
      return expectOk(send<ApiRun>('POST', '/runs', { kind: 'documentation', input, options }));
    },
    /** Polls a run until it is as wanted. @throws Error with the last state after `limitMs`. */
    async until(
      id: string,
      wanted: (run: ApiRun) => boolean,
      limitMs = 60_000,
      everyMs = 50,
    ): Promise<ApiRun> {
      const deadline = Date.now() + limitMs;
      for (;;) {
        const run = await expectOk(send<ApiRun>('GET', `/runs/${id}`));
        if (wanted(run)) return run;
        if (Date.now() > deadline)
          throw new Error(`after ${limitMs} ms the run is ${run.state}: ${run.message}`);
        await new Promise((resolve) => setTimeout(resolve, everyMs));
      }
    },
    async untilEnded(id: string, limitMs = 60_000, everyMs = 50): Promise<ApiRun> {
      const ended = ['completed', 'completed_with_errors', 'failed', 'cancelled', 'rejected'];
      return this.until(id, (run) => ended.includes(run.state), limitMs, everyMs);
    },
  };
}
