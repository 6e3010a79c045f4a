import { randomBytes } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { AppError } from '../domain/errors.ts';
import { given } from '../domain/given.ts';
import { KEY_SCOPES } from '../domain/key-scope.ts';
import { ROLES } from '../domain/principal.ts';
import { hashKey, newKey, requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { errors, errorsWithoutInput, idParam, jsonAnswer, jsonBody, router } from './http.ts';
import type { KeyCache } from './key-cache.ts';

const tags = ['API keys'];
const keySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    createdAt: z.iso.datetime(),
    revokedAt: z.iso.datetime().nullable(),
    expiresAt: z.iso.datetime().nullable(),
    lastUsedAt: z.iso.datetime().nullable().openapi({ description: 'To the minute.' }),
    scope: z.array(z.string()).nullable(),
  })
  .openapi('ApiKey');

const newKeySchema = z.strictObject({
  name: z.string().min(1).max(100),
  role: z.enum(ROLES),
  scope: z.array(z.enum(KEY_SCOPES)).min(1).max(KEY_SCOPES.length).optional().openapi({
    description:
      'What it may be used for, beside its role: `AREA:read`, or `AREA:write`, which includes that.',
  }),
  expiresAt: z.iso
    .datetime()
    .refine((at) => Date.parse(at) > Date.now(), 'must be a time to come')
    .optional()
    .openapi({ description: 'The key is refused at most a second after it; without it, it stays.' }),
});

const list = createRoute({
  method: 'get',
  path: '/keys',
  tags,
  summary: 'List API keys; the keys themselves are never shown again',
  middleware: requires('admin'),
  responses: {
    200: jsonAnswer(z.object({ keys: z.array(keySchema) }), 'At most 100 keys.'),
    ...errorsWithoutInput(403),
  },
});

const madeSchema = z
  .object({ id: z.string(), key: z.string(), name: z.string(), role: z.enum(ROLES) })
  .openapi('NewApiKey');

const post = createRoute({
  method: 'post',
  path: '/keys',
  tags,
  summary: 'Make an API key; the answer is the only place that shows it; audited',
  middleware: requires('admin'),
  request: jsonBody(newKeySchema),
  responses: {
    201: jsonAnswer(madeSchema, 'The new key.'),
    ...errors(403),
  },
});

const MAX_GRACE_SECONDS = 7 * 86_400;

const rotate = createRoute({
  method: 'post',
  path: '/keys/{id}/rotate',
  tags,
  summary: 'Put a new key in the place of one; id, role and scope stay; audited',
  middleware: requires('admin'),
  request: {
    params: idParam,
    ...jsonBody(
      z.strictObject({
        graceSeconds: z.number().int().min(0).max(MAX_GRACE_SECONDS).default(0).openapi({
          description: 'So long the old one stays valid.',
        }),
      }),
    ),
  },
  responses: {
    200: jsonAnswer(madeSchema, 'The new key, which is shown here alone.'),
    ...errors(403, 404),
  },
});

const revoke = createRoute({
  method: 'delete',
  path: '/keys/{id}',
  tags,
  summary: 'Revoke an API key at once; audited',
  middleware: requires('admin'),
  request: { params: idParam },
  responses: { 204: { description: 'Revoked.' }, ...errors(403, 404, 409) },
});

/** API keys of the organization, for admins. */
export function keyRoutes(deps: ApiDeps, keyCache: KeyCache) {
  const { apiKeys } = deps.store;
  return router()
    .openapi(list, async (c) => {
      const keys = (await apiKeys.list(c.var.principal.org)).map((key) => ({
        id: key._id,
        name: key.name,
        role: key.role,
        createdAt: key.createdAt.toISOString(),
        revokedAt: key.revokedAt?.toISOString() ?? null,
        expiresAt: key.expiresAt?.toISOString() ?? null,
        lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
        scope: key.scope ?? null,
      }));
      return c.json({ keys }, 200);
    })
    .openapi(post, async (c) => {
      const { name, role, scope, expiresAt } = c.req.valid('json');
      const { org, id: by } = c.var.principal;
      const key = newKey();
      const id = `key_${randomBytes(8).toString('hex')}`;
      const until = expiresAt === undefined ? undefined : new Date(expiresAt);
      const limits = given({ scope: scope && [...new Set(scope)], expiresAt: until });
      await apiKeys.make({ _id: id, org, hash: hashKey(key), name, role, ...limits }, by);
      return c.json({ id, key, name, role }, 201);
    })
    .openapi(rotate, async (c) => {
      const { org, id: by } = c.var.principal;
      const { id } = c.req.valid('param');
      const { graceSeconds } = c.req.valid('json');
      const key = newKey();
      const rotated = await apiKeys.rotate({ org, id, hash: hashKey(key), graceSeconds }, by);
      if (rotated === undefined) throw new AppError('not_found', `there is no API key ${id} that is valid`);
      keyCache.forget();
      return c.json({ id, key, name: rotated.name, role: rotated.role }, 200);
    })
    .openapi(revoke, async (c) => {
      const { id } = c.req.valid('param');
      if (id === c.var.principal.id)
        throw new AppError('conflict', 'a key cannot revoke itself: use another admin key');
      if (!(await apiKeys.revoke(c.var.principal.org, id, c.var.principal.id)))
        throw new AppError('not_found', `there is no API key ${id}`);
      keyCache.forget();
      return c.body(null, 204);
    });
}
