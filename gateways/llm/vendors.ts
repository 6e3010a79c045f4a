import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { VendorName } from '../../domain/model-name.ts';

type OpenAi = ReturnType<typeof createOpenAI>;
/** A model of the AI SDK for one answer, or for vectors. */
export type ChatModel = ReturnType<OpenAi['chat']>;
export type VectorModel = ReturnType<OpenAi['embeddingModel']>;

interface Opened {
  chat(model: string): ChatModel;
  /** Absent where the vendor makes no vectors. */
  vectors?(model: string): VectorModel;
}

/** What tells one vendor of models from another. */
export interface Vendor {
  /** As in the names of models: `openai/…`. */
  name: string;
  /** For people. */
  label: string;
  /** Without one nothing is asked. Servers of one's own often want none. */
  needsKey: boolean;
  defaultBaseUrl?: string;
  keyVariable: string;
  baseUrlVariable: string;
  open(access: { apiKey: string; baseURL: string }): Opened;
}

/** OpenAI by `/chat/completions`, for what stands in front of it answers that and seldom `/responses`. */
const openai: Vendor = {
  name: 'openai',
  label: 'OpenAI',
  needsKey: true,
  defaultBaseUrl: 'https://api.openai.com/v1',
  keyVariable: 'OPENAI_API_KEY',
  baseUrlVariable: 'OPENAI_BASE_URL',
  open(access) {
    const provider = createOpenAI(access);
    return { chat: (model) => provider.chat(model), vectors: (model) => provider.embeddingModel(model) };
  },
};

const anthropic: Vendor = {
  name: 'anthropic',
  label: 'Anthropic',
  needsKey: true,
  defaultBaseUrl: 'https://api.anthropic.com/v1',
  keyVariable: 'ANTHROPIC_API_KEY',
  baseUrlVariable: 'ANTHROPIC_BASE_URL',
  open(access) {
    const provider = createAnthropic(access);
    return { chat: (model) => provider(model) };
  },
};

/** Azure, vLLM, Ollama, OpenRouter, Mistral and others that speak OpenAI's protocol. */
const compatible: Vendor = {
  name: 'compatible',
  label: 'the compatible server',
  needsKey: false,
  keyVariable: 'COMPATIBLE_API_KEY',
  baseUrlVariable: 'COMPATIBLE_BASE_URL',
  open({ apiKey, baseURL }) {
    const provider = createOpenAICompatible({
      name: 'compatible',
      baseURL,
      supportsStructuredOutputs: true,
      ...(apiKey !== '' && { apiKey }),
    });
    return {
      chat: (model) => provider.chatModel(model),
      vectors: (model) => provider.embeddingModel(model),
    };
  },
};

/** Every vendor that is reached over the network, by the name that stands before the slash of a model. */
export const VENDORS: Readonly<Record<VendorName, Vendor>> = {
  openai,
  anthropic,
  compatible,
};
