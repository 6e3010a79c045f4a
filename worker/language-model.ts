import type { Environment } from '../config/environment.ts';
import type { CountTokens, LanguageModel, OfflineWriter } from '../domain/llm.ts';
import { createClosedKeys, createKeyGate } from '../gateways/llm/key-gate.ts';
import { createOfflineModel } from '../gateways/llm/offline.ts';
import { createOpenAiModel } from '../gateways/llm/openai.ts';
import { createLanguageModel } from '../gateways/llm/router.ts';
import type { Kinds } from '../kinds/index.ts';

/** Every provider there is, behind one gate that closes a provider's key for all runs after a 429. */
export function composeLanguageModel(
  environment: Environment,
  kinds: Kinds,
  countTokens: CountTokens,
): LanguageModel {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl, BURSAR_LLM_TIMEOUT_MS: timeoutMs } = environment;
  const writers: Record<string, OfflineWriter> = {};
  for (const kind of Object.values(kinds)) if (kind !== undefined) writers[kind.name] = kind.writeOffline;
  const providers = {
    offline: createOfflineModel({ writers, countTokens }),
    openai: createOpenAiModel({
      timeoutMs,
      countTokens,
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(baseUrl === undefined ? {} : { baseUrl }),
    }),
  };
  return createKeyGate({
    model: createLanguageModel({ providers }),
    closedKeys: createClosedKeys(),
    baseUrls: { openai: baseUrl },
    now: Date.now,
  });
}
