import { isDeepStrictEqual } from 'node:util';
import { serviceEnvironment } from '../../local/environment.ts';
import { type LocalServices, startServices } from '../../local/services.ts';

/** A claim of Bursar in its full size, against servers of its own. */
export interface Proof {
  title: string;
  /** @returns its figures. @throws Error where a claim does not hold. */
  prove(): Promise<object>;
}

/** @throws Error that says what was claimed and what came instead. */
export function claim(what: string, actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected))
    throw new Error(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
  // Jest has lines of its own.
  if (process.env.JEST_WORKER_ID === undefined) process.stderr.write(`  holds: ${what}\n`);
}

/** Servers of one's own, which come back when they are killed. */
export async function withServers<T>(use: (services: LocalServices) => Promise<T>): Promise<T> {
  const services = await ownServers();
  try {
    return await use(services);
  } finally {
    await services.stop();
  }
}

export function ownServers(): Promise<LocalServices> {
  return startServices({
    dataDir: '.bursar',
    ephemeral: true,
    headless: true,
    respawn: true,
    // The servers of a whole test run must not be taken for ours: these are killed.
    environment: serviceEnvironment({ ...process.env, TEMPORAL_ADDRESS: '', MONGODB_URI: '' }),
    report: ({ service, message }) => process.stderr.write(`  ${service}: ${message}\n`),
  });
}
