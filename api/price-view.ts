import { z } from '@hono/zod-openapi';
import { plainModelName } from '../domain/model-name.ts';
import { type OwnPrice, ownPriceInForce } from '../domain/own-price.ts';
import type { ApiDeps } from './deps.ts';
import { priceSchema, toApiPrice } from './estimate-view.ts';

/** Own prices that a list looks at, the newest: more can be found by their model. */
const MAX_LISTED = 2_000;

const time = z.iso.datetime();

export const ownPriceSchema = priceSchema
  .extend({
    id: z.string(),
    model: z.string(),
    from: time,
    until: time.nullable(),
    note: z.string().nullable(),
    createdBy: z.string(),
    createdAt: time,
  })
  .openapi('OwnPrice');

export const listedPriceSchema = priceSchema
  .extend({
    model: z.string(),
    /** Whether runs that begin now are priced with it. */
    inForce: z.boolean(),
    /** What an own price has besides; null for a published one. */
    own: ownPriceSchema
      .pick({ id: true, from: true, until: true, note: true, createdBy: true, createdAt: true })
      .nullable(),
  })
  .openapi('ListedPrice');

type ListedPrice = z.infer<typeof listedPriceSchema>;

export function toApiOwnPrice(price: OwnPrice): z.infer<typeof ownPriceSchema> {
  return { model: price.model, ...ratesOf(price), ...ownFieldsOf(price) };
}

/**
 * Own and published prices whose model has the text in its name, by model, of one model the own ones first.
 * Where the text is itself the name of a model that has a price under another name (a dated one, an offline
 * one), that price comes first.
 */
export async function findPrices(
  deps: ApiDeps,
  of: { org: string; text: string | undefined; ended: boolean },
  now: Date,
): Promise<ListedPrice[]> {
  const { org, text } = of;
  const matches = { ...(text !== undefined && { text }), ...(!of.ended && { endingAfter: now }) };
  const own = await deps.store.prices.search(org, matches, MAX_LISTED);
  const hidden = new Set(own.flatMap(({ model }) => (ownPriceInForce(own, model, now) ? [model] : [])));
  const wanted = text?.toLowerCase() ?? '';
  const published = deps.published
    .all(now)
    .filter(({ model }) => model.toLowerCase().includes(wanted))
    .map(({ model, price }) => ({ model, ...toApiPrice(price), inForce: !hidden.has(model), own: null }));
  const rows = [...own.map((price) => toListed(price, own, now)), ...published].sort(byModel);
  const asked = text === undefined ? undefined : await pricedAs(deps, org, text, now);
  return asked === undefined || rows.some(({ model }) => model === asked.model) ? rows : [asked, ...rows];
}

async function pricedAs(
  deps: ApiDeps,
  org: string,
  model: string,
  now: Date,
): Promise<ListedPrice | undefined> {
  const price = await deps.pricing.priceOf(org, model, now);
  if (price === undefined) return undefined;
  return { model: plainModelName(model), ...toApiPrice(price), inForce: true, own: null };
}

function toListed(price: OwnPrice, all: OwnPrice[], now: Date): ListedPrice {
  const inForce = ownPriceInForce(all, price.model, now) === price;
  return { model: price.model, ...ratesOf(price), inForce, own: ownFieldsOf(price) };
}

function ratesOf(price: OwnPrice) {
  return toApiPrice({ ...price, source: 'own price', since: price.from.toISOString() });
}

function ownFieldsOf({ id, from, until, note, createdBy, createdAt }: OwnPrice) {
  return {
    id,
    from: from.toISOString(),
    until: until?.toISOString() ?? null,
    note: note ?? null,
    createdBy,
    createdAt: createdAt.toISOString(),
  };
}

function byModel(a: ListedPrice, b: ListedPrice): number {
  if (a.model !== b.model) return a.model < b.model ? -1 : 1;
  if (a.own === null || b.own === null) return a.own === null ? 1 : -1;
  return a.own.from === b.own.from ? (a.own.id < b.own.id ? -1 : 1) : a.own.from < b.own.from ? 1 : -1;
}
