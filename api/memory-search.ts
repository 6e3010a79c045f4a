import type { Memory } from '../domain/memory.ts';
import type { Principal } from '../domain/principal.ts';
import { cosine, vectorFromText } from '../domain/vector.ts';
import type { ApiDeps } from './deps.ts';
import { payFor } from './paid-call.ts';

const PAGE = 500;
/** More vectors than these are not looked at: about 1 GB is read for them. */
const MOST_VECTORS = 200_000;
const LIMIT_MS = 30_000;

export interface FoundMemory {
  memory: Memory;
  /** From -1 to 1. */
  similarity: number;
}

/**
 * The memories whose meaning is closest to a text: by the cosine between their vectors and its own, which
 * is made by the same model and paid for as any call.
 */
export async function searchMemories(
  deps: ApiDeps,
  principal: Principal,
  asked: { text: string; user?: string; limit: number },
): Promise<FoundMemory[]> {
  const { org } = principal;
  const model = deps.embeddingModel;
  const { vector } = await payFor(deps, principal, {
    model,
    step: 'search',
    inputTokens: deps.pricing.countTokens(model, asked.text),
    maxOutputTokens: 0,
    ...(asked.user !== undefined && { user: asked.user }),
    call: (callId) =>
      deps.providers.model.embed({ model, text: asked.text, org, callId }, AbortSignal.timeout(LIMIT_MS)),
  });
  const best = await closest(deps, org, model, vector, asked.user === undefined ? asked.limit : MOST_OF_ALL);
  const memories = await deps.store.memories.findMany(
    org,
    best.map(({ memory }) => memory),
  );
  return best
    .flatMap(({ memory: id, similarity }) => {
      const memory = memories.get(id);
      return memory === undefined ? [] : [{ memory, similarity }];
    })
    .filter(({ memory }) => asked.user === undefined || memory.user === asked.user)
    .slice(0, asked.limit);
}

/** Of one user's memories the closest may stand far down among all. */
const MOST_OF_ALL = 5_000;

async function closest(deps: ApiDeps, org: string, model: string, vector: number[], limit: number) {
  const best: { memory: string; similarity: number }[] = [];
  const of = { model, dimensions: vector.length };
  for (let [last, looked] = ['', 0]; looked < MOST_VECTORS; ) {
    const page = await deps.store.embeddings.after(org, of, last, PAGE);
    for (const { memory, vector: text } of page)
      best.push({ memory, similarity: cosine(vector, vectorFromText(text)) });
    best.sort((a, b) => b.similarity - a.similarity);
    best.length = Math.min(best.length, limit);
    if (page.length < PAGE) break;
    last = page.at(-1)?.memory ?? '';
    looked += page.length;
  }
  return best;
}
