import { createRoute, z } from '@hono/zod-openapi';
import { AppError } from '../domain/errors.ts';
import {
  type GpuPrice,
  LISTED_GPU_PRICES,
  LISTED_SOURCE,
  MAX_GPU_PRICES,
} from '../domain/jobs/gpu-prices.ts';
import { fromUsd, toUsd } from '../domain/money.ts';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { errors, errorsWithoutInput, idParam, jsonAnswer, jsonBody, router } from './http.ts';
import { sha256 } from './idempotency.ts';

const tags = ['Prices'];
/** Many times the dearest that anybody rents out. */
const MAX_USD_PER_HOUR = 10_000;

const name = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .toLowerCase()
  .refine((text) => !text.includes('|'), 'names one only, without |');
const which = {
  provider: name.openapi({ example: 'aws' }),
  gpu_type: name.openapi({ example: 'a100' }),
  from: z.iso.date().openapi({ description: 'Holds from the beginning of this day on, UTC.' }),
};
const newPrice = z
  .strictObject({ ...which, usd_per_gpu_hour: z.number().min(0).max(MAX_USD_PER_HOUR) })
  .openapi('NewGpuPrice');
const priceSchema = z
  .object({
    provider: z.string(),
    gpu_type: z.string(),
    from: z.string(),
    usd_per_gpu_hour: z.number(),
    id: z.string().nullable().openapi({ description: 'Of an own price, which wins; null for a listed one.' }),
    source: z.string(),
  })
  .openapi('GpuPrice');

const list = createRoute({
  method: 'get',
  path: '/gpu-prices',
  tags,
  summary: 'Prices of an hour of a GPU: the listed ones, and your own, which win',
  responses: {
    200: jsonAnswer(z.object({ prices: z.array(priceSchema) }), 'By provider and type, the newest first.'),
    ...errorsWithoutInput(),
  },
});

const put = createRoute({
  method: 'put',
  path: '/gpu-prices',
  tags,
  summary: 'Set what you pay for an hour of GPUs; jobs that come in from now on are priced with it',
  middleware: requires('admin'),
  request: jsonBody(z.strictObject({ prices: z.array(newPrice).min(1).max(MAX_GPU_PRICES) })),
  responses: {
    200: jsonAnswer(z.object({ prices: z.array(priceSchema) }), 'The prices that were set.'),
    ...errors(403, 409),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/gpu-prices/{id}',
  tags,
  summary: 'Remove a price of your own; what was priced with it stays',
  middleware: requires('admin'),
  request: { params: idParam },
  responses: { 204: { description: 'Removed.' }, ...errors(403, 404) },
});

/** Prices that jobs without a cost of their own are priced with, by their GPU-hours. */
export function gpuPriceRoutes({ store: { gpuPrices } }: ApiDeps) {
  return router()
    .openapi(list, async (c) => {
      const own = await gpuPrices.list(c.var.principal.org);
      const all = [
        ...own.map((price) => toApi(price, price._id)),
        ...LISTED_GPU_PRICES.map((price) => toApi(price, null)),
      ];
      const keyOf = (price: (typeof all)[number]) => `${price.provider} ${price.gpu_type}`;
      all.sort((a, b) => keyOf(a).localeCompare(keyOf(b)) || (a.from < b.from ? 1 : -1));
      return c.json({ prices: all }, 200);
    })
    .openapi(put, async (c) => {
      const { org, id: by } = c.var.principal;
      const set = c.req.valid('json').prices.map((price) => toPrice(org, price));
      if (!(await gpuPrices.set(org, set, by, new Date())))
        throw new AppError('conflict', `there may be ${MAX_GPU_PRICES} own prices: remove some first`);
      return c.json({ prices: set.map((price) => toApi(price, price.id)) }, 200);
    })
    .openapi(remove, async (c) => {
      const { org, id: by } = c.var.principal;
      const { id } = c.req.valid('param');
      if (!(await gpuPrices.remove(org, id, by, new Date())))
        throw new AppError('not_found', `there is no own price ${id}`);
      return c.body(null, 204);
    });
}

function toPrice(org: string, asked: z.infer<typeof newPrice>): GpuPrice & { id: string } {
  const { provider, gpu_type: gpuType, from, usd_per_gpu_hour: usd } = asked;
  const id = `gpu_price_${sha256(JSON.stringify([org, provider, gpuType, from])).slice(0, 20)}`;
  return { id, provider, gpuType, from, nanoUsdPerHour: fromUsd(usd) };
}

function toApi({ provider, gpuType, from, nanoUsdPerHour }: GpuPrice, id: string | null) {
  const source = id === null ? LISTED_SOURCE : 'own price';
  return { id, provider, gpu_type: gpuType, from, usd_per_gpu_hour: toUsd(nanoUsdPerHour), source };
}
