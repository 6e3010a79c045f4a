import { hkdfSync } from 'node:crypto';
import type { Environment } from './environment.ts';

const BYTES = 32;

/**
 * What tokens of people are signed with: its own variable, else made from the key that secrets are encrypted
 * with. Undefined where there is neither.
 */
export function signInSecret(environment: Environment): Uint8Array | undefined {
  const { BURSAR_AUTH_SECRET: own, BURSAR_ENCRYPTION_KEY: key } = environment;
  if (own !== undefined) return derived(Buffer.from(own));
  return key === undefined ? undefined : derived(key);
}

/** A key for this purpose alone: whoever learns it learns nothing of what it was made from (RFC 5869). */
function derived(from: Buffer): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', from, '', 'bursar: tokens of people', BYTES));
}
