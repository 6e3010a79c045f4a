import { parseModelName } from '../../domain/llm.ts';

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
  const parsed = parseModelName(name);
  const prefix = parsed?.provider ?? name;
  const colon = prefix.indexOf(':');
  const provider = colon < 0 ? prefix : prefix.slice(0, colon);
  const options = colon < 0 ? '' : prefix.slice(colon + 1);
  if (parsed !== undefined) return { provider, options, model: parsed.model };
  if (provider !== 'offline' || name.includes('/')) return undefined;
  return { provider, options, model: OFFLINE_STAND_IN };
}
