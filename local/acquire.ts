import { rmSync } from 'node:fs';
import { build } from './build.ts';
import { cachedExecutable, cacheLockFile, install, leftovers, newPartialFolder } from './cache.ts';
import { download } from './download.ts';
import type { ServiceEnvironment } from './environment.ts';
import { isExecutable, probeServer } from './executables.ts';
import { waitForLock } from './lock.ts';
import type { Report } from './progress.ts';
import { type Engine, SERVICE_TITLES, type Service } from './server-versions.ts';

/** A program in the cache that has answered. */
interface Acquired {
  executable: string;
  version: string;
  /** False: another process had put it there while this one waited. */
  made: boolean;
}

/**
 * Downloads or builds a server into the cache. Only one process does so at a time; the others wait and use
 * its result. The program must answer before it gets its place, so a half-finished one is never used.
 * @throws Error saying why this way failed.
 */
export async function acquire(
  way: 'download' | 'build',
  service: Service,
  engine: Engine,
  context: { environment: ServiceEnvironment; report: Report; signal?: AbortSignal },
): Promise<Acquired> {
  const { cacheDir } = context.environment;
  const lock = await waitForLock(cacheLockFile(cacheDir, service), {
    onWait: ({ owner, since }) => {
      const what = `waiting for process ${owner.pid}, which gets ${SERVICE_TITLES[service]} since`;
      context.report({ service, message: `${what} ${since}` });
    },
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });
  try {
    const present = await presentServer(cacheDir, engine);
    if (present !== undefined) return present;
    for (const folder of leftovers(cacheDir, service)) rmSync(folder, { recursive: true, force: true });
    return await make(way, service, engine, context);
  } finally {
    lock.release();
  }
}

async function presentServer(cacheDir: string, engine: Engine): Promise<Acquired | undefined> {
  const executable = cachedExecutable(cacheDir, engine);
  if (!isExecutable(executable)) return undefined;
  const probe = await probeServer(engine, executable);
  return 'version' in probe ? { executable, version: probe.version, made: false } : undefined;
}

async function make(
  way: 'download' | 'build',
  service: Service,
  engine: Engine,
  context: { environment: ServiceEnvironment; report: Report; signal?: AbortSignal },
): Promise<Acquired> {
  const { cacheDir } = context.environment;
  const folder = newPartialFolder(cacheDir, service);
  try {
    const making = { ...context, folder };
    const made = way === 'build' ? await build(service, making) : await download(service, making);
    const probe = await probeServer(engine, made);
    if ('problem' in probe) throw new Error(probe.problem);
    return { executable: install(cacheDir, service, engine, made), version: probe.version, made: true };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
