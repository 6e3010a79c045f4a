import type { CountTokens, LanguageModel, OfflineWriter } from '../domain/llm.ts';
import { createClosedKeys, createKeyGate } from '../gateways/llm/key-gate.ts';
import { createOfflineModel } from '../gateways/llm/offline.ts';
import { createLanguageModel } from '../gateways/llm/router.ts';
import type { Kinds } from '../kinds/index.ts';

/**
 * Every provider there is. The offline one asks nobody, so that its rehearsals of rate limits close its key
 * for this process alone.
 */
export function composeLanguageModel(
  kinds: Kinds,
  countTokens: CountTokens,
  vendors: Record<string, LanguageModel>,
): LanguageModel {
  const writers: Record<string, OfflineWriter> = {};
  for (const kind of Object.values(kinds)) if (kind !== undefined) writers[kind.name] = kind.writeOffline;
  const model = createOfflineModel({ writers, countTokens });
  const offline = createKeyGate({ model, closedKeys: createClosedKeys(), now: Date.now });
  return createLanguageModel({ providers: { ...vendors, offline } });
}
