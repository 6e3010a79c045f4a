import type { Price, Rates } from './money.ts';

/** Own prices that an organization may have at a time, so that all of them can be kept in memory. */
export const MAX_OWN_PRICES = 1_000;

/** A price that an organization has set for a model, which wins over the published one on its dates. */
export interface OwnPrice extends Rates {
  id: string;
  /** `provider/model`, exactly as runs name it. */
  model: string;
  from: Date;
  /** From here on it does not hold any more; without it there is no end. */
  until?: Date;
  note?: string;
  createdBy: string;
  createdAt: Date;
}

function isValidAt({ from, until }: OwnPrice, at: Date): boolean {
  return from <= at && (until === undefined || at < until);
}

/**
 * The own price of a model that holds at a time. Where several overlap, the one that began last counts, and
 * of those the one that was set last: a new price needs no end for the old one.
 */
export function ownPriceInForce(prices: readonly OwnPrice[], model: string, at: Date): OwnPrice | undefined {
  const [newest] = prices
    .filter((price) => price.model === model && isValidAt(price, at))
    .sort((a, b) => b.from.getTime() - a.from.getTime() || b.createdAt.getTime() - a.createdAt.getTime());
  return newest;
}

/** The price that holds at a time under the first of the names that has one. */
export function ownPriceAt(prices: readonly OwnPrice[], names: string[], at: Date): Price | undefined {
  for (const name of names) {
    const own = ownPriceInForce(prices, name, at);
    if (own !== undefined) return toPrice(own);
  }
  return undefined;
}

function toPrice(own: OwnPrice): Price {
  const { inputUsdPerMillion, outputUsdPerMillion, cachedReadUsdPerMillion, cachedWriteUsdPerMillion } = own;
  return {
    inputUsdPerMillion,
    outputUsdPerMillion,
    ...(cachedReadUsdPerMillion === undefined ? {} : { cachedReadUsdPerMillion }),
    ...(cachedWriteUsdPerMillion === undefined ? {} : { cachedWriteUsdPerMillion }),
    source: 'own price',
    since: own.from.toISOString(),
  };
}
