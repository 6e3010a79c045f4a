import { createEncryption, type Encryption } from './encryption.ts';
import type { Environment } from './environment.ts';

interface Access {
  apiKey?: string;
  baseUrl?: string;
}

/**
 * What the environment says of providers: keys and addresses, of one organization, and how keys are stored.
 */
export function credentialsFrom(environment: Environment): {
  environment: Record<string, Access>;
  organization: string;
  encryption?: Encryption;
} {
  const { BURSAR_ENCRYPTION_KEY: key } = environment;
  return {
    organization: environment.BURSAR_DEFAULT_ORGANIZATION,
    environment: {
      openai: access(environment.OPENAI_API_KEY, environment.OPENAI_BASE_URL),
      anthropic: access(environment.ANTHROPIC_API_KEY, environment.ANTHROPIC_BASE_URL),
      compatible: access(environment.COMPATIBLE_API_KEY, environment.COMPATIBLE_BASE_URL),
    },
    ...(key !== undefined && { encryption: createEncryption(key) }),
  };
}

function access(apiKey: string | undefined, baseUrl: string | undefined): Access {
  return { ...(apiKey !== undefined && { apiKey }), ...(baseUrl !== undefined && { baseUrl }) };
}
