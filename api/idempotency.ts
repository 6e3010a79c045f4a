import { createHash, randomBytes } from 'node:crypto';
import { AppError } from '../domain/errors.ts';

/** An id by chance, or the one that always goes with this key. */
export function idOf(prefix: string, org: string, idempotencyKey?: string): string {
  if (idempotencyKey === undefined) return `${prefix}_${randomBytes(8).toString('hex')}`;
  return `${prefix}_${sha256(JSON.stringify([prefix, org, idempotencyKey])).slice(0, 16)}`;
}

/** @param what is stored under the key, e.g. `run r1`. */
export function keyTaken(what: string): AppError {
  return new AppError('conflict', 'this Idempotency-Key came with a different request before', {
    details: [{ field: 'Idempotency-Key', problem: `belongs to ${what}` }],
  });
}

/** As hexadecimal digits. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
