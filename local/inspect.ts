import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { freeBytes } from './build.ts';
import { cachedExecutable, cacheLockFile, leftovers } from './cache.ts';
import { folderUser, mongoEngineOf } from './data-folder.ts';
import type { ServiceEnvironment } from './environment.ts';
import { findOnPath, probeCommand } from './executables.ts';
import { lockHolder } from './lock.ts';
import {
  type LookedAt,
  lookAtEnvironment,
  lookAtMaking,
  lookInCache,
  lookOnPath,
  type Search,
} from './resolve.ts';
import { canConnect } from './server-process.ts';
import { ENGINES, type Engine, SERVICES, type Service } from './server-versions.ts';

/** What would happen for one server. */
interface ServiceInspection {
  service: Service;
  /** The way that would be used; absent when none would do. */
  wouldUse?: LookedAt;
  /** Every way, in the order in which they are tried. */
  ways: LookedAt[];
}

interface Toolchain {
  name: 'go' | 'cargo' | 'cmake' | 'cc';
  where?: string;
  version?: string;
  problem?: string;
}

interface CacheEntry {
  name: string;
  bytes: number;
  /**
   * `making`: a process is downloading or building it now; `half_finished`: nobody is, and it is never
   * used.
   */
  state: 'complete' | 'making' | 'half_finished';
}

export interface ServicesInspection {
  services: ServiceInspection[];
  toolchains: Toolchain[];
  cache: { folder: string; entries: CacheEntry[]; freeBytes: number };
  data: {
    folder: string;
    exists: boolean;
    bytes: number;
    freeBytes: number;
    /** The program that wrote the MongoDB data. */
    mongoEngine?: Engine;
    inUseBy?: { pid: number; since: string };
  };
}

const TOOLS: [Toolchain['name'], string[], RegExp][] = [
  ['go', ['version'], /go version go(\S+)/],
  ['cargo', ['--version'], /cargo (\S+)/],
  ['cmake', ['--version'], /cmake version (\S+)/],
  ['cc', ['--version'], /^(.*)/],
];
const REACH_LIMIT_MS = 2_000;

/**
 * Looks at everything that `startServices` would use, for `bursar doctor`. Changes, downloads and builds
 * nothing.
 */
export async function inspectServices(options: {
  dataDir: string;
  environment: ServiceEnvironment;
}): Promise<ServicesInspection> {
  const { dataDir, environment } = options;
  const [services, toolchains] = await Promise.all([
    Promise.all(SERVICES.map((service) => inspectService(service, dataDir, environment))),
    Promise.all(TOOLS.map(([name, args, pattern]) => inspectTool(environment.path, name, args, pattern))),
  ]);
  const cache = inspectCache(environment.cacheDir);
  return { services, toolchains, cache, data: inspectData(dataDir) };
}

async function inspectService(
  service: Service,
  dataDir: string,
  environment: ServiceEnvironment,
): Promise<ServiceInspection> {
  const engine = service === 'mongodb' ? mongoEngineOf(dataDir) : undefined;
  const search: Search = {
    service,
    environment,
    report: () => {},
    ...(engine === undefined ? {} : { engine }),
  };
  const ways = await Promise.all([
    reach(service, lookAtEnvironment(service, environment)),
    lookOnPath(search),
    lookInCache(search),
    lookAtMaking('download', search),
    lookAtMaking('build', search),
  ]);
  const given = ways.find(({ how, result }) => how === 'environment' && result !== 'not_found');
  // A given server that does not answer is an error, not a reason to use another one.
  const wouldUse = given ?? ways.find(({ result }) => result === 'found' || result === 'possible');
  return { service, ways, ...(wouldUse === undefined || wouldUse.result === 'broken' ? {} : { wouldUse }) };
}

async function reach(service: Service, looked: LookedAt): Promise<LookedAt> {
  if (looked.where === undefined) return looked;
  // The URI may hold a password: only host and port are passed on.
  const { where, ...rest } = looked;
  // Only the name service knows the hosts behind such a URI, and the driver asks it.
  if (where.startsWith('mongodb+srv:')) return { ...rest, detail: `${looked.detail}; not tried` };
  try {
    const [host, port] = service === 'temporal' ? temporalHost(where) : mongoHost(where);
    await canConnect(port, host, REACH_LIMIT_MS);
    return { ...rest, where: `${host}:${port}` };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { ...rest, result: 'broken', detail: `${looked.detail}, but it cannot be reached: ${problem}` };
  }
}

function temporalHost(address: string): [string, number] {
  const [, host, port] = /^(.+):(\d+)$/.exec(address) ?? [];
  if (host === undefined) throw new Error('it is not of the form host:port');
  return [host, Number(port)];
}

function mongoHost(uri: string): [string, number] {
  const [first] = new mongoose.mongo.MongoClient(uri).options.hosts;
  if (first?.host === undefined) throw new Error('it names no host');
  return [first.host, first.port ?? 27_017];
}

async function inspectTool(
  path: string,
  name: Toolchain['name'],
  args: string[],
  pattern: RegExp,
): Promise<Toolchain> {
  const where = findOnPath(path, name);
  if (where === undefined) return { name };
  return { name, where, ...(await probeCommand(where, args, pattern)) };
}

function inspectCache(folder: string): ServicesInspection['cache'] {
  const entries = SERVICES.flatMap((service): CacheEntry[] => {
    const busy = lockHolder(cacheLockFile(folder, service)) !== undefined;
    const whole = ENGINES[service]
      .map((engine) => cachedExecutable(folder, engine))
      .filter((file) => existsSync(file))
      .map((file) => entry(folder, join(file, '..'), 'complete'));
    const partial = leftovers(folder, service);
    return [...whole, ...partial.map((path) => entry(folder, path, busy ? 'making' : 'half_finished'))];
  });
  return { folder, entries, freeBytes: freeBytes(folder) };
}

function entry(folder: string, path: string, state: CacheEntry['state']): CacheEntry {
  return { name: path.slice(folder.length + 1), bytes: bytesIn(path), state };
}

function inspectData(folder: string): ServicesInspection['data'] {
  const mongoEngine = mongoEngineOf(folder);
  const user = folderUser(folder);
  return {
    folder,
    exists: existsSync(folder),
    bytes: bytesIn(folder),
    freeBytes: freeBytes(folder),
    ...(mongoEngine === undefined ? {} : { mongoEngine }),
    ...(user === undefined ? {} : { inUseBy: { pid: user.owner.pid, since: user.since } }),
  };
}

/** Files may come and go while this counts; what is gone counts nothing. */
function bytesIn(folder: string): number {
  if (!existsSync(folder)) return 0;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  const sizes = files.map((file) => {
    if (!file.isFile()) return 0;
    return statSync(join(file.parentPath, file.name), { throwIfNoEntry: false })?.size ?? 0;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}
