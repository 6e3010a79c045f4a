/** Money is an integer of nano-dollars (1e-9 USD); prices are USD per million tokens, as published. */

const NANO_USD_PER_USD = 1_000_000_000;

/**
 * What a provider counted for one call. `inputTokens` includes the cached ones, `outputTokens` the reasoning.
 */
export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cachedReadTokens?: number;
  cachedWriteTokens?: number;
  reasoningTokens?: number;
}

/** The price of a model, in USD per million tokens. */
export interface Price {
  inputUsdPerMillion: number;
  outputUsdPerMillion: number;
  cachedReadUsdPerMillion?: number;
  cachedWriteUsdPerMillion?: number;
  /** Where the price comes from, e.g. the name and version of a price list. */
  source: string;
}

/**
 * The cost of one call in nano-dollars, rounded half up once.
 * USD per million tokens × tokens × 1e9 / 1e6 = price × tokens × 1000 nano-dollars.
 */
export function costOfUsage(usage: Usage, price: Price): number {
  const cachedRead = usage.cachedReadTokens ?? 0;
  const cachedWrite = usage.cachedWriteTokens ?? 0;
  const plainInput = Math.max(0, usage.inputTokens - cachedRead - cachedWrite);
  const usdPerMillionTokens =
    plainInput * price.inputUsdPerMillion +
    cachedRead * (price.cachedReadUsdPerMillion ?? price.inputUsdPerMillion) +
    cachedWrite * (price.cachedWriteUsdPerMillion ?? price.inputUsdPerMillion) +
    usage.outputTokens * price.outputUsdPerMillion;
  return roundHalfUp(usdPerMillionTokens * 1000);
}

/**
 * Rounds half up. The product is first brought to 15 significant digits, so that 0.1 + 0.2 does not tip a
 * half.
 */
export function roundHalfUp(nanoUsd: number): number {
  const rounded = Math.floor(Number(nanoUsd.toPrecision(15)) + 0.5);
  if (!Number.isSafeInteger(rounded)) throw new RangeError(`not a safe amount of nano-dollars: ${nanoUsd}`);
  return rounded;
}

/** Nano-dollars of a decimal number of USD as people give it, rounded half up once. */
export function fromUsd(usd: number): number {
  return roundHalfUp(usd * NANO_USD_PER_USD);
}

/** USD as a decimal number, for the API and for people; never to calculate with. */
export function toUsd(nanoUsd: number): number {
  return nanoUsd / NANO_USD_PER_USD;
}

/** `$0.0421`: at least two decimals, and enough of them to show two digits that count. */
export function formatUsd(nanoUsd: number): string {
  const usd = toUsd(nanoUsd);
  if (usd === 0) return '$0.00';
  const decimals = Math.min(9, Math.max(2, 1 - Math.floor(Math.log10(Math.abs(usd)))));
  const sign = usd < 0 ? '-' : '';
  return `${sign}$${Math.abs(usd).toFixed(decimals)}`;
}
