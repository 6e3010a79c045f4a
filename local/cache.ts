import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Engine, type Service, VERSIONS } from './server-versions.ts';

/**
 * The cache holds one folder per program and version, `<engine>-<version>/<engine>`, that appears by one
 * rename after its program has answered; what is being made stands in `partial-<service>-<random>`, and is
 * never used.
 */
const PARTIAL = 'partial-';

/** Where this program stands when it is in the cache. */
export function cachedExecutable(cacheDir: string, engine: Engine): string {
  return join(cacheDir, `${engine}-${VERSIONS[engine]}`, engine);
}

export function cacheLockFile(cacheDir: string, service: Service): string {
  return join(cacheDir, `${service}.lock`);
}

/** Half-finished downloads and builds of this service; only the holder of its lock may remove them. */
export function leftovers(cacheDir: string, service: Service): string[] {
  if (!existsSync(cacheDir)) return [];
  const names = readdirSync(cacheDir).filter((name) => name.startsWith(`${PARTIAL}${service}-`));
  return names.map((name) => join(cacheDir, name));
}

/** A new empty folder to make a server in. */
export function newPartialFolder(cacheDir: string, service: Service): string {
  const folder = join(cacheDir, `${PARTIAL}${service}-${randomBytes(6).toString('hex')}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * Puts a finished program in its place by one rename. A broken one that stands there is moved away first.
 */
export function install(cacheDir: string, service: Service, engine: Engine, executable: string): string {
  const whole = newPartialFolder(cacheDir, service);
  renameSync(executable, join(whole, engine));
  const place = join(cacheDir, `${engine}-${VERSIONS[engine]}`);
  const broken = join(cacheDir, `${PARTIAL}${service}-broken-${randomBytes(6).toString('hex')}`);
  if (existsSync(place)) renameSync(place, broken);
  renameSync(whole, place);
  rmSync(broken, { recursive: true, force: true });
  return join(place, engine);
}
