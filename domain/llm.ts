import type { RateLimits } from './limiter.ts';
import type { Usage } from './money.ts';

/**
 * One call to a language model, independent of the provider. The `context` is what all steps of an item
 * share: it goes first and unchanged, so that providers can serve it from their prompt cache and its tokens
 * are counted once.
 */
export interface GenerateRequest {
  /** `provider/model`, e.g. `openai/gpt-5-mini` or `offline/gpt-5-mini`. */
  model: string;
  system: string;
  context: string;
  instruction: string;
  maxOutputTokens: number;
  /** Whose keys pay for it; never sent. */
  org?: string;
  /** The id of the call's entry in the ledger; goes along as a header where the provider takes one. */
  callId?: string;
  /** When set, the answer must be JSON of this schema (a JSON schema object with a name). */
  schema?: { name: string; jsonSchema: Record<string, unknown> };
  /**
   * What the offline writer works from: which kind and step asks, and the item's facts. Never sent to a
   * provider.
   */
  offline: { kind: string; step: string; facts: unknown };
}

export interface GenerateResult {
  /** The text, or JSON text where the request carried a schema. */
  text: string;
  usage: Usage;
  /** The provider's own id of the call, where it gives one. */
  requestId?: string;
  /** What the provider says that it lets through. */
  limits?: RateLimits;
}

/** One text to be turned into a vector. */
export interface EmbedRequest {
  /** `provider/model`, e.g. `openai/text-embedding-3-small`. */
  model: string;
  text: string;
  /** Length of the vector, where the model can make shorter ones. */
  dimensions?: number;
  /** As in a GenerateRequest. */
  org?: string;
  callId?: string;
}

export interface EmbedResult {
  vector: number[];
  usage: Usage;
  requestId?: string;
  limits?: RateLimits;
}

/** A language model behind a provider. Throws AppError with an `llm_…` code; aborts when the signal does. */
export interface LanguageModel {
  generate(request: GenerateRequest, signal: AbortSignal): Promise<GenerateResult>;
  /** @throws AppError `llm_model_unknown` where the provider has no embeddings. */
  embed(request: EmbedRequest, signal: AbortSignal): Promise<EmbedResult>;
}

/** The tokens of the three parts of a prompt, each counted on its own. */
export function tokensOfPrompt(
  countTokens: CountTokens,
  {
    model,
    system,
    context,
    instruction,
  }: Pick<GenerateRequest, 'model' | 'system' | 'context' | 'instruction'>,
): number {
  return [system, context, instruction].reduce((sum, part) => sum + countTokens(model, part), 0);
}

/** Writes the text of a step from the item's facts, without any model: deterministic, and useful to read. */
export type OfflineWriter = (step: string, facts: unknown) => string;

/**
 * Counts the tokens of a text as the model would; UTF-8 bytes where its tokenizer is not known (an upper
 * bound).
 */
export type CountTokens = (model: string, text: string) => number;
