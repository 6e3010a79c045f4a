import { createRoute, z } from '@hono/zod-openapi';
import { AppError, invalidInput } from '../domain/errors.ts';
import { VENDOR_NAMES } from '../domain/model-name.ts';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { errors, errorsWithoutInput, jsonAnswer, jsonBody, router } from './http.ts';
import { testProvider } from './provider-test.ts';

const tags = ['Providers'];
const providerParam = z.object({ provider: z.enum(VENDOR_NAMES) });

const providerSchema = z
  .object({
    name: z.string(),
    label: z.string(),
    /** `environment` serves the default organization alone. */
    source: z.enum(['stored', 'environment', 'none']),
    /** The last characters of the key. */
    hint: z.string().nullable(),
    baseUrl: z.string().nullable(),
    since: z.iso.datetime().nullable(),
  })
  .openapi('Provider');

const keySchema = z
  .strictObject({
    apiKey: z
      .string()
      .min(8)
      .max(1_000)
      .regex(/^[\x21-\x7e]+$/, 'must be printable characters without spaces')
      .optional(),
    baseUrl: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .refine((text) => !/\/\/[^/]*@/.test(text), 'must hold no name or password')
      .optional(),
  })
  .refine(({ apiKey, baseUrl }) => apiKey !== undefined || baseUrl !== undefined, {
    error: 'needs apiKey, baseUrl or both',
    path: ['apiKey'],
  })
  .openapi('ProviderKey');

const list = createRoute({
  method: 'get',
  path: '/providers',
  tags,
  summary: 'The providers of models, and where their keys come from; never the keys',
  responses: {
    200: jsonAnswer(z.object({ providers: z.array(providerSchema) }), 'Every provider there is.'),
    ...errorsWithoutInput(),
  },
});

const set = createRoute({
  method: 'put',
  path: '/providers/{provider}/key',
  tags,
  summary: 'Store a key, encrypted, an address, or both, in place of what was stored; audited',
  middleware: requires('admin'),
  request: { params: providerParam, ...jsonBody(keySchema) },
  responses: { 200: jsonAnswer(providerSchema, 'The provider, with the key masked.'), ...errors(403) },
});

const remove = createRoute({
  method: 'delete',
  path: '/providers/{provider}/key',
  tags,
  summary: 'Forget what was stored of a provider; audited',
  middleware: requires('admin'),
  request: { params: providerParam },
  responses: { 204: { description: 'It is forgotten.' }, ...errors(403, 404) },
});

const tryOut = createRoute({
  method: 'post',
  path: '/providers/{provider}/test',
  tags,
  summary: 'Make the cheapest call of a model, paid like any other',
  middleware: requires('admin'),
  request: {
    params: providerParam,
    ...jsonBody(z.strictObject({ model: z.string().min(1).max(300).optional() })),
  },
  responses: {
    200: jsonAnswer(
      z
        .object({
          provider: z.string(),
          model: z.string(),
          latencyMs: z.number(),
          costUsd: z.number(),
          tokens: z.object({ input: z.number().int(), output: z.number().int() }),
        })
        .openapi('ProviderTest'),
      'The provider has answered.',
    ),
    ...errors(403, 409, 429, 502),
  },
});

/** Keys of model providers, by organization. */
export function providerRoutes(deps: ApiDeps) {
  const { providerKeys } = deps.store;
  return router()
    .openapi(list, async (c) => {
      const { org } = c.var.principal;
      const stored = new Map((await providerKeys.list(org)).map((key) => [key.provider, key]));
      const providers = deps.providers.vendors.map((vendor) => ({
        name: vendor.name,
        label: vendor.label,
        ...shown(stored.get(vendor.name), deps.providers.environment(org, vendor.name)),
      }));
      return c.json({ providers }, 200);
    })
    .openapi(set, async (c) => {
      const { org, id: createdBy } = c.var.principal;
      const { provider } = c.req.valid('param');
      const { apiKey, baseUrl } = c.req.valid('json');
      const key = {
        org,
        provider,
        ...(apiKey !== undefined && sealedKey(deps, org, provider, apiKey)),
        ...(baseUrl !== undefined && { baseUrl }),
        createdBy,
        createdAt: new Date(),
      };
      await providerKeys.set(key);
      deps.providers.forget(org, provider);
      const label = deps.providers.vendors.find(({ name }) => name === provider)?.label ?? provider;
      return c.json({ name: provider, label, ...shown(key, undefined) }, 200);
    })
    .openapi(remove, async (c) => {
      const { org, id } = c.var.principal;
      const { provider } = c.req.valid('param');
      if (!(await providerKeys.remove(org, provider, id, new Date())))
        throw new AppError('not_found', `nothing is stored of ${provider}`);
      deps.providers.forget(org, provider);
      return c.body(null, 204);
    })
    .openapi(tryOut, async (c) => {
      const { provider } = c.req.valid('param');
      return c.json(await testProvider(deps, c.var.principal, provider, c.req.valid('json').model), 200);
    });
}

/** @throws AppError `invalid_input` where keys cannot be stored here. */
function sealedKey(deps: ApiDeps, org: string, provider: string, apiKey: string) {
  const { encryption } = deps.providers;
  if (encryption === undefined) {
    const problem = 'cannot be stored: BURSAR_ENCRYPTION_KEY is not set for the API and the workers';
    throw invalidInput(`apiKey ${problem}`, [{ field: 'apiKey', problem }]);
  }
  return { sealed: encryption.seal(apiKey, `${org}:${provider}`), hint: `…${apiKey.slice(-4)}` };
}

function shown(
  stored: { hint?: string; baseUrl?: string; createdAt: Date } | undefined,
  environment: { apiKey?: string; baseUrl?: string } | undefined,
) {
  if (stored !== undefined)
    return {
      source: 'stored' as const,
      hint: stored.hint ?? null,
      baseUrl: stored.baseUrl ?? null,
      since: stored.createdAt.toISOString(),
    };
  const { apiKey, baseUrl } = environment ?? {};
  const isSet = apiKey !== undefined || baseUrl !== undefined;
  return {
    source: isSet ? ('environment' as const) : ('none' as const),
    hint: apiKey === undefined ? null : `…${apiKey.slice(-4)}`,
    baseUrl: baseUrl ?? null,
    since: null,
  };
}
