import { createOpenAI } from '@ai-sdk/openai';
import type { JSONSchema7 } from 'ai';
import { AppError, invalidInput } from '../../domain/errors.ts';
import type {
  CountTokens,
  EmbedResult,
  GenerateRequest,
  GenerateResult,
  LanguageModel,
} from '../../domain/llm.ts';
import { readModelName } from '../../domain/model-name.ts';
import { readAnswer, readEmbedding } from './openai-answer.ts';
import { translateOpenAiError } from './openai-errors.ts';
import { ProviderFailure } from './provider-failure.ts';

interface OpenAiModelOptions {
  apiKey?: string;
  /** Default `https://api.openai.com/v1`. */
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

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';

/**
 * OpenAI, and what speaks its protocol: `/chat/completions`, because compatible servers answer that and
 * seldom `/responses`. One call of `generate` is at most one HTTP request: nothing is retried here.
 * @throws AppError `llm_…` by the table of design section 7; the reason of the signal when that aborts. An
 * answer that was billed but cannot be used has a ProviderFailure with its usage for a cause.
 * @throws AppError `invalid_input`, at once, for a base URL that is none.
 */
export function createOpenAiModel(options: OpenAiModelOptions): LanguageModel {
  const { apiKey = '', timeoutMs, now = Date.now, countTokens } = options;
  const baseUrl = options.baseUrl ?? DEFAULT_BASE_URL;
  const host = hostOf(baseUrl);
  const provider = createOpenAI({ apiKey, baseURL: baseUrl });

  async function ask<Result>(
    modelName: string,
    signal: AbortSignal,
    call: (model: string, abortSignal: AbortSignal) => PromiseLike<Result>,
  ): Promise<Result> {
    signal.throwIfAborted();
    checkKey(apiKey);
    const model = readModelName(modelName)?.model ?? modelName;
    const limit = limitTime(timeoutMs, signal);
    try {
      return await call(model, limit.signal);
    } catch (error) {
      signal.throwIfAborted();
      if (limit.signal.aborted) throw timedOut(host, timeoutMs);
      throw translateOpenAiError(error, { host, model, apiKey, now: now() });
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
      const { dimensions, text } = request;
      const answer = await ask(request.model, signal, (model, abortSignal) =>
        provider.embeddingModel(model).doEmbed({
          values: [text],
          abortSignal,
          ...(dimensions !== undefined && { providerOptions: { openai: { dimensions } } }),
          ...headersOf(request.callId),
        }),
      );
      return readEmbedding(answer, request, countTokens);
    },
  };
}

function hostOf(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    const problem = 'must be an http or https URL without a name or password, e.g. http://localhost:8080/v1';
    throw invalidInput(`OPENAI_BASE_URL ${problem}.`, [{ field: 'OPENAI_BASE_URL', problem }]);
  }
  return url.host;
}

/** A key with a space or line break would end up in an error message of the HTTP client. */
function checkKey(apiKey: string): void {
  if (apiKey === '') {
    throw new AppError('llm_key_missing', 'No API key for OpenAI: set OPENAI_API_KEY.');
  }
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new AppError(
      'llm_key_rejected',
      'OPENAI_API_KEY holds spaces, line breaks or other invalid characters.',
    );
  }
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
