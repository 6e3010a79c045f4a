import type { JSONSchema7 } from 'ai';
import { AppError, invalidInput } from '../../domain/errors.ts';
import type {
  CountTokens,
  EmbedRequest,
  EmbedResult,
  GenerateRequest,
  GenerateResult,
  LanguageModel,
} from '../../domain/llm.ts';
import { readModelName } from '../../domain/model-name.ts';
import { ProviderFailure } from './provider-failure.ts';
import { readAnswer, readEmbedding } from './sdk-answer.ts';
import { translateSdkError } from './sdk-errors.ts';
import type { Vendor } from './vendors.ts';

export interface SdkModelOptions {
  apiKey?: string;
  /** Default: the vendor's own. */
  baseUrl?: string;
  /**
   * For a whole call. Above 300,000 the HTTP client's own limits end a silent call first.
   */
  timeoutMs: number;
  /** For servers that answer without usage; without it UTF-8 bytes are counted. */
  countTokens?: CountTokens;
  /** Milliseconds since 1970, to read a Retry-After that is a date. */
  now?: () => number;
}

/**
 * A vendor's models over the AI SDK. One call of `generate` or `embed` is at most one HTTP request: nothing
 * is retried here.
 * @throws AppError `llm_…` by the table of design section 7; the reason of the signal when that aborts. An
 * answer that was billed but cannot be used has a ProviderFailure with its usage for a cause.
 * @throws AppError `invalid_input`, at once, for a base URL that is none.
 */
export function createSdkModel(vendor: Vendor, options: SdkModelOptions): LanguageModel {
  const { apiKey = '', timeoutMs, now = Date.now, countTokens } = options;
  const baseUrl = options.baseUrl ?? vendor.defaultBaseUrl;
  if (baseUrl === undefined) return withoutAddress(vendor);
  const host = hostOf(vendor, baseUrl);
  const provider = vendor.open({ apiKey, baseURL: baseUrl });

  async function ask<Result>(
    modelName: string,
    signal: AbortSignal,
    call: (model: string, abortSignal: AbortSignal) => PromiseLike<Result>,
  ): Promise<Result> {
    signal.throwIfAborted();
    checkKey(vendor, apiKey);
    const model = readModelName(modelName)?.model ?? modelName;
    const limit = limitTime(timeoutMs, signal);
    try {
      return await call(model, limit.signal);
    } catch (error) {
      signal.throwIfAborted();
      if (limit.signal.aborted) throw timedOut(host, timeoutMs);
      throw translateSdkError(error, { vendor, host, model, apiKey, now: now() });
    } finally {
      limit.clear();
    }
  }

  return {
    async generate(request, signal): Promise<GenerateResult> {
      const answer = await ask(request.model, signal, (model, abortSignal) =>
        provider.chat(model).doGenerate({ ...toCall(request), abortSignal }),
      );
      return readAnswer(answer, request, countTokens);
    },
    async embed(request, signal): Promise<EmbedResult> {
      const { vectors } = provider;
      if (vectors === undefined) throw noVectors(vendor, request);
      const { dimensions, text } = request;
      const answer = await ask(request.model, signal, (model, abortSignal) =>
        vectors(model).doEmbed({
          values: [text],
          abortSignal,
          ...(dimensions !== undefined && { providerOptions: { [vendor.name]: { dimensions } } }),
          ...headersOf(request.callId),
        }),
      );
      return readEmbedding(answer, request, countTokens);
    },
  };
}

/** Each call says what is missing: other providers go on. */
function withoutAddress({ label, name, baseUrlVariable }: Vendor): LanguageModel {
  const refuse = async () => {
    const message =
      `No address for ${label}: set ${baseUrlVariable}, ` +
      `or store one with \`bursar providers set-key ${name} --base-url URL\`.`;
    throw new AppError('llm_key_missing', message);
  };
  return { generate: refuse, embed: refuse };
}

function noVectors({ label }: Vendor, { model }: EmbedRequest): AppError {
  return new AppError(
    'llm_model_unknown',
    `${label} makes no embeddings: "${model}" cannot be used for them.`,
  );
}

function hostOf({ baseUrlVariable }: Vendor, baseUrl: string): string {
  const problem = baseUrlProblem(baseUrl);
  if (problem !== undefined)
    throw invalidInput(`${baseUrlVariable} ${problem}.`, [{ field: baseUrlVariable, problem }]);
  return new URL(baseUrl).host;
}

/** What is wrong with the address of a provider; undefined where nothing is. */
function baseUrlProblem(baseUrl: string): string | undefined {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const good =
    url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  return good
    ? undefined
    : 'must be an http or https URL without a name or password, e.g. http://localhost:8080/v1';
}

/** A key with a space or line break would end up in an error message of the HTTP client. */
function checkKey({ label, name, needsKey, keyVariable }: Vendor, apiKey: string): void {
  if (apiKey === '') {
    if (!needsKey) return;
    const stored = `store one with \`bursar providers set-key ${name}\``;
    throw new AppError('llm_key_missing', `No API key for ${label}: ${stored}, or set ${keyVariable}.`);
  }
  if (!isCleanKey(apiKey)) {
    throw new AppError(
      'llm_key_rejected',
      `The API key for ${label} (${keyVariable}, or stored) holds spaces or other invalid characters.`,
    );
  }
}

/** Printable ASCII without spaces. */
function isCleanKey(apiKey: string): boolean {
  return /^[\x21-\x7e]+$/.test(apiKey);
}

/**
 * The context before the instruction, unchanged from step to step, so that the provider's prompt cache
 * serves it.
 */
function toCall(request: GenerateRequest) {
  const user = (text: string) => ({ role: 'user' as const, content: [{ type: 'text' as const, text }] });
  const { system, context, instruction, maxOutputTokens, callId, schema } = request;
  return {
    prompt: [
      ...(system === '' ? [] : [{ role: 'system' as const, content: system }]),
      ...(context === '' ? [] : [user(context)]),
      user(instruction),
    ],
    maxOutputTokens,
    ...headersOf(callId),
    ...(schema === undefined
      ? {}
      : {
          responseFormat: {
            type: 'json' as const,
            name: schema.name,
            schema: schema.jsonSchema as JSONSchema7,
          },
        }),
  };
}

/** The provider keeps it with its own record of the call, so that the ledger can be compared with a bill. */
function headersOf(callId: string | undefined) {
  return callId === undefined ? {} : { headers: { 'X-Client-Request-Id': callId } };
}

/** A signal that aborts with the outer one or after the time; it leaves no listener behind. */
function limitTime(timeoutMs: number, outer: AbortSignal) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, timeoutMs);
  outer.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
      outer.removeEventListener('abort', abort);
    },
  };
}

function timedOut(host: string, timeoutMs: number): AppError {
  return new AppError(
    'llm_unavailable',
    `The provider at ${host} did not answer within ${timeoutMs / 1000} s.`,
    {
      cause: new ProviderFailure({ providerCode: 'timeout' }),
    },
  );
}
