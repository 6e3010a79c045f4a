import type { Principal } from '../domain/principal.ts';
import type { ApiKeyDoc } from '../store/api-keys.ts';
import type { Store } from '../store/index.ts';
import { hashKey } from './auth.ts';
import { looksLikeToken } from './tokens.ts';

/** How long a key or a token is taken for valid without asking the database. */
const MAX_AGE_MS = 1000;
const MAX_KEYS = 10_000;
/** How often it is noted that a key is used. */
const USE_EVERY_MS = 60_000;

export type KeyCache = ReturnType<typeof createKeyCache>;

/**
 * Who a key or a token belongs to, without a question to the database for each request. One that is revoked
 * through this process is refused from then on; through another process, or once it has expired, at most a
 * second later. `ownerOfToken` says it of tokens.
 */
export function createKeyCache(
  apiKeys: Pick<Store['apiKeys'], 'findByHash' | 'touch'>,
  ownerOfToken: (token: string) => Promise<Principal | undefined>,
) {
  const known = new Map<string, { owner: Promise<Principal | undefined>; readAt: number }>();

  async function read(key: string, hash: string): Promise<Principal | undefined> {
    if (looksLikeToken(key)) return ownerOfToken(key);
    const stored = await apiKeys.findByHash(hash);
    if (stored === null) return undefined;
    noteUse(stored);
    const { org, role, scope, _id: id } = stored;
    return { org, role, via: 'api_key', id, ...(scope !== undefined && { scope }) };
  }

  function noteUse({ org, _id, lastUsedAt }: ApiKeyDoc): void {
    const now = Date.now();
    if (lastUsedAt !== undefined && now - lastUsedAt.getTime() < USE_EVERY_MS) return;
    // Nobody waits for it, and a use that is not noted is no reason to refuse.
    void apiKeys.touch(org, _id, new Date(now)).catch(() => {});
  }

  function readAnew(key: string, hash: string): Promise<Principal | undefined> {
    const entry = { owner: read(key, hash), readAt: performance.now() };
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
      return fresh ? entry.owner : readAnew(key, hash);
    },
    /** After a revocation. Reads under way are forgotten too: they may have seen the key before it. */
    forget(): void {
      known.clear();
    },
  };
}
