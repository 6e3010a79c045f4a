import type { Usage } from '../../domain/money.ts';

interface ProviderFailureFacts {
  /** HTTP status of the answer, where there was one. */
  status?: number;
  /** The provider's own short code, or the network's, e.g. `rate_limit_exceeded`, `ECONNREFUSED`. */
  providerCode?: string;
  /** What the provider billed although the answer could not be used. */
  usage?: Usage;
}

/**
 * The cause of an AppError that comes from a provider. The libraries' own errors hold the request, the
 * answer and sometimes the key, so they are dropped, and only these facts of them are kept: this can be
 * logged as it is.
 */
export class ProviderFailure extends Error {
  readonly status: number | undefined;
  readonly providerCode: string | undefined;
  readonly usage: Usage | undefined;

  constructor(facts: ProviderFailureFacts) {
    super(`status ${facts.status ?? 'none'}, code ${facts.providerCode ?? 'none'}`);
    this.name = 'ProviderFailure';
    this.status = facts.status;
    this.providerCode = facts.providerCode;
    this.usage = facts.usage;
  }
}
