import { join } from 'node:path';
import { given } from '../../domain/given.ts';
import {
  type LocalServices,
  type ServerExit,
  type ServiceEnvironment,
  type ServiceProgress,
  serviceEnvironment,
  startServices,
} from '../../local/services.ts';
import { type Database, startDatabase } from './database.ts';
import { keptEncryptionKey } from './encryption-key.ts';
import { type KeptProgram, type ProgramOptions, startProgram } from './program.ts';

/** Parts that report their start: the servers and our own programs. */
export type StackPart = 'temporal' | 'mongodb' | 'api' | 'worker';
export type StackReport = (progress: { part: StackPart; message: string; ready: boolean }) => void;

export interface StackOptions {
  /** `.bursar`, or wherever BURSAR_DATA_DIR says. */
  dataDir: string;
  ephemeral: boolean;
  variables: NodeJS.ProcessEnv;
  /** Preferred port of the API; any free one where it is undefined or taken. */
  port?: number;
  workers: number;
  /** Returns as soon as the API answers; workers follow. */
  eager: boolean;
  /** False: MongoDB and the API only, which is enough for estimates and looking things up. */
  temporal: boolean;
  report: StackReport;
  /** Something that ran died, or is back; one line for people. */
  onTrouble: (message: string) => void;
  signal: AbortSignal;
}

/** All of Bursar, running on this machine. */
export interface Stack {
  apiUrl: string;
  mongoUri: string;
  temporalAddress?: string;
  temporalUrl?: string;
  /** Where data and logs lie. */
  dataFolder: string;
  keyFile: string;
  /** Only at the very first start, when the API has just made it. */
  newAdminKey?: string;
  /** Only where ADMIN_EMAIL has just been invited. */
  adminInvitation?: string;
  /** Workers are ready too; rejects when one does not start. */
  complete: Promise<void>;
  /** Stops workers and API, then the servers. */
  stop(): Promise<void>;
}

/** Nobody listens there: the API then says that Temporal does not answer. */
const NO_TEMPORAL = '127.0.0.1:1';

type Servers = Database & Partial<Pick<LocalServices, 'temporalAddress' | 'temporalUrl'>>;

/**
 * Starts everything and waits until all of it is ready.
 * @throws AppError `services_unavailable`, `conflict` when the data folder is in use; the signal's reason.
 * Nothing is left running then.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const servers = await startServers(options);
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, options.signal]);
  const starts = programs({ ...options, signal }, servers).map((program) => {
    options.report({ part: program.program, message: 'starting', ready: false });
    return startProgram(program);
  });
  const complete = Promise.all(starts);
  // One program alone is of no use: do not go on starting the others.
  complete.catch((error: unknown) => ending.abort(error));
  const stop = async () => {
    ending.abort(new Error('it is being stopped'));
    const outcomes = await Promise.allSettled(starts);
    const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    // What workers have in hand still needs the servers.
    await Promise.all(started.map((program) => program.stop()));
    await servers.stop();
  };
  try {
    const [api] = options.eager ? [await starts[0]] : await complete;
    if (api?.ready.url === undefined) throw new Error('The API did not say where it listens.');
    return describeStack(servers, api, complete, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

function describeStack(
  servers: Servers,
  api: KeptProgram,
  programs: Promise<unknown>,
  stop: () => Promise<void>,
): Stack {
  const { mongoUri, temporalAddress, temporalUrl, dataFolder } = servers;
  const { url: apiUrl = '', adminKey, adminInvitation } = api.ready;
  const complete = programs.then(() => {});
  // Whoever needs workers awaits it; for the others their failure is no news.
  complete.catch(() => {});
  let stopping: Promise<void> | undefined;
  return {
    apiUrl,
    mongoUri,
    ...(temporalAddress === undefined ? {} : { temporalAddress }),
    ...(temporalUrl === undefined ? {} : { temporalUrl }),
    dataFolder,
    keyFile: keyFileOf(dataFolder),
    ...given({ newAdminKey: adminKey, adminInvitation }),
    complete,
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

async function startServers(options: StackOptions): Promise<Servers> {
  const { dataDir, ephemeral, signal, onTrouble } = options;
  const environment = environmentOf(options);
  const report = ({ service, message }: ServiceProgress) =>
    options.report({ part: service, message, ready: / is ready$/.test(message) });
  if (!options.temporal) return startDatabase({ dataDir, ephemeral, environment, report, signal });
  const services = await startServices({
    dataDir,
    ephemeral,
    environment,
    report,
    signal,
    respawn: true,
    onExit: ({ service, restarting }: ServerExit) =>
      onTrouble(`${service} died${restarting ? '; starting it again' : ''}`),
  });
  for (const part of ['temporal', 'mongodb'] as const) options.report({ part, message: '', ready: true });
  // Servers that are given by the environment need no folder, but the key and the logs do.
  return Object.assign(services, { dataFolder: services.dataFolder ?? dataDir });
}

/** `--ephemeral` means servers of one's own, whatever the environment names. */
function environmentOf({ variables, ephemeral }: StackOptions): ServiceEnvironment {
  const { temporalAddress, mongoUri, ...rest } = serviceEnvironment(variables);
  if (ephemeral) return rest;
  return {
    ...rest,
    ...(temporalAddress === undefined ? {} : { temporalAddress }),
    ...(mongoUri === undefined ? {} : { mongoUri }),
  };
}

function programs(options: StackOptions, servers: Servers): ProgramOptions[] {
  const { dataFolder, temporaryFolder } = servers;
  const variables = {
    ...options.variables,
    MONGODB_URI: servers.mongoUri,
    TEMPORAL_ADDRESS: servers.temporalAddress ?? NO_TEMPORAL,
    ...(servers.temporalUrl === undefined ? {} : { TEMPORAL_UI_URL: servers.temporalUrl }),
    BURSAR_KEY_FILE: keyFileOf(dataFolder),
    BURSAR_ENCRYPTION_KEY: options.variables.BURSAR_ENCRYPTION_KEY || keptEncryptionKey(dataFolder),
    BURSAR_PORT: String(options.port ?? 0),
    // The guard ends them with this process; their standard input is closed from the start.
    BURSAR_ENDS_WITH_PARENT: 'false',
  };
  const of = (program: 'api' | 'worker', name: string): ProgramOptions => ({
    program,
    name,
    environment: variables,
    logFolder: dataFolder,
    ...(temporaryFolder === undefined ? {} : { temporaryFolder }),
    signal: options.signal,
    onExit: (_exit, restarting) =>
      options.onTrouble(
        `the ${name} died${restarting ? '; starting it again' : ' too often and stays down'}`,
      ),
    onBack: () => options.onTrouble(`the ${name} is up again`),
    onReady: ({ url }, environment) => {
      options.report({ part: program, message: `${name} is ready`, ready: true });
      // A restart keeps the port: clients know it.
      if (url !== undefined) environment.BURSAR_PORT = new URL(url).port;
    },
  });
  const count = options.temporal ? options.workers : 0;
  const workers = Array.from({ length: count }, (_, index) =>
    count === 1 ? 'worker' : `worker-${index + 1}`,
  );
  return [of('api', 'api'), ...workers.map((name) => of('worker', name))];
}

function keyFileOf(dataFolder: string): string {
  return join(dataFolder, 'admin-key');
}
