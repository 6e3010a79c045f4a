import { existsSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, invalidInput } from '../domain/errors.ts';
import { folderUser } from '../local/data-folder.ts';
import { type Client, createClient } from './client/client.ts';
import type { CommandContext } from './context.ts';
import { dataDirOf } from './serve/data-dir.ts';
import { readKeyFile, readServerRecord, type ServerRecord, writeServerRecord } from './serve/server-file.ts';
import type { Stack } from './serve/stack.ts';
import { showStartup } from './show/startup.ts';
import { keptToken } from './token-file.ts';

/** A reachable API for the length of one command. */
export interface Session {
  /** Ctrl-C ends what it does. */
  client: Client;
  /** Only a second Ctrl-C does: for what follows on the first one in an orderly way. */
  patient: Client;
  /** True where the services are this command's own and end with it. */
  own: boolean;
  /** For a way to go on that works from anywhere, e.g. ` --url http://…`; '' where none is needed. */
  urlOption: string;
  /** Resolves when a worker is there too; to be awaited before a run is started. */
  complete: Promise<void>;
  /** Nothing came of it: a data folder that was made for this command goes away with it. */
  leaveNothing(): void;
  /** Stops own services; else does nothing. */
  close(): Promise<void>;
}

export interface SessionNeeds {
  /** False: looking things up and estimates, for which own services leave Temporal out. */
  temporal: boolean;
  /** True: the session is there as soon as the API is, and the command awaits `complete` itself. */
  eager?: boolean;
  /** The command's name, for others who find its services. */
  command: string;
}

const PROBE_LIMIT_MS = 3_000;
const ATTEMPTS = 3;
const FOLDER_PATIENCE_MS = 60_000;
const FOLDER_LOOK_MS = 200;

/**
 * Reaches an API: the one named (`--url`, BURSAR_URL), the one that runs in this folder, or own services
 * for the length of the command.
 * @throws AppError `services_unavailable`, `not_authenticated`
 */
async function openSession(context: CommandContext, needs: SessionNeeds): Promise<Session> {
  if (context.globals.ephemeral && context.globals.url !== undefined)
    throw invalidInput('--ephemeral and --url contradict each other: give one of them');
  for (let attempt = 1; ; attempt += 1) {
    const running = await openRunning(context);
    if (running !== undefined) return running;
    try {
      return await ownSession(context, needs);
    } catch (error) {
      // Somebody took the folder between the look and the start: use theirs, or wait until they are done.
      if (!(error instanceof AppError) || error.code !== 'conflict' || attempt === ATTEMPTS) throw error;
    }
  }
}

/** An API that runs already; undefined where none is named or found. */
export async function openRunning(context: CommandContext): Promise<Session | undefined> {
  const { globals, environment, directory } = context;
  if (globals.ephemeral) return undefined;
  const url = globals.url ?? nonEmpty(environment.BURSAR_URL);
  if (url !== undefined) return remoteSession(context, url);
  const record = await recordOfFolder(context, dataDirOf(directory, environment));
  return record !== undefined && (await answers(record.apiUrl)) ? foundSession(context, record) : undefined;
}

/**
 * Who serves in the folder. Somebody who uses it and does not serve yet is just starting, or will be gone
 * soon.
 */
async function recordOfFolder({ output, interrupts }: CommandContext, dataDir: string) {
  const deadline = Date.now() + FOLDER_PATIENCE_MS;
  let said = false;
  for (;;) {
    const record = readServerRecord(dataDir);
    const user = folderUser(dataDir);
    if (record !== undefined || user === undefined || Date.now() > deadline) return record;
    if (!said) output.note(`Process ${user.owner.pid} uses ${dataDir}; waiting until it serves or ends …`);
    said = true;
    await sleep(FOLDER_LOOK_MS);
    interrupts.first.throwIfAborted();
  }
}

/** Opens a session, hands it on, and closes it whatever happens. */
export async function withSession<T>(
  context: CommandContext,
  needs: SessionNeeds,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(context, needs);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

function remoteSession(context: CommandContext, url: string): Session {
  const apiUrl = apiUrlOf(url);
  const dataDir = dataDirOf(context.directory, context.environment);
  const record = readServerRecord(dataDir);
  // The key of the folder is sent to the API of the folder and to no other.
  const apiKey =
    givenKey(context, apiUrl) ?? (record?.apiUrl === apiUrl ? readKeyFile(record.keyFile) : undefined);
  if (apiKey === undefined) throw new AppError('not_authenticated', keyMissing(apiUrl));
  return { ...sessionOf(context, apiUrl, apiKey), urlOption: ` --url ${apiUrl}` };
}

function foundSession(context: CommandContext, record: ServerRecord): Session {
  if (record.command !== 'up')
    context.output.note(
      `Using the services of \`bursar ${record.command}\` (process ${record.pid}); they stop when it ends.`,
    );
  const apiKey = givenKey(context, record.apiUrl) ?? readKeyFile(record.keyFile);
  if (apiKey === undefined) throw new AppError('not_authenticated', keyMissing(record.apiUrl));
  return sessionOf(context, record.apiUrl, apiKey);
}

async function ownSession(context: CommandContext, needs: SessionNeeds): Promise<Session> {
  const { globals, environment, output, interrupts, directory } = context;
  const dataDir = dataDirOf(directory, environment);
  const isNew = !existsSync(dataDir);
  let removed = false;
  const { startStack } = await import('./serve/stack.ts');
  const parts = needs.temporal
    ? (['temporal', 'mongodb', 'api', 'worker'] as const)
    : (['mongodb', 'api'] as const);
  const stack: Stack = await showStartup(output, { parts: [...parts], passing: true }, (report) =>
    startStack({
      dataDir,
      ephemeral: globals.ephemeral,
      variables: environment,
      workers: 1,
      temporal: needs.temporal,
      eager: needs.eager === true,
      report,
      onTrouble: (message) => output.note(message),
      signal: interrupts.first,
    }),
  );
  const apiKey = givenKey(context, stack.apiUrl) ?? readKeyFile(stack.keyFile);
  if (apiKey === undefined) {
    await stack.stop();
    throw new AppError('not_authenticated', keyMissing(stack.apiUrl));
  }
  // A run can be looked at and controlled from another terminal; MongoDB alone would be of no use there.
  const record = globals.ephemeral || !needs.temporal ? undefined : recordOf(stack, needs.command);
  const session = sessionOf(context, stack.apiUrl, apiKey);
  return {
    ...session,
    own: true,
    complete: stack.complete,
    leaveNothing() {
      removed = isNew;
    },
    async close() {
      record?.remove();
      await stack.stop();
      if (removed) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function recordOf(stack: Stack, command: string) {
  const { dataFolder, apiUrl, temporalUrl, keyFile } = stack;
  const link = temporalUrl === undefined ? {} : { temporalUrl };
  return writeServerRecord(dataFolder, { command, apiUrl, keyFile, ...link });
}

function sessionOf(context: CommandContext, apiUrl: string, apiKey: string): Session {
  const { first, second } = context.interrupts;
  return {
    client: createClient({ apiUrl, apiKey, stop: first }),
    patient: createClient({ apiUrl, apiKey, stop: second }),
    own: false,
    urlOption: '',
    complete: Promise.resolve(),
    leaveNothing: () => {},
    close: () => Promise.resolve(),
  };
}

/** The address of the API that is named, or that runs in this folder. */
export function apiAddress({ globals, environment, directory }: CommandContext): string {
  const url = globals.url ?? nonEmpty(environment.BURSAR_URL);
  const found = url ?? readServerRecord(dataDirOf(directory, environment))?.apiUrl;
  if (found !== undefined) return apiUrlOf(found);
  throw new AppError('services_unavailable', 'no API is named or runs in this folder: give --url ADDRESS');
}

/**
 * The key that is given, else the token of whoever has signed in there. BURSAR_ADMIN_KEY presets the key of
 * services that are started here, so it opens them too.
 */
function givenKey({ globals, environment }: CommandContext, apiUrl: string): string | undefined {
  const set = nonEmpty(environment.BURSAR_API_KEY) ?? nonEmpty(environment.BURSAR_ADMIN_KEY);
  return globals.apiKey ?? set ?? keptToken(environment, apiUrl);
}

function keyMissing(apiUrl: string): string {
  return `no API key for ${apiUrl}: give --api-key KEY, set BURSAR_API_KEY, or sign in (bursar login)`;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}

function apiUrlOf(url: string): string {
  const whole = URL.canParse(url) ? new URL(url) : undefined;
  if (whole === undefined || !/^https?:$/.test(whole.protocol))
    throw new AppError('invalid_input', `--url ${url} is no address; right would be http://127.0.0.1:3000`);
  return whole.href.replace(/\/(api\/v1\/?)?$/, '');
}

/** Whether an API is there and alive. */
async function answers(apiUrl: string): Promise<boolean> {
  try {
    const response = await fetch(`${apiUrl}/healthz`, { signal: AbortSignal.timeout(PROBE_LIMIT_MS) });
    return response.ok;
  } catch {
    return false;
  }
}
