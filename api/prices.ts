import { randomBytes } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { AppError, invalidInput } from '../domain/errors.ts';
import { plainModelName, readModelName } from '../domain/model-name.ts';
import { MAX_OWN_PRICES, type OwnPrice } from '../domain/own-price.ts';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import {
  errors,
  idParam,
  jsonAnswer,
  jsonBody,
  pageFields,
  pageQuery,
  pageRequest,
  router,
  toPageFields,
} from './http.ts';
import { pageOfRows } from './page-of-rows.ts';
import { findPrices, listedPriceSchema, ownPriceSchema, toApiOwnPrice } from './price-view.ts';

/** USD per million tokens; a hundred times the dearest that anybody publishes. */
const MAX_USD_PER_MILLION = 100_000;
const tags = ['Prices'];

const list = createRoute({
  method: 'get',
  path: '/prices',
  tags,
  summary: 'Prices of models: the published ones, and your own, which win on their dates',
  request: {
    query: pageQuery.extend({
      model: z
        .string()
        .min(1)
        .max(300)
        .optional()
        .openapi({ description: 'A model as runs name it, or a part of such names.' }),
      ended: z
        .enum(['true', 'false'])
        .default('false')
        .openapi({ description: '`true`: with own prices that do not hold any more.' }),
    }),
  },
  responses: {
    200: jsonAnswer(
      z.object({ prices: z.array(listedPriceSchema), ...pageFields }),
      'A page of prices, by model; of one model your own first, the newest first.',
    ),
    ...errors(),
  },
});

const rate = z.number().min(0).max(MAX_USD_PER_MILLION);
const time = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

const newPrice = z
  .strictObject({
    model: z.string().min(1).max(300),
    inputUsdPerMillion: rate,
    outputUsdPerMillion: rate,
    cachedReadUsdPerMillion: rate.optional(),
    cachedWriteUsdPerMillion: rate.optional(),
    from: time.optional(),
    until: time.optional(),
    note: z.string().max(1000).optional(),
  })
  .openapi('NewPrice');

const post = createRoute({
  method: 'post',
  path: '/prices',
  tags,
  summary: 'Set a price of your own for a model',
  middleware: requires('admin'),
  request: jsonBody(newPrice),
  responses: { 201: jsonAnswer(ownPriceSchema, 'The price.'), ...errors(403, 409) },
});

const end = createRoute({
  method: 'delete',
  path: '/prices/{id}',
  tags,
  summary: 'End a price of your own now; what it was stays to be seen',
  middleware: requires('admin'),
  request: { params: idParam },
  responses: { 204: { description: 'Ended.' }, ...errors(403, 404) },
});

/** Published prices, and those that the organization sets. */
export function priceRoutes(deps: ApiDeps) {
  const { prices } = deps.store;
  return router()
    .openapi(list, async (c) => {
      const { model: text, ended, ...query } = c.req.valid('query');
      const of = { org: c.var.principal.org, text, ended: ended === 'true' };
      const found = await findPrices(deps, of, new Date());
      const page = pageOfRows(found, pageRequest(query), ({ model, own }) => `${model} ${own?.id ?? ''}`);
      return c.json({ prices: page.rows, ...toPageFields(page) }, 200);
    })
    .openapi(post, async (c) => {
      const { org, id: createdBy } = c.var.principal;
      const createdAt = new Date();
      const price = fromApiPrice(c.req.valid('json'), { createdBy, createdAt });
      if ((await prices.countEndingAfter(org, createdAt)) >= MAX_OWN_PRICES)
        throw new AppError('conflict', `there are ${MAX_OWN_PRICES} own prices already: end some first`);
      await prices.add(org, price);
      return c.json(toApiOwnPrice(price), 201);
    })
    .openapi(end, async (c) => {
      const { id } = c.req.valid('param');
      const { org, id: by } = c.var.principal;
      if (!(await prices.end(org, id, by, new Date())))
        throw new AppError('not_found', `there is no price ${id} that could end`);
      return c.body(null, 204);
    });
}

function fromApiPrice(
  asked: z.infer<typeof newPrice>,
  by: Pick<OwnPrice, 'createdBy' | 'createdAt'>,
): OwnPrice {
  const { model, inputUsdPerMillion, outputUsdPerMillion } = asked;
  const { cachedReadUsdPerMillion, cachedWriteUsdPerMillion, note } = asked;
  const from = asked.from === undefined ? by.createdAt : new Date(asked.from);
  const until = asked.until === undefined ? undefined : new Date(asked.until);
  if (until !== undefined && until <= from)
    throw invalidInput('until must be later than from', [
      { field: 'until', problem: `must be later than ${from.toISOString()}` },
    ]);
  return {
    id: `price_${randomBytes(8).toString('hex')}`,
    model: pricedModel(model),
    inputUsdPerMillion,
    outputUsdPerMillion,
    ...(cachedReadUsdPerMillion !== undefined && { cachedReadUsdPerMillion }),
    ...(cachedWriteUsdPerMillion !== undefined && { cachedWriteUsdPerMillion }),
    from,
    ...(until !== undefined && { until }),
    ...(note !== undefined && { note }),
    ...by,
  };
}

/** @throws AppError `invalid_input` for what no run could name, or names the options of a rehearsal. */
function pricedModel(name: string): string {
  const read = readModelName(name);
  if (read !== undefined && read.provider !== '' && read.options === '') return plainModelName(name);
  throw invalidInput(`a price is for a model, and "${name}" is none`, [
    { field: 'model', problem: 'must be PROVIDER/MODEL, e.g. openai/gpt-5-mini, without options' },
  ]);
}
