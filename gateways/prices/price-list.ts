import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { calcPrice, findProvider, type ModelPrice } from '@pydantic/genai-prices';
import type { Price } from '../../domain/money.ts';
import { readModelName } from '../llm/model-name.ts';

export interface PriceList {
  /**
   * The price on a day (default: now), or undefined where none is known; never a guess, never zero for
   * unknown.
   */
  priceOf(modelName: string, at?: Date): Price | undefined;
  /** Up to three names of models with a price that are spelt most like the given one, best first. */
  nearest(modelName: string): string[];
}

/**
 * Vendors that publish prices of models they make, then resellers: the first that knows a model is its price.
 */
const VENDORS = [
  'openai',
  'anthropic',
  'google',
  'mistral',
  'deepseek',
  'x-ai',
  'cohere',
  'groq',
  'openrouter',
];

/**
 * The published prices that came with the installed package; nothing is fetched. `openai/x` is priced by
 * OpenAI; `offline/x` as x of the first vendor that has such a model; any other provider by its own list,
 * or not at all.
 *
 * Prices are the base tier: a model that costs more above a context size, or by the hour of the day, is
 * priced as below it, and at the given time.
 */
export function createPriceList(): PriceList {
  const source = `genai-prices ${installedVersion()}`;

  function priceOf(modelName: string, at = new Date()): Price | undefined {
    const name = readModelName(modelName);
    if (name === undefined) return undefined;
    for (const vendor of vendorsOf(name.provider)) {
      const found = calcPrice({}, name.model, { providerId: vendor, timestamp: at });
      if (found !== null) return toPrice(found.model_price, source);
    }
    return undefined;
  }

  return {
    priceOf,
    nearest: (modelName) => {
      const name = readModelName(modelName);
      const provider = name?.provider ?? '';
      const known =
        vendorsOf(provider).length > 0 ? namesOf(provider) : VENDORS.slice(0, -1).flatMap(namesOf);
      const wanted = name?.model ?? modelName;
      return [...new Set(known)]
        .map((candidate) => ({
          candidate,
          distance: distance(wanted, candidate.slice(candidate.indexOf('/') + 1)),
        }))
        .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
        .filter(({ candidate }) => priceOf(candidate) !== undefined)
        .slice(0, 3)
        .map(({ candidate }) => candidate);
    },
  };
}

function toPrice(published: ModelPrice, source: string): Price | undefined {
  const input = basePrice(published.input_mtok);
  const output = basePrice(published.output_mtok);
  if (input === undefined || output === undefined) return undefined;
  const cachedRead = basePrice(published.cache_read_mtok);
  const cachedWrite = basePrice(published.cache_write_mtok);
  return {
    inputUsdPerMillion: input,
    outputUsdPerMillion: output,
    ...(cachedRead === undefined ? {} : { cachedReadUsdPerMillion: cachedRead }),
    ...(cachedWrite === undefined ? {} : { cachedWriteUsdPerMillion: cachedWrite }),
    source,
  };
}

function basePrice(price: ModelPrice[string]): number | undefined {
  return typeof price === 'object' ? price.base : price;
}

/**
 * The package matches a provider's name loosely (`my-openai` as openai); only the exact id is a known
 * provider here.
 */
function vendorsOf(provider: string): string[] {
  if (provider === 'offline') return VENDORS;
  return findProvider({ providerId: provider })?.id === provider ? [provider] : [];
}

function namesOf(provider: string): string[] {
  const vendors = provider === 'offline' ? VENDORS.slice(0, -1) : [provider];
  return vendors.flatMap((vendor) => {
    const models = findProvider({ providerId: vendor })?.models ?? [];
    return models.map((model) => `${provider}/${model.id}`);
  });
}

/** How many letters must be changed, added or removed (Levenshtein), upper and lower case being the same. */
function distance(from: string, to: string): number {
  const a = from.toLowerCase();
  const b = to.toLowerCase();
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** The package does not export its version, but its package.json lies beside its folder. */
function installedVersion(): string {
  const { resolve } = createRequire(import.meta.url);
  const manifest = new URL('../package.json', pathToFileURL(resolve('@pydantic/genai-prices')));
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
