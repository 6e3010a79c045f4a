import { existsSync } from 'node:fs';
import { AppError, type ErrorDetail } from '../domain/errors.ts';
import { acquire } from './acquire.ts';
import { buildCommand, buildObstacle } from './build.ts';
import { cachedExecutable } from './cache.ts';
import { downloadObstacle } from './download.ts';
import type { ServiceEnvironment } from './environment.ts';
import { findOnPath, probeServer } from './executables.ts';
import type { Report } from './progress.ts';
import { ENGINES, type Engine, SERVICE_TITLES, type Service } from './server-versions.ts';

type Way = 'environment' | 'path' | 'cache' | 'download' | 'build';

/** A server that is used, and how it was found. */
export interface FoundServer {
  service: Service;
  how: Way;
  version?: string;
  /** Its address, or the path of its program. */
  where: string;
}

/** A program that can be started. */
export interface ServerProgram extends FoundServer {
  engine: Engine;
}

/** One way that was looked at. `possible`: it was not carried out, and nothing speaks against it. */
export interface LookedAt {
  how: Way;
  result: 'found' | 'not_found' | 'broken' | 'possible';
  detail: string;
  where?: string;
  version?: string;
  engine?: Engine;
}

export interface Search {
  service: Service;
  environment: ServiceEnvironment;
  /** Only this program will do, because it wrote the data that is there. */
  engine?: Engine;
  report: Report;
  signal?: AbortSignal;
}

/** How each way is called in texts for people, in the order in which they are tried. */
const WAY_NAMES: Record<Way, string> = {
  environment: 'environment',
  path: 'PATH',
  cache: 'cache',
  download: 'official download',
  build: 'build from the registry',
};

/** Which program comes by which way, when it is not there yet. */
const MADE_ENGINES: Record<Service, Record<'download' | 'build', Engine>> = {
  temporal: { download: 'temporal', build: 'temporal' },
  mongodb: { download: 'mongod', build: 'secantusd-rs' },
};

/**
 * The first way that yields a program: PATH, cache, official download, build from the registry.
 * @throws AppError `services_unavailable` that names every way and why it failed.
 */
export async function findProgram(search: Search): Promise<ServerProgram> {
  const { service, environment, report } = search;
  const seen: LookedAt[] = [lookAtEnvironment(service, environment)];
  for (const looked of [await lookOnPath(search), await lookInCache(search)]) {
    const program = asProgram(service, looked);
    if (program !== undefined) return program;
    seen.push(looked);
  }
  for (const how of ['download', 'build'] as const) {
    const looked = await lookAtMaking(how, search);
    if (looked.result === 'possible') {
      report({ service, message: `${WAY_NAMES[how]}: ${looked.detail}` });
      const made = await carryOut(how, search);
      const program = asProgram(service, made);
      if (program !== undefined) return program;
      seen.push(made);
    } else seen.push(looked);
  }
  throw nothingFound(service, seen);
}

export function lookAtEnvironment(service: Service, environment: ServiceEnvironment): LookedAt {
  const [name, where] =
    service === 'temporal'
      ? ['TEMPORAL_ADDRESS', environment.temporalAddress]
      : ['MONGODB_URI', environment.mongoUri];
  if (where === undefined) return { how: 'environment', result: 'not_found', detail: `${name} is not set` };
  return { how: 'environment', result: 'found', detail: `${name} is set`, where };
}

export async function lookOnPath(search: Search): Promise<LookedAt> {
  const named = ENGINES[search.service].map((engine) => [
    engine,
    findOnPath(search.environment.path, engine),
  ]);
  const missing = `neither ${ENGINES[search.service].join(' nor ')} is on PATH`.replace(
    /^neither (\S+) is on/,
    '$1 is not on',
  );
  return lookAtPrograms('path', search, named as [Engine, string | undefined][], missing);
}

export async function lookInCache(search: Search): Promise<LookedAt> {
  const { cacheDir } = search.environment;
  const named = ENGINES[search.service].map((engine): [Engine, string | undefined] => {
    const file = cachedExecutable(cacheDir, engine);
    return [engine, existsSync(file) ? file : undefined];
  });
  return lookAtPrograms('cache', search, named, `nothing in ${cacheDir}`);
}

export async function lookAtMaking(how: 'download' | 'build', search: Search): Promise<LookedAt> {
  const { service, environment } = search;
  const engine = MADE_ENGINES[service][how];
  if (search.engine !== undefined && search.engine !== engine) {
    return { how, result: 'not_found', detail: `it would give ${engine}, but ${otherData(search.engine)}` };
  }
  const obstacle =
    how === 'build' ? buildObstacle(service, environment) : await downloadObstacle(service, environment);
  if (obstacle !== undefined) return { how, result: 'not_found', detail: obstacle, engine };
  return { how, result: 'possible', detail: how === 'build' ? buildCommand(service) : engine, engine };
}

async function carryOut(how: 'download' | 'build', search: Search): Promise<LookedAt> {
  const engine = MADE_ENGINES[search.service][how];
  try {
    const made = await acquire(how, search.service, engine, search);
    const { executable: where, version } = made;
    return { how: made.made ? how : 'cache', result: 'found', detail: '', where, version, engine };
  } catch (error) {
    search.signal?.throwIfAborted();
    const detail = error instanceof Error ? error.message : String(error);
    search.report({ service: search.service, message: `${WAY_NAMES[how]} failed: ${detail}` });
    return { how, result: 'broken', detail, engine };
  }
}

async function lookAtPrograms(
  how: Way,
  search: Search,
  named: [Engine, string | undefined][],
  missing: string,
): Promise<LookedAt> {
  const problems: string[] = [];
  for (const [engine, where] of named) {
    if (where === undefined) continue;
    if (search.engine !== undefined && search.engine !== engine) {
      problems.push(`${where} is not used: ${otherData(search.engine)}`);
      continue;
    }
    const probe = await probeServer(engine, where);
    if ('version' in probe)
      return { how, result: 'found', detail: '', where, version: probe.version, engine };
    problems.push(probe.problem);
  }
  if (problems.length === 0) return { how, result: 'not_found', detail: missing };
  return { how, result: 'broken', detail: problems.join('; ') };
}

function otherData(engine: Engine): string {
  return `the data that is there was written by ${engine}`;
}

function asProgram(service: Service, { how, where, version, engine }: LookedAt): ServerProgram | undefined {
  if (where === undefined || engine === undefined) return undefined;
  return { service, how, where, engine, ...(version === undefined ? {} : { version }) };
}

function nothingFound(service: Service, seen: LookedAt[]): AppError {
  const title = SERVICE_TITLES[service];
  const ways = seen.map(({ how, detail }) => `  ${WAY_NAMES[how]}: ${detail}`).join('\n');
  const details: ErrorDetail[] = seen.map(({ how, detail }) => ({
    field: `${service}.${how}`,
    problem: detail,
  }));
  return new AppError('services_unavailable', `No ${title} server was found or could be made:\n${ways}`, {
    details,
  });
}
