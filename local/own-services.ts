import { join } from 'node:path';
import type { DataFolder } from './data-folder.ts';
import type { ServiceEnvironment } from './environment.ts';
import type { ProcessExit } from './guarded.ts';
import { type KeptServer, keepRunning } from './keep-running.ts';
import { localMongoUri, startMongo } from './mongo-server.ts';
import { type ReservedPort, reservePort } from './ports.ts';
import type { Report } from './progress.ts';
import { type FoundServer, findProgram, type ServerProgram } from './resolve.ts';
import { isPortTaken, type RunningServer, type ServerOptions } from './server-process.ts';
import { type Engine, SERVICE_TITLES, type Service } from './server-versions.ts';
import { startTemporal } from './temporal-server.ts';

/** Preferred ports; one that is taken is replaced by a free one, and `report` says so. */
export interface ServicePorts {
  temporal?: number;
  temporalUi?: number;
  mongodb?: number;
}

/** A server ended by itself. */
export interface ServerExit {
  service: Service;
  exit: ProcessExit;
  /** True: it is being started again on the same port and data. */
  restarting: boolean;
}

/** One of the two servers, ours or given. */
export interface StartedService {
  /** `host:port` of Temporal, or the URI of MongoDB. */
  address: string;
  /** Temporal's Web UI. */
  url?: string;
  found: FoundServer;
  pid(): number | undefined;
  /** Calls back whenever the process id has changed. */
  onPid(listener: () => void): void;
  stop(): Promise<void>;
}

export interface ServiceContext {
  folder: DataFolder;
  environment: ServiceEnvironment;
  report: Report;
  signal: AbortSignal;
  ports: ServicePorts;
  headless: boolean;
  respawn: boolean;
  onExit: (event: ServerExit) => void;
  mongoEngine?: Engine;
}

const PORT_ATTEMPTS = 3;

/** Finds and starts Temporal. @throws as `startServices`. */
export async function runTemporal(context: ServiceContext): Promise<StartedService> {
  const program = await find('temporal', context);
  return onPorts(context, 'temporal', temporalPorts(context), async ([port, uiPort]) => {
    const server = await keep(context, program, (shared) =>
      startTemporal({
        ...shared,
        port: port ?? 0,
        databaseFile: join(context.folder.path, 'temporal.db'),
        ...(uiPort === undefined ? {} : { uiPort }),
      }),
    );
    return {
      address: `127.0.0.1:${port}`,
      ...(uiPort === undefined ? {} : { url: `http://127.0.0.1:${uiPort}` }),
      found: foundServer(program),
      ...server,
    };
  });
}

/** Finds and starts MongoDB. @throws as `startServices`. */
export async function runMongo(context: ServiceContext): Promise<StartedService> {
  const program = await find('mongodb', context);
  const engine = program.engine === 'mongod' ? 'mongod' : 'secantusd-rs';
  const dataFolder = join(context.folder.path, 'mongodb');
  return onPorts(context, 'mongodb', [context.ports.mongodb], async ([port = 0]) => {
    const server = await keep(context, program, (shared) =>
      startMongo({ ...shared, port, engine, dataFolder }),
    );
    context.folder.recordMongoEngine(engine);
    return { address: localMongoUri(port), found: foundServer(program), ...server };
  });
}

async function find(service: Service, context: ServiceContext): Promise<ServerProgram> {
  const { environment, report, signal, mongoEngine } = context;
  const engine = service === 'mongodb' && mongoEngine !== undefined ? { engine: mongoEngine } : {};
  const program = await findProgram({ service, environment, report, signal, ...engine });
  signal.throwIfAborted();
  const version = program.version === undefined ? '' : ` ${program.version}`;
  report({ service, message: `starting ${program.engine}${version} (${program.how}: ${program.where})` });
  return program;
}

function foundServer({ service, how, version, where }: ServerProgram): FoundServer {
  return { service, how, where, ...(version === undefined ? {} : { version }) };
}

type Kept = Pick<StartedService, 'pid' | 'onPid' | 'stop'>;
type SharedOptions = Omit<ServerOptions, 'port'>;

async function keep(
  context: ServiceContext,
  program: ServerProgram,
  start: (shared: SharedOptions) => Promise<RunningServer>,
): Promise<Kept> {
  const { service } = program;
  const title = SERVICE_TITLES[service];
  const { folder, report, respawn, onExit } = context;
  const listeners: (() => void)[] = [];
  const stopping = new AbortController();
  let first = true;
  const kept: KeptServer = await keepRunning(
    (exited) =>
      start({
        executable: program.where,
        logFile: join(folder.path, `${service}.log`),
        onExit: exited,
        // What ends the first start must not end a later restart, and the other way round.
        signal: first ? context.signal : stopping.signal,
        ...(folder.temporaryFolder === undefined ? {} : { temporaryFolder: folder.temporaryFolder }),
      }),
    {
      respawn,
      onExit: (exit, restarting) => onExit({ service, exit, restarting }),
      onPid: () => {
        if (!first) report({ service, message: `${title} is up again` });
        first = false;
        for (const listener of listeners) listener();
      },
      onProblem: (error) => {
        report({ service, message: error instanceof Error ? error.message : String(error) });
      },
    },
  );
  report({ service, message: `${title} is ready` });
  const stop = () => {
    stopping.abort(new Error(`${title} is being stopped`));
    return kept.stop();
  };
  return { pid: () => kept.pid, onPid: (listener) => listeners.push(listener), stop };
}

function temporalPorts({ ports, headless }: ServiceContext): (number | undefined)[] {
  return headless ? [ports.temporal] : [ports.temporal, ports.temporalUi];
}

/**
 * Reserves the ports for the life of the service; one that somebody takes in the last moment is replaced.
 */
async function onPorts(
  context: ServiceContext,
  service: Service,
  preferred: (number | undefined)[],
  start: (ports: number[]) => Promise<StartedService>,
): Promise<StartedService> {
  for (let attempt = 1; ; attempt += 1) {
    const wanted = attempt === 1 ? preferred : preferred.map(() => undefined);
    const reserved = await reserveAll(context, service, wanted);
    const release = () => {
      for (const port of reserved) port.release();
    };
    try {
      const started = await start(reserved.map(({ port }) => port));
      return { ...started, stop: () => started.stop().finally(release) };
    } catch (error) {
      release();
      if (attempt === PORT_ATTEMPTS || !isPortTaken(error)) throw error;
    }
  }
}

async function reserveAll(
  context: ServiceContext,
  service: Service,
  wanted: (number | undefined)[],
): Promise<ReservedPort[]> {
  const reserved: ReservedPort[] = [];
  for (const preferred of wanted) {
    const got = await reservePort(preferred);
    reserved.push(got);
    if (preferred === undefined || got.port === preferred) continue;
    context.report({ service, message: `port ${preferred} is taken; using ${got.port} instead` });
  }
  return reserved;
}
