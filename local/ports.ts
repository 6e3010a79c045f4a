import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryLock } from './lock.ts';

/** A port of 127.0.0.1 that no other Bursar process takes until it is released. */
export interface ReservedPort {
  port: number;
  release(): void;
}

const ATTEMPTS = 50;

/**
 * Reserves the preferred port, or any free one when that is taken or none is preferred. Between this and
 * the moment at which the server binds it, the reservation keeps other instances away, which may look at
 * the same time.
 */
export async function reservePort(preferred?: number): Promise<ReservedPort> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = await freePort(attempt === 0 ? preferred : undefined);
    const reserved = port === undefined ? undefined : reserve(port);
    if (reserved !== undefined) return reserved;
  }
  throw new Error(`No free port was found in ${ATTEMPTS} attempts.`);
}

/** The port itself when nobody listens there, or one that the system picks; undefined when it is taken. */
export function freePort(port = 0): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

function reserve(port: number): ReservedPort | undefined {
  try {
    const attempt = tryLock(join(tmpdir(), 'bursar-ports', `${userName()}-${port}`));
    return attempt.taken ? { port, release: () => attempt.lock.release() } : undefined;
  } catch {
    // No place for the reservation: the port is free, which is what counts.
    return { port, release: () => {} };
  }
}

function userName(): string {
  return String(process.getuid?.() ?? 'user');
}
