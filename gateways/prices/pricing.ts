import type { Price } from '../../domain/money.ts';
import { type OwnPrice, ownPriceAt } from '../../domain/own-price.ts';
import { ownNamesOf, type PriceList } from './price-list.ts';

/** A price that was set counts everywhere so long after it. */
const KEPT_MS = 1_000;
/** Prices are mostly asked for now; older times look into the store. */
const KEPT_BACK_MS = 600_000;
const KEPT_ORGANIZATIONS = 1_000;

interface Dependencies {
  published: PriceList;
  /** The prices that an organization has set itself and that hold after a time. */
  ownPrices(org: string, after: Date): Promise<OwnPrice[]>;
  now(): Date;
}

/**
 * The prices of each organization: its own on their dates, else the published ones. Own prices are read once
 * a second, so that this may be asked before every call.
 */
export function createPricing({ published, ownPrices, now }: Dependencies) {
  const kept = new Map<string, { readAt: number; after: Date; prices: Promise<OwnPrice[]> }>();

  function ownOf(org: string, at: Date): Promise<OwnPrice[]> {
    const readAt = now().getTime();
    const before = kept.get(org);
    if (before !== undefined && readAt - before.readAt < KEPT_MS && at >= before.after) return before.prices;
    const after = new Date(readAt - KEPT_BACK_MS);
    if (at < after) return ownPrices(org, at);
    const prices = ownPrices(org, after);
    if (kept.size >= KEPT_ORGANIZATIONS) kept.clear();
    kept.set(org, { readAt, after, prices });
    prices.catch(() => kept.delete(org));
    return prices;
  }

  return {
    /** The price of a model at a time; undefined where none is known. */
    async priceOf(org: string, model: string, at: Date): Promise<Price | undefined> {
      const own = await ownOf(org, at);
      return ownPriceAt(own, ownNamesOf(model), at) ?? published.priceOf(model, at);
    },
    /** Names of models with a price that are close to one that has none. */
    async nearestModels(org: string, model: string): Promise<string[]> {
      const own = await ownOf(org, now());
      return published.nearest(
        model,
        own.map((price) => price.model),
      );
    },
  };
}
