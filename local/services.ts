import { AppError } from '../domain/errors.ts';
import { type DataFolder, mongoEngineOf, openDataFolder } from './data-folder.ts';
import type { ServiceEnvironment } from './environment.ts';
import { pingMongo } from './mongo-server.ts';
import {
  runMongo,
  runTemporal,
  type ServerExit,
  type ServiceContext,
  type ServicePorts,
  type StartedService,
} from './own-services.ts';
import type { Report } from './progress.ts';
import type { FoundServer } from './resolve.ts';
import { canConnect } from './server-process.ts';
import type { Service } from './server-versions.ts';

export { type ServiceEnvironment, serviceEnvironment } from './environment.ts';
export { inspectServices, type ServicesInspection } from './inspect.ts';
export type { ServerExit } from './own-services.ts';
export type { ServiceProgress } from './progress.ts';

export interface ServiceOptions {
  /** Kept between starts, e.g. `.bursar`; not touched with `ephemeral`. */
  dataDir: string;
  /** Own servers on free ports in a temporary folder that is removed at the end, also after a crash. */
  ephemeral: boolean;
  environment: ServiceEnvironment;
  report: Report;
  signal?: AbortSignal;
  /** Default: 7233, 8233 and 27017; with `ephemeral` any free ones. */
  ports?: ServicePorts;
  /** Without Temporal's Web UI. */
  headless?: boolean;
  /** A server that dies is started again, at most 5 times a minute. */
  respawn?: boolean;
  onExit?: (event: ServerExit) => void;
}

export interface LocalServices {
  /** `host:port` */
  temporalAddress: string;
  /** The Web UI, where there is one. */
  temporalUrl?: string;
  mongoUri: string;
  found: FoundServer[];
  /** The servers' own ids now; absent while one is down, and for servers that were not started here. */
  readonly pids: { temporal?: number; mongodb?: number };
  /** Where data and logs of own servers are; absent when both servers were given by the environment. */
  dataFolder?: string;
  /** For `spawnGuarded` of further processes; set with `ephemeral`. */
  temporaryFolder?: string;
  /** Stops both servers and gives the data folder free. May be called more than once. */
  stop(): Promise<void>;
}

const DEFAULT_PORTS: Required<ServicePorts> = { temporal: 7233, temporalUi: 8233, mongodb: 27017 };
const GIVEN_SERVER_LIMIT_MS = 10_000;

/**
 * Finds, and if need be downloads or builds, both servers at the same time, starts them and waits until
 * they answer.
 * @throws AppError `services_unavailable` when one cannot be had or does not start, `conflict` when the
 * data folder is in use; the signal's reason when it is aborted. Nothing is left running then.
 */
export async function startServices(options: ServiceOptions): Promise<LocalServices> {
  const { temporalAddress, mongoUri } = options.environment;
  const ownOnes = temporalAddress === undefined || mongoUri === undefined;
  const folder = ownOnes ? await openDataFolder(options.dataDir, options.ephemeral) : undefined;
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const starts = [
    temporalAddress === undefined
      ? runTemporal(contextOf(options, folder, signal))
      : givenTemporal(options, signal),
    mongoUri === undefined ? runMongo(contextOf(options, folder, signal)) : givenMongo(options, signal),
  ];
  let firstError: unknown;
  for (const start of starts) {
    start.catch((error: unknown) => {
      // One server alone is of no use: do not go on building the other.
      firstError ??= error;
      failed.abort(error);
    });
  }
  const outcomes = await Promise.allSettled(starts);
  const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const [temporal, mongodb] = started;
  if (temporal === undefined || mongodb === undefined) {
    await Promise.all(started.map((service) => service.stop()));
    folder?.close();
    throw firstError;
  }
  return localServices(temporal, mongodb, folder);
}

function localServices(
  temporal: StartedService,
  mongodb: StartedService,
  folder: DataFolder | undefined,
): LocalServices {
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    await Promise.all([temporal.stop(), mongodb.stop()]);
    folder?.close();
  };
  const record = () =>
    folder?.recordChildren([temporal.pid(), mongodb.pid()].filter((pid) => pid !== undefined));
  temporal.onPid(record);
  mongodb.onPid(record);
  record();
  return {
    temporalAddress: temporal.address,
    ...(temporal.url === undefined ? {} : { temporalUrl: temporal.url }),
    mongoUri: mongodb.address,
    found: [temporal.found, mongodb.found],
    get pids() {
      const [temporalPid, mongodbPid] = [temporal.pid(), mongodb.pid()];
      return {
        ...(temporalPid === undefined ? {} : { temporal: temporalPid }),
        ...(mongodbPid === undefined ? {} : { mongodb: mongodbPid }),
      };
    },
    ...(folder === undefined ? {} : { dataFolder: folder.path }),
    ...(folder?.temporaryFolder === undefined ? {} : { temporaryFolder: folder.temporaryFolder }),
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

function contextOf(
  options: ServiceOptions,
  folder: DataFolder | undefined,
  signal: AbortSignal,
): ServiceContext {
  if (folder === undefined) throw new Error('A server of our own needs a data folder.');
  const engine = mongoEngineOf(folder.path);
  return {
    folder,
    signal,
    environment: options.environment,
    report: options.report,
    ports: { ...(options.ephemeral ? {} : DEFAULT_PORTS), ...options.ports },
    headless: options.headless ?? false,
    respawn: options.respawn ?? false,
    onExit: (event) => options.onExit?.(event),
    ...(engine === undefined ? {} : { mongoEngine: engine }),
  };
}

async function givenTemporal({ environment }: ServiceOptions, signal: AbortSignal): Promise<StartedService> {
  const address = environment.temporalAddress ?? '';
  const [, host = '', port = ''] = /^(.+):(\d+)$/.exec(address) ?? [];
  if (host === '')
    throw unreachable('TEMPORAL_ADDRESS', address, new Error('it is not of the form host:port'));
  // Only whether somebody listens: keys and certificates are the business of the real clients.
  await answer('TEMPORAL_ADDRESS', address, signal, canConnect(Number(port), host, GIVEN_SERVER_LIMIT_MS));
  return given('temporal', address, address);
}

async function givenMongo({ environment }: ServiceOptions, signal: AbortSignal): Promise<StartedService> {
  const uri = environment.mongoUri ?? '';
  const shown = withoutPassword(uri);
  await answer('MONGODB_URI', shown, signal, pingMongo(uri, GIVEN_SERVER_LIMIT_MS, signal));
  return given('mongodb', uri, shown);
}

/** Waits for a given server, but no longer once the other one has failed. */
async function answer(
  variable: string,
  shown: string,
  signal: AbortSignal,
  check: Promise<void>,
): Promise<void> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  const checked = check.catch((error: Error) => {
    throw unreachable(variable, shown, error);
  });
  await Promise.race([checked, aborted]);
}

function given(service: Service, address: string, where: string): StartedService {
  return {
    address,
    found: { service, how: 'environment', where },
    pid: () => undefined,
    onPid: () => {},
    stop: () => Promise.resolve(),
  };
}

/** The user's name and password stand between `//` and `@`. */
function withoutPassword(uri: string): string {
  return uri.replace(/\/\/[^@/]*@/, '//***@');
}

function unreachable(variable: string, address: string, cause: Error): AppError {
  const problem = `${variable} names ${address}, which does not answer: ${cause.message}`;
  const message = `${problem}. Correct it or unset it.`;
  return new AppError('services_unavailable', message, {
    cause,
    details: [{ field: variable, problem: address }],
  });
}
