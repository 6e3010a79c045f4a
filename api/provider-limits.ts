import { createRoute, z } from '@hono/zod-openapi';
import { WINDOW_MS } from '../domain/limiter.ts';
import { providerOf, VENDOR_NAMES } from '../domain/model-name.ts';
import type { ProviderLimit } from '../store/provider-limits.ts';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import {
  errors,
  jsonAnswer,
  jsonBody,
  pageFields,
  pageQuery,
  pageRequest,
  router,
  toPageFields,
} from './http.ts';

const tags = ['Providers'];
const VENDOR_MODEL = new RegExp(`^(${VENDOR_NAMES.join('|')})/.+$`);
const perMinute = z.object({ used: z.number().int(), allowed: z.number().int().nullable() });
const time = z.iso.datetime().nullable();

const limitSchema = z
  .object({
    provider: z.string(),
    model: z.string(),
    requestsPerMinute: perMinute,
    tokensPerMinute: perMinute,
    /** Who set what is allowed; null where nothing is known. */
    limitsFrom: z.enum(['admin', 'provider']).nullable(),
    concurrency: z.object({ underWay: z.number().int(), allowed: z.number().int() }),
    /** Until then nothing is sent, for the provider has asked to wait. */
    blockedUntil: time,
    lastRefusalAt: time,
    bursts: z.number().int().openapi({ description: 'How often the provider began to refuse calls.' }),
  })
  .openapi('ProviderLimit');

const list = createRoute({
  method: 'get',
  path: '/providers/limits',
  tags,
  summary: 'How much providers let through, by model, and how much of it is used',
  request: { query: pageQuery },
  responses: {
    200: jsonAnswer(
      z.object({ limits: z.array(limitSchema), ...pageFields }),
      'Models that were asked at least once, or have a limit.',
    ),
    ...errors(),
  },
});

const count = z.number().int().min(1).max(1_000_000_000).nullable().optional();

const put = createRoute({
  method: 'put',
  path: '/providers/limits',
  tags,
  summary: 'Set what may be asked of a model in a minute; null: what the provider says counts; audited',
  middleware: requires('admin'),
  request: jsonBody(
    z
      .strictObject({
        model: z.string().max(300).regex(VENDOR_MODEL, 'must be PROVIDER/MODEL, e.g. openai/gpt-5-mini'),
        requestsPerMinute: count,
        tokensPerMinute: count,
      })
      .openapi('NewProviderLimit'),
  ),
  responses: { 204: { description: 'It holds for all workers from the next call on.' }, ...errors(403) },
});

/** The shared limits of providers. */
export function providerLimitRoutes(deps: ApiDeps) {
  const { providerLimits } = deps.store;
  return router()
    .openapi(list, async (c) => {
      const page = await providerLimits.list(c.var.principal.org, pageRequest(c.req.valid('query')));
      const now = new Date();
      return c.json({ limits: page.rows.map((row) => toApiLimit(row, now)), ...toPageFields(page) }, 200);
    })
    .openapi(put, async (c) => {
      const { org, id: by } = c.var.principal;
      const { model, requestsPerMinute, tokensPerMinute } = c.req.valid('json');
      const given = {
        ...(requestsPerMinute !== undefined && { requestsPerMinute }),
        ...(tokensPerMinute !== undefined && { tokensPerMinute }),
      };
      const key = { org, provider: providerOf(model), model };
      await providerLimits.setLimits(key, given, by, new Date());
      return c.body(null, 204);
    });
}

function toApiLimit(limit: ProviderLimit, now: Date): z.infer<typeof limitSchema> {
  const current = limit.window > now.getTime() - WINDOW_MS;
  const of = (used: number, allowed = null as number | null) => ({ used: current ? used : 0, allowed });
  return {
    provider: limit.provider,
    model: limit.model,
    requestsPerMinute: of(limit.requests, limit.requestsPerMinute),
    tokensPerMinute: of(limit.tokens, limit.tokensPerMinute),
    limitsFrom: limit.limitsFrom ?? null,
    concurrency: {
      underWay: limit.slots.filter(({ until }) => until > now).length,
      allowed: limit.concurrency,
    },
    blockedUntil: limit.blockedUntil > now ? limit.blockedUntil.toISOString() : null,
    lastRefusalAt: limit.refusedAt?.toISOString() ?? null,
    bursts: limit.bursts,
  };
}
