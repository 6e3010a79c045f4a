import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { calcPrice, findProvider, type ModelInfo, type ModelPrice } from '@pydantic/genai-prices';
import type { Price, Rates } from '../../domain/money.ts';

type Published = ModelPrice[string];

/** The fields of the package that are tokens of text: others (audio, images, searches) are never used. */
const RATE_OF = {
  inputUsdPerMillion: 'input_mtok',
  outputUsdPerMillion: 'output_mtok',
  cachedReadUsdPerMillion: 'cache_read_mtok',
  cachedWriteUsdPerMillion: 'cache_write_mtok',
} as const satisfies Record<keyof Rates, string>;

/** What a vendor's own list says of a model at a time; undefined where it has no price of it for text. */
export function publishedPrice(vendor: string, model: string, at: Date): Price | undefined {
  const found = calcPrice({}, model, { providerId: vendor, timestamp: at });
  if (found === null) return undefined;
  const since = sinceOf(found.model, found.model_price);
  const price = toPrice(
    withoutOutput(found.model) ? { output_mtok: 0, ...found.model_price } : found.model_price,
  );
  return price === undefined ? undefined : { ...price, ...(since === undefined ? {} : { since }) };
}

/** The ids of a vendor's models as its list names them. */
export function publishedModels(vendor: string): string[] {
  return (findProvider({ providerId: vendor })?.models ?? []).map(({ id }) => id);
}

/**
 * The package matches a provider's name loosely (`my-openai` as openai); only the exact id is a known vendor
 * here.
 */
export function isVendor(provider: string): boolean {
  return findProvider({ providerId: provider })?.id === provider;
}

/** A model that makes vectors has no price for output, for it has no output tokens. */
function withoutOutput({ id }: ModelInfo): boolean {
  return /embed/i.test(id);
}

function toPrice(published: ModelPrice): Price | undefined {
  const base = ratesAt(published, 0);
  if (base === undefined) return undefined;
  const starts = Object.values(RATE_OF).flatMap((key) => startsOf(published[key]));
  const tiers = [...new Set(starts)]
    .sort((a, b) => a - b)
    .map((start) => ({ aboveInputTokens: start, ...(ratesAt(published, start + 1) ?? base) }));
  return { ...base, ...(tiers.length === 0 ? {} : { tiers }), source: SOURCE };
}

/** All rates of a call with so many input tokens; each rate may have tiers of its own. */
function ratesAt(published: ModelPrice, inputTokens: number): Rates | undefined {
  const rates = Object.entries(RATE_OF).flatMap(([name, key]) => {
    const rate = rateAt(published[key], inputTokens);
    return rate === undefined ? [] : [[name, rate]];
  });
  const { inputUsdPerMillion, outputUsdPerMillion, ...cached } = Object.fromEntries(rates) as Partial<Rates>;
  if (inputUsdPerMillion === undefined || outputUsdPerMillion === undefined) return undefined;
  return { inputUsdPerMillion, outputUsdPerMillion, ...cached };
}

/** The last tier applies whose `start` the input tokens exceed (`calcTieredPrice` of the package). */
function rateAt(published: Published, inputTokens: number): number | undefined {
  if (typeof published !== 'object') return published;
  return tiersOf(published).findLast(({ start }) => inputTokens > start)?.price ?? published.base;
}

function startsOf(published: Published): number[] {
  return typeof published === 'object' ? tiersOf(published).map(({ start }) => start) : [];
}

function tiersOf({ tiers }: Extract<Published, object>) {
  return tiers.toSorted((a, b) => a.start - b.start);
}

/** Since when a price holds, where the list keeps an older one beside it. */
function sinceOf(model: ModelInfo, price: ModelPrice): string | undefined {
  if (!Array.isArray(model.prices)) return undefined;
  const constraint = model.prices.find(({ prices }) => prices === price)?.constraint;
  return constraint?.type === 'start_date' ? constraint.start_date : undefined;
}

/** The package does not export its version, but its package.json lies beside its folder. */
function installedVersion(): string {
  const { resolve } = createRequire(import.meta.url);
  const manifest = new URL('../package.json', pathToFileURL(resolve('@pydantic/genai-prices')));
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

const SOURCE = `genai-prices ${installedVersion()}`;
