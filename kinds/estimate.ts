import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Calibration } from '../domain/calibration.ts';
import { AppError } from '../domain/errors.ts';
import { boundFacts, classicCalls, type Estimate, type ExpectedCalls } from '../domain/estimate.ts';
import { sumEstimate } from '../domain/estimate-sum.ts';
import { type CountTokens, type GenerateRequest, tokensOfPrompt } from '../domain/llm.ts';
import { plainModelName } from '../domain/model-name.ts';
import type { Price } from '../domain/money.ts';
import type { Kind, OutlinedBlocks, OutlinedStep, RunContext } from './kind.ts';

export interface Pricing {
  /** The organization's own price on its dates, else the published one; undefined where none is known. */
  priceOf(org: string, model: string, at: Date): Promise<Price | undefined>;
  /** Names of known models that are close to one that is not known. */
  nearestModels(org: string, model: string): Promise<string[]>;
  countTokens: CountTokens;
}

export interface EstimateDeps extends Pricing {
  /** What past runs have taught, by step; `model` without the options of a rehearsal. */
  calibrationsOf(org: string, kind: string, model: string): Promise<ReadonlyMap<string, Calibration>>;
  now(): Date;
}

/**
 * Renders and tokenizes what a run will ask, and prices it. `batches` yields the keys of its items, about 100
 * at a time.
 * @throws AppError `price_unknown`.
 */
export async function estimateItems(
  deps: EstimateDeps,
  kind: Kind,
  run: RunContext,
  batches: AsyncIterable<string[]> | Iterable<string[]>,
): Promise<Estimate> {
  const { model } = run.options;
  const priceOf = (name: string) => resolvePrice(deps, run.org, name, deps.now());
  const [price, calibrations] = await Promise.all([
    priceOf(model),
    deps.calibrationsOf(run.org, kind.name, plainModelName(model)),
    // What may be asked in its place is no part of the estimate, but must have a price by then.
    ...(run.options.fallbackModels ?? []).map(priceOf),
  ]);
  const sum = sumEstimate(price);
  const expected = (step: OutlinedStep | OutlinedBlocks) => expectedCalls(deps, step);
  for await (const outlined of oneAhead(batches, (keys) => kind.outline(run, keys))) {
    for (const { class: name, reused, steps, keptSteps = [] } of outlined)
      sum.add({
        class: name ?? kind.name,
        reused,
        asked: steps.map(expected),
        saved: keptSteps.map(expected),
      });
    // Tokenizing is pure computing: let signals, heartbeats and requests have their turn.
    await breathe();
  }
  const estimate = sum.end({ model }, calibrations);
  return { ...estimate, hash: createHash('sha256').update(boundFacts(estimate)).digest('hex') };
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

/**
 * The price of a model for an organization at a time.
 * @throws AppError `price_unknown` with the nearest known models: what has no price cannot be held against a
 * budget.
 */
export async function resolvePrice(
  pricing: Omit<Pricing, 'countTokens'>,
  org: string,
  model: string,
  at: Date,
): Promise<Price> {
  const price = await pricing.priceOf(org, model, at);
  if (price !== undefined) return price;
  const near = await pricing.nearestModels(org, model);
  const hint = near.length === 0 ? '' : `; known models close to it: ${near.join(', ')}`;
  throw new AppError('price_unknown', `no price is known for ${model}${hint}`);
}

function expectedCalls(deps: EstimateDeps, step: OutlinedStep | OutlinedBlocks): ExpectedCalls {
  if ('blocks' in step) {
    const { outputTokens: averageOutputTokens, ...rest } = step;
    return classicCalls({ ...rest, averageOutputTokens });
  }
  const { step: name, request, outputTokens } = step;
  const inputTokens = promptTokens(deps, request);
  return { step: name, calls: 1, inputTokens, outputTokens, maxOutputTokens: request.maxOutputTokens };
}

/**
 * Tokens that providers add for each message's frame and for the start of the answer; stated by OpenAI for
 * its models.
 */
const FRAME_TOKENS = 3 * 4 + 3;

/** The tokens of a prompt as the model counts them, an upper bound where its tokenizer is not known. */
export function promptTokens(pricing: Pick<Pricing, 'countTokens'>, request: GenerateRequest): number {
  const { model, schema } = request;
  const ofSchema = schema === undefined ? 0 : pricing.countTokens(model, JSON.stringify(schema.jsonSchema));
  return FRAME_TOKENS + tokensOfPrompt(pricing.countTokens, request) + ofSchema;
}
