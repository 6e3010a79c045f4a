import { AppError } from '../../domain/errors.ts';
import { isJson } from '../../domain/is-json.ts';
import type { RateLimits } from '../../domain/limiter.ts';
import {
  type CountTokens,
  type EmbedRequest,
  type EmbedResult,
  type GenerateRequest,
  type GenerateResult,
  tokensOfPrompt,
} from '../../domain/llm.ts';
import type { Usage } from '../../domain/money.ts';
import { ProviderFailure } from './provider-failure.ts';
import type { ChatModel, VectorModel } from './vendors.ts';

type Answer = Awaited<ReturnType<ChatModel['doGenerate']>>;
type Embedding = Awaited<ReturnType<VectorModel['doEmbed']>>;

/**
 * The text and usage of an answer; the usage is counted here where the server gives none.
 * @throws AppError `llm_refused` or `llm_output_invalid`, with the usage in its cause, for an answer that
 * is no answer.
 */
export function readAnswer(
  answer: Answer,
  request: GenerateRequest,
  countTokens?: CountTokens,
): GenerateResult {
  const text = answer.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const usage = toUsage(answer.usage, request, text, countTokens);
  const problem = problemOf(answer.finishReason.unified, text, request);
  if (problem !== undefined) {
    throw new AppError(problem.code, problem.message, {
      cause: new ProviderFailure({ status: 200, providerCode: answer.finishReason.unified, usage }),
    });
  }
  const requestId = requestIdOf(answer.response?.headers) ?? answer.response?.id;
  return {
    text,
    usage,
    ...(requestId === undefined ? {} : { requestId }),
    ...limitsIn(answer.response?.headers),
  };
}

/** @throws AppError `llm_output_invalid`, with the usage in its cause, for an answer without a vector. */
export function readEmbedding(
  answer: Embedding,
  { model, text }: EmbedRequest,
  countTokens: CountTokens = bytesOf,
): EmbedResult {
  const usage = { inputTokens: tokens(answer.usage?.tokens) ?? countTokens(model, text), outputTokens: 0 };
  const [vector = []] = answer.embeddings;
  if (vector.length === 0 || !vector.every(Number.isFinite))
    throw new AppError('llm_output_invalid', 'The answer held no vector.', {
      cause: new ProviderFailure({ status: 200, providerCode: 'no_vector', usage }),
    });
  const requestId = requestIdOf(answer.response?.headers);
  return {
    vector,
    usage,
    ...(requestId === undefined ? {} : { requestId }),
    ...limitsIn(answer.response?.headers),
  };
}

/** OpenAI and Anthropic name it a little differently. */
function requestIdOf(headers: Record<string, string> | undefined): string | undefined {
  return headers?.['x-request-id'] ?? headers?.['request-id'];
}

/** What OpenAI and Anthropic, and many that follow them, say of their limits: per minute. */
function limitsIn(headers: Record<string, string> | undefined): { limits?: RateLimits } {
  const read = (...names: string[]) => {
    const text = names.map((name) => headers?.[name]).find((value) => value !== undefined) ?? '';
    return /^\d{1,12}$/.test(text) && Number(text) > 0 ? Number(text) : undefined;
  };
  const requests = read('x-ratelimit-limit-requests', 'anthropic-ratelimit-requests-limit');
  const tokens = read('x-ratelimit-limit-tokens', 'anthropic-ratelimit-tokens-limit');
  if (requests === undefined && tokens === undefined) return {};
  return {
    limits: {
      ...(requests !== undefined && { requestsPerMinute: requests }),
      ...(tokens !== undefined && { tokensPerMinute: tokens }),
    },
  };
}

function problemOf(finish: string, text: string, request: GenerateRequest) {
  if (finish === 'content-filter') {
    return {
      code: 'llm_refused',
      message: 'The model declined to answer, or a content filter did.',
    } as const;
  }
  const invalid = (message: string) => ({ code: 'llm_output_invalid', message }) as const;
  if (finish === 'length') {
    return invalid(`The answer was cut off at the limit of ${request.maxOutputTokens} output tokens.`);
  }
  if (text.trim() === '') return invalid('The answer was empty.');
  if (request.schema !== undefined && !isJson(text))
    return invalid('The answer was not the JSON that was asked for.');
  return undefined;
}

function toUsage(
  counted: Answer['usage'],
  request: GenerateRequest,
  text: string,
  countTokens: CountTokens = bytesOf,
): Usage {
  const input = tokens(counted.inputTokens.total) ?? tokensOfPrompt(countTokens, request);
  const output = tokens(counted.outputTokens.total) ?? countTokens(request.model, text);
  // Parts never exceed their whole: what is cached is cheaper, and would make the rest negative.
  const read = Math.min(tokens(counted.inputTokens.cacheRead) ?? 0, input);
  const write = Math.min(tokens(counted.inputTokens.cacheWrite) ?? 0, input - read);
  return {
    inputTokens: input,
    outputTokens: output,
    ...named('cachedReadTokens', read),
    ...named('cachedWriteTokens', write),
    ...named('reasoningTokens', Math.min(tokens(counted.outputTokens.reasoning) ?? 0, output)),
  };
}

const bytesOf: CountTokens = (_model, part) => Buffer.byteLength(part, 'utf8');

/** No request and no answer has so many: who says so has not counted. */
const MOST_TOKENS = 100_000_000;

/** Whole and not negative, whatever a compatible server says; what cannot be is taken for not counted. */
function tokens(count: number | undefined): number | undefined {
  if (count === undefined || !Number.isFinite(count) || count > MOST_TOKENS) return undefined;
  return Math.max(0, Math.ceil(count));
}

function named(name: keyof Usage, count: number): Partial<Usage> {
  return count === 0 ? {} : { [name]: count };
}
