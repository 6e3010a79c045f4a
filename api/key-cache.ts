import type { Principal } from '../domain/principal.ts';
import type { Store } from '../store/index.ts';
import { hashKey } from './auth.ts';

/** How long a key is taken for valid without asking the database. */
const MAX_AGE_MS = 1000;
const MAX_KEYS = 10_000;

export type KeyCache = ReturnType<typeof createKeyCache>;

/**
 * Who a key belongs to, without a question to the database for each request. A key that is revoked through
 * this process is refused from then on; one that is revoked through another process at most a second later.
 */
export function createKeyCache(apiKeys: Pick<Store['apiKeys'], 'findByHash'>) {
  const known = new Map<string, { owner: Promise<Principal | undefined>; readAt: number }>();

  async function read(hash: string): Promise<Principal | undefined> {
    const stored = await apiKeys.findByHash(hash);
    if (stored === null) return undefined;
    return { org: stored.org, role: stored.role, via: 'api_key', id: stored._id };
  }

  function readAnew(hash: string): Promise<Principal | undefined> {
    const entry = { owner: read(hash), readAt: performance.now() };
    if (known.size >= MAX_KEYS) known.clear();
    known.set(hash, entry);
    const drop = () => known.get(hash) === entry && known.delete(hash);
    // Only keys that are valid are remembered: a new one works at once, and an outage is no answer.
    void entry.owner.then((owner) => owner ?? drop(), drop);
    return entry.owner;
  }

  return {
    /** Undefined for a key that is not known, or revoked. Requests that come together ask once. */
    ownerOf(key: string): Promise<Principal | undefined> {
      const hash = hashKey(key);
      const entry = known.get(hash);
      const fresh = entry !== undefined && performance.now() - entry.readAt < MAX_AGE_MS;
      return fresh ? entry.owner : readAnew(hash);
    },
    /** After a revocation. Reads under way are forgotten too: they may have seen the key before it. */
    forget(): void {
      known.clear();
    },
  };
}
