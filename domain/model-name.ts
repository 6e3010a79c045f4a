/** The model that `offline` stands in for where none is named. */
export const OFFLINE_STAND_IN = 'gpt-5-mini';

interface NamedModel {
  /** `openai`, `offline`, …: what comes before the first `:` or `/`. */
  provider: string;
  /** What follows the provider after a `:`, e.g. `latencyMs=50,failEvery=3`; '' where there is nothing. */
  options: string;
  /** The provider's own name of the model; may contain slashes. */
  model: string;
}

/**
 * Reads `provider/model`, `offline:OPTIONS/model`, `offline` and `offline:OPTIONS`; undefined for anything
 * else. Options cannot hold a slash: what has one is written with `%2F`.
 */
export function readModelName(name: string): NamedModel | undefined {
  const slash = name.indexOf('/');
  const named = slash > 0 && slash < name.length - 1;
  const prefix = named ? name.slice(0, slash) : name;
  const colon = prefix.indexOf(':');
  const provider = colon < 0 ? prefix : prefix.slice(0, colon);
  const options = colon < 0 ? '' : prefix.slice(colon + 1);
  if (named) return { provider, options, model: name.slice(slash + 1) };
  if (provider !== 'offline' || slash >= 0) return undefined;
  return { provider, options, model: OFFLINE_STAND_IN };
}

/** The providers that are reached over the network, as they stand before the slash of a model. */
export const VENDOR_NAMES = ['openai', 'anthropic', 'compatible'] as const;
export type VendorName = (typeof VENDOR_NAMES)[number];

/** What stands before the slash: of a plain name the provider, else its options too. */
export function providerOf(name: string): string {
  return name.split('/', 1)[0] ?? '';
}

/** The name under which the offline provider stands in for a model; it is not another one's. */
export function standInFor(name: string): string {
  const read = readModelName(name);
  return read === undefined || read.provider === 'offline' ? name : `offline/${read.model}`;
}

/**
 * `provider/model` without the options of a rehearsal: what prices, budgets and calibrations go by. A name
 * that cannot be read stays as it is.
 */
export function plainModelName(name: string): string {
  const read = readModelName(name);
  return read === undefined ? name : `${read.provider}/${read.model}`;
}
