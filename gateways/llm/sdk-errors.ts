import { APICallError, InvalidResponseDataError } from 'ai';
import { AppError, type ErrorCode } from '../../domain/errors.ts';
import { ProviderFailure } from './provider-failure.ts';
import { readRetryAfter } from './retry-after.ts';
import type { Vendor } from './vendors.ts';

interface FailedCall {
  vendor: Vendor;
  /** Host of the base URL, for people. */
  host: string;
  /** The provider's name of the model. */
  model: string;
  /** Kept out of everything, even where the provider answers with it. */
  apiKey: string;
  /** Milliseconds since 1970. */
  now: number;
}

/**
 * What a failed call means, by the table of design section 7. Neither the message nor the cause holds
 * anything of the request, and of the answer only the status and short codes: a provider may repeat prompt
 * and key in its messages.
 *
 * A used-up quota (`insufficient_quota`, 402) comes as 429, but no wait of a minute cures it: it counts as
 * a rejected key, so that the run fails at once with a message that says what to do, and goes on by `retry`
 * with all that is stored.
 */
export function translateSdkError(error: unknown, call: FailedCall): AppError {
  const answer = APICallError.isInstance(error) ? error : undefined;
  const status = answer?.statusCode;
  const providerCode = safeCode(codeInBody(answer?.data, 'code') ?? codeInBody(answer?.data, 'type'), call);
  if (InvalidResponseDataError.isInstance(error)) return unusable(false, 200, call);
  if (status === undefined) return unreachable(networkCode(error), call);
  if (status < 300) return unusable(networkCode(error) !== undefined, status, call);

  const outOfCredit = isOutOfCredit(answer?.data);
  const code = outOfCredit ? 'llm_key_rejected' : codeOf(status, providerCode);
  const cause = new ProviderFailure({ status, ...(providerCode === undefined ? {} : { providerCode }) });
  const parameter = safeCode(codeInBody(answer?.data, 'param'), call);
  const why = describe(status, providerCode, parameter);
  const message = messageOf(code, call, outOfCredit ? `${why}, no credit` : why);
  if (code !== 'llm_rate_limited') return new AppError(code, message, { cause });
  return new AppError(code, message, {
    cause,
    retryAfterMs: readRetryAfter(answer?.responseHeaders ?? {}, call.now),
  });
}

/** No whole answer: refused connection, broken connection, wrong name of the host. */
function unreachable(providerCode: string | undefined, call: FailedCall): AppError {
  return new AppError(
    'llm_unavailable',
    `The provider at ${call.host} could not be reached (${providerCode ?? 'network error'}).`,
    { cause: new ProviderFailure(providerCode === undefined ? {} : { providerCode }) },
  );
}

/** A good status, but the answer broke off, or is not what this interface answers. */
function unusable(brokeOff: boolean, status: number, call: FailedCall): AppError {
  const cause = new ProviderFailure({ status });
  if (brokeOff) {
    return new AppError('llm_unavailable', `The answer of the provider at ${call.host} broke off.`, {
      cause,
    });
  }
  const message = `The provider at ${call.host} answered with something that is no chat completion.`;
  return new AppError('llm_output_invalid', message, { cause });
}

function codeOf(status: number, providerCode: string | undefined): ErrorCode {
  const byProvider = providerCode === undefined ? undefined : PROVIDER_CODES.get(providerCode);
  if (byProvider !== undefined && status < 500) return byProvider;
  if (status >= 500) return 'llm_unavailable';
  return STATUSES.get(status) ?? 'llm_bad_request';
}

/** The provider's own codes, where they say more than the status. */
const PROVIDER_CODES: ReadonlyMap<string, ErrorCode> = new Map([
  ['model_not_found', 'llm_model_unknown'],
  ['insufficient_quota', 'llm_key_rejected'],
  ['billing_hard_limit_reached', 'llm_key_rejected'],
  ['content_filter', 'llm_refused'],
  ['content_policy_violation', 'llm_refused'],
]);

const STATUSES: ReadonlyMap<number, ErrorCode> = new Map([
  [401, 'llm_key_rejected'],
  [402, 'llm_key_rejected'],
  [403, 'llm_key_rejected'],
  [404, 'llm_model_unknown'],
  [408, 'llm_unavailable'],
  [409, 'llm_unavailable'],
  [429, 'llm_rate_limited'],
]);

function messageOf(code: ErrorCode, { vendor, host, model }: FailedCall, why: string): string {
  if (code === 'llm_key_rejected') {
    return /quota|billing|credit|402/.test(why)
      ? `The account behind the API key has no quota left at ${host} (${why}); raise it, then retry the run.`
      : `The provider at ${host} did not accept the API key (${why}); ` +
          `check ${vendor.keyVariable}, or the stored key.`;
  }
  if (code === 'llm_model_unknown') {
    const advice = `check its name and ${vendor.baseUrlVariable}`;
    return `The provider at ${host} does not know the model "${model}" (${why}); ${advice}.`;
  }
  if (code === 'llm_rate_limited') return `The provider at ${host} asks to wait (${why}).`;
  if (code === 'llm_refused') return `The provider at ${host} declined to answer (${why}).`;
  if (code === 'llm_unavailable') return `The provider at ${host} is not available (${why}).`;
  return `The provider at ${host} refused the request (${why}).`;
}

function describe(status: number, providerCode?: string, parameter?: string): string {
  const parts = [`status ${status}`];
  if (providerCode !== undefined) parts.push(`code ${providerCode}`);
  if (parameter !== undefined) parts.push(`parameter ${parameter}`);
  return parts.join(', ');
}

/** `error.code` and its like of the answer. */
function codeInBody(data: unknown, field: 'code' | 'type' | 'param' | 'message'): unknown {
  const error = (data as { error?: Record<string, unknown> } | undefined)?.error;
  return error?.[field] ?? undefined;
}

/** Anthropic says so in words alone, beside the code of any wrong request; the words go no further. */
function isOutOfCredit(data: unknown): boolean {
  const message = codeInBody(data, 'message');
  return typeof message === 'string' && /^your credit balance is too low/i.test(message);
}

/** Only what looks like a code passes: one short word in small letters, and not the key. */
function safeCode(code: unknown, { apiKey }: FailedCall): string | undefined {
  const text = typeof code === 'number' ? String(code) : code;
  if (typeof text !== 'string' || !/^[a-z][a-z0-9_.[\]]{0,63}$|^\d{1,6}$/.test(text)) return undefined;
  return apiKey !== '' && text.includes(apiKey) ? undefined : text;
}

/** The first system code in the chain of causes, e.g. `ECONNREFUSED`, also of errors from another realm. */
function networkCode(error: unknown): string | undefined {
  let current: unknown = error;
  for (let depth = 0; depth < 10 && typeof current === 'object' && current !== null; depth += 1) {
    const { code, cause } = current as { code?: unknown; cause?: unknown };
    if (typeof code === 'string' && /^[A-Z][A-Z_]{2,40}$/.test(code)) return code;
    current = cause;
  }
  return undefined;
}
