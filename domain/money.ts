/** Money is an integer of nano-dollars (1e-9 USD); prices are USD per million tokens, as published. */

export const NANO_USD_PER_USD = 1_000_000_000;

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

/** USD per million tokens. What has no price of its own is billed as plain input. */
export interface Rates {
  inputUsdPerMillion: number;
  outputUsdPerMillion: number;
  cachedReadUsdPerMillion?: number;
  cachedWriteUsdPerMillion?: number;
}

/**
 * The price of a model. As the published lists define it, a tier is reached by the input tokens of one call,
 * cached ones included, and then prices all tokens of that call.
 */
export interface Price extends Rates {
  /** Rates of calls with more input tokens than `aboveInputTokens`, ascending by it. */
  tiers?: (Rates & { aboveInputTokens: number })[];
  /** Where the price comes from, e.g. the name and version of a price list. */
  source: string;
  /** `YYYY-MM-DD` or a time: since when it holds, where that is known. */
  since?: string;
}

/**
 * The cost of one call in nano-dollars, rounded half up once.
 * USD per million tokens × tokens × 1e9 / 1e6 = price × tokens × 1000 nano-dollars.
 */
export function costOfUsage(usage: Usage, price: Price): number {
  const rates = ratesOf(price, usage.inputTokens);
  const cachedRead = usage.cachedReadTokens ?? 0;
  const cachedWrite = usage.cachedWriteTokens ?? 0;
  const plainInput = Math.max(0, usage.inputTokens - cachedRead - cachedWrite);
  const usdPerMillionTokens =
    plainInput * rates.inputUsdPerMillion +
    cachedRead * (rates.cachedReadUsdPerMillion ?? rates.inputUsdPerMillion) +
    cachedWrite * (rates.cachedWriteUsdPerMillion ?? rates.inputUsdPerMillion) +
    usage.outputTokens * rates.outputUsdPerMillion;
  return roundHalfUp(usdPerMillionTokens * 1000);
}

/**
 * The most that a call with at most these tokens can cost, in nano-dollars rounded up: all of the input
 * written to a cache where that is dearer, in the dearest tier that the input can reach.
 */
export function worstCostOf(call: { inputTokens: number; maxOutputTokens: number }, price: Price): number {
  const costs = reachableRates(price, call.inputTokens).map(
    (rates) => call.inputTokens * dearestInput(rates) + call.maxOutputTokens * rates.outputUsdPerMillion,
  );
  return roundUp(Math.max(...costs) * 1000);
}

/** The dearest that an input token of a call with so many of them can cost. USD per million. */
export function dearestInputRate(price: Price, inputTokens: number): number {
  return Math.max(...reachableRates(price, inputTokens).map(dearestInput));
}

function dearestInput(rates: Rates): number {
  const { inputUsdPerMillion, cachedReadUsdPerMillion = 0, cachedWriteUsdPerMillion = 0 } = rates;
  return Math.max(inputUsdPerMillion, cachedReadUsdPerMillion, cachedWriteUsdPerMillion);
}

/** The rates at which all of a call with so many input tokens is billed. */
export function ratesOf(price: Price, inputTokens: number): Rates {
  return price.tiers?.findLast(({ aboveInputTokens }) => inputTokens > aboveInputTokens) ?? price;
}

/** The base rates, and those of each tier that a call with at most so many input tokens may reach. */
function reachableRates(price: Price, inputTokens: number): Rates[] {
  return [price, ...(price.tiers ?? []).filter(({ aboveInputTokens }) => inputTokens > aboveInputTokens)];
}

/**
 * Rounds half up. The product is first brought to 15 significant digits, so that 0.1 + 0.2 does not tip a
 * half.
 */
export function roundHalfUp(nanoUsd: number): number {
  return safe(Math.floor(Number(nanoUsd.toPrecision(15)) + 0.5));
}

function roundUp(nanoUsd: number): number {
  return safe(Math.ceil(Number(nanoUsd.toPrecision(15))));
}

function safe(nanoUsd: number): number {
  if (!Number.isSafeInteger(nanoUsd)) throw new RangeError(`not a safe amount of nano-dollars: ${nanoUsd}`);
  return nanoUsd;
}

/** Nano-dollars of a decimal number of USD as people give it, rounded half up once. */
export function fromUsd(usd: number): number {
  return roundHalfUp(usd * NANO_USD_PER_USD);
}

/** USD as a decimal number, for the API and for people; never to calculate with. */
export function toUsd(nanoUsd: number): number {
  return nanoUsd / NANO_USD_PER_USD;
}

/** USD with all their digits and no exponent, e.g. `-0.000000001`. */
export function decimalUsd(nanoUsd: number | bigint): string {
  const negative = nanoUsd < 0;
  const digits = String(negative ? -nanoUsd : nanoUsd).padStart(10, '0');
  const decimals = digits.slice(-9).replace(/0+$/, '');
  return `${negative ? '-' : ''}${digits.slice(0, -9)}${decimals === '' ? '' : `.${decimals}`}`;
}

/** `$0.0421`: at least two decimals, and enough of them to show two digits that count. */
export function formatUsd(nanoUsd: number): string {
  const usd = toUsd(nanoUsd);
  if (usd === 0) return '$0.00';
  const decimals = Math.min(9, Math.max(2, 1 - Math.floor(Math.log10(Math.abs(usd)))));
  const sign = usd < 0 ? '-' : '';
  return `${sign}$${Math.abs(usd).toFixed(decimals)}`;
}
