import { readModelName } from '../../domain/model-name.ts';
import type { Price } from '../../domain/money.ts';
import { nearestNames } from './nearest-names.ts';
import { isVendor, publishedModels, publishedPrice } from './published.ts';

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
] as const;

export interface PriceList {
  /**
   * The price at a time (default: now), or undefined where none is known; never a guess, never zero for
   * unknown.
   */
  priceOf(modelName: string, at?: Date): Price | undefined;
  /** Every model of the known vendors that has a price at a time, by name. */
  all(at?: Date): { model: string; price: Price }[];
  /**
   * Up to three names of models with a price, or of those given besides, that are spelt most like the given
   * one, best first.
   */
  nearest(modelName: string, besides?: string[]): string[];
}

/**
 * The published prices that came with the installed package; nothing is fetched. `openai/x` is priced by
 * OpenAI; `offline/x` as x of the first vendor that has such a model; any other provider by its own list,
 * or not at all. A model that costs more by the hour of the day is priced at the given time.
 */
export function createPriceList(): PriceList {
  function priceOf(modelName: string, at = new Date()): Price | undefined {
    const name = readModelName(modelName);
    if (name === undefined) return undefined;
    for (const vendor of vendorsOf(name.provider)) {
      const price = publishedPrice(vendor, name.model, at);
      if (price !== undefined) return price;
    }
    return undefined;
  }

  return {
    priceOf,
    all: (at = new Date()) =>
      VENDORS.flatMap((vendor) => namesOf(vendor)).flatMap((model) => {
        const price = priceOf(model, at);
        return price === undefined ? [] : [{ model, price }];
      }),
    nearest(modelName, besides = []) {
      const provider = readModelName(modelName)?.provider ?? '';
      const known =
        vendorsOf(provider).length > 0 ? namesOf(provider) : VENDORS.slice(0, -1).flatMap(namesOf);
      const own = new Set(besides);
      return nearestNames(
        modelName,
        [...own, ...known],
        (name) => own.has(name) || priceOf(name) !== undefined,
      );
    },
  };
}

/** The vendors whose lists are asked for the models of a provider, in this order. */
function vendorsOf(provider: string): readonly string[] {
  if (provider === 'offline') return VENDORS;
  return isVendor(provider) ? [provider] : [];
}

function namesOf(provider: string): string[] {
  const vendors = provider === 'offline' ? VENDORS.slice(0, -1) : [provider];
  return vendors.flatMap((vendor) => publishedModels(vendor).map((model) => `${provider}/${model}`));
}

/**
 * The names under which a price of one's own for a model may stand, the first first: an offline model costs
 * what the model costs that it stands in for, unless it has a price itself.
 */
export function ownNamesOf(modelName: string): string[] {
  const name = readModelName(modelName);
  if (name === undefined) return [];
  const providers = name.provider === 'offline' ? ['offline', ...VENDORS, 'compatible'] : [name.provider];
  return providers.map((provider) => `${provider}/${name.model}`);
}
