import { setImmediate as breathe } from 'node:timers/promises';
import { AppError } from '../domain/errors.ts';
import { addUpEstimate, type Estimate, type ExpectedStep } from '../domain/estimate.ts';
import type { CountTokens, GenerateRequest } from '../domain/llm.ts';
import type { Price } from '../domain/money.ts';
import type { Kind, RunContext } from './kind.ts';

export interface Pricing {
  priceOf(model: string): Price | undefined;
  /** Names of known models that are close to one that is not known. */
  nearestModels(model: string): string[];
  countTokens: CountTokens;
}

/**
 * Renders and tokenizes what a run will ask, and prices it. `batches` yields the keys of its items, about 100
 * at a time.
 * @throws AppError `price_unknown`.
 */
export async function estimateItems(
  pricing: Pricing,
  kind: Kind,
  run: RunContext,
  batches: AsyncIterable<string[]> | Iterable<string[]>,
): Promise<Estimate> {
  const price = knownPrice(pricing, run.options.model);
  const expected: ExpectedStep[] = [];
  let items = 0;
  let reusedItems = 0;
  for await (const outlined of oneAhead(batches, (keys) => kind.outline(run, keys))) {
    for (const item of outlined) {
      items += 1;
      if (item.reused) reusedItems += 1;
      for (const { step, request, outputTokens } of item.steps)
        expected.push({ step, inputTokens: promptTokens(pricing, request), outputTokens });
    }
    // Tokenizing is pure computing: let signals, heartbeats and requests have their turn.
    await breathe();
  }
  return addUpEstimate(expected, { items, reusedItems, price, model: run.options.model });
}

/** Yields each result while the next is under way already: reading goes on while tokens are counted. */
async function* oneAhead<I, O>(
  inputs: AsyncIterable<I> | Iterable<I>,
  work: (input: I) => Promise<O>,
): AsyncGenerator<O> {
  let next: Promise<O> | undefined;
  for await (const input of inputs) {
    const current = next;
    next = work(input);
    // It is awaited below, but may be rejected before.
    next.catch(() => {});
    if (current !== undefined) yield await current;
  }
  if (next !== undefined) yield await next;
}

/** @throws AppError `price_unknown`: what has no price cannot be held against a budget. */
export function knownPrice(pricing: Omit<Pricing, 'countTokens'>, model: string): Price {
  const price = pricing.priceOf(model);
  if (price !== undefined) return price;
  const near = pricing.nearestModels(model);
  const hint = near.length === 0 ? '' : `; known models close to it: ${near.join(', ')}`;
  throw new AppError('price_unknown', `no price is known for ${model}${hint}`);
}

/**
 * Tokens that providers add for each message's frame and for the start of the answer; stated by OpenAI for
 * its models.
 */
const FRAME_TOKENS = 3 * 4 + 3;

function promptTokens(pricing: Pricing, request: GenerateRequest): number {
  const parts = [request.system, request.context, request.instruction];
  if (request.schema !== undefined) parts.push(JSON.stringify(request.schema.jsonSchema));
  return parts.reduce((sum, part) => sum + pricing.countTokens(request.model, part), FRAME_TOKENS);
}
