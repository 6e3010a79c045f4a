import { AppError } from '../../domain/errors.ts';
import { keepAtMost } from '../../domain/keep-at-most.ts';

/** What a provider is reached with. Both may be missing. */
export interface Credentials {
  apiKey?: string;
  baseUrl?: string;
}

interface CredentialsOptions {
  /** What an organization has stored for a provider. */
  stored(org: string, provider: string): Promise<{ sealed?: string; baseUrl?: string } | undefined>;
  /** Absent where no key for it is set: then nothing that was stored can be read. */
  encryption?: { open(sealed: string, of: string): string };
  /** By provider; they serve one organization alone. */
  environment: Record<string, Credentials>;
  organization: string;
  now: () => number;
}

/** A key that was changed counts a moment later. */
const KEPT_MS = 2_000;
const MAX_KEPT = 1_000;

/** What organizations reach their providers with: what they have stored, else the environment. */
export function createCredentials(options: CredentialsOptions) {
  const kept = new Map<string, { at: number; credentials: Promise<Credentials> }>();

  async function look(org: string, provider: string): Promise<Credentials> {
    const stored = await options.stored(org, provider);
    if (stored === undefined)
      return org === options.organization ? (options.environment[provider] ?? {}) : {};
    const { sealed, baseUrl } = stored;
    return {
      ...(sealed !== undefined && { apiKey: open(sealed, org, provider) }),
      ...(baseUrl !== undefined && { baseUrl }),
    };
  }

  function open(sealed: string, org: string, provider: string): string {
    try {
      if (options.encryption === undefined) throw new Error('no key');
      return options.encryption.open(sealed, `${org}:${provider}`);
    } catch {
      const why = 'BURSAR_ENCRYPTION_KEY is not the one that it was stored with';
      const message = `The stored API key for ${provider} cannot be read: ${why}.`;
      throw new AppError('llm_key_missing', message);
    }
  }

  return {
    /** @throws AppError `llm_key_missing` where a stored key cannot be read. */
    of(org: string, provider: string): Promise<Credentials> {
      const key = JSON.stringify([org, provider]);
      const known = kept.get(key);
      if (known !== undefined && known.at > options.now() - KEPT_MS) return known.credentials;
      const credentials = look(org, provider);
      keepAtMost(MAX_KEPT, kept, key, { at: options.now(), credentials });
      credentials.catch(() => kept.delete(key));
      return credentials;
    },
    forget(org: string, provider: string): void {
      kept.delete(JSON.stringify([org, provider]));
    },
  };
}
