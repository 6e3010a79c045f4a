import { randomBytes } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { AppError } from '../domain/errors.ts';
import { type Principal, ROLES, type Role } from '../domain/principal.ts';
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
  })
  .openapi('ApiKey');

const newKeySchema = z.strictObject({
  name: z.string().min(1).max(100),
  role: z.enum(ROLES),
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

const post = createRoute({
  method: 'post',
  path: '/keys',
  tags,
  summary: 'Make an API key; the answer is the only place that shows it; audited',
  middleware: requires('admin'),
  request: jsonBody(newKeySchema),
  responses: {
    201: jsonAnswer(
      z.object({ id: z.string(), key: z.string(), name: z.string(), role: z.enum(ROLES) }),
      'The new key.',
    ),
    ...errors(403),
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

type KeyChange = { made: { name: string; role: Role } } | { revoked: true };

/** API keys of the organization, for admins. */
export function keyRoutes(deps: ApiDeps, keyCache: KeyCache) {
  const { apiKeys, auditLog } = deps.store;
  /** A key is made once and revoked once, so its id and what was done name the row. */
  async function tell({ org, id: by }: Principal, key: string, details: KeyChange): Promise<void> {
    const _id = `${key}:${Object.keys(details).join()}`;
    await auditLog.add([
      { _id, org, budget: '', subject: key, event: 'api_key', by, details, at: new Date() },
    ]);
  }
  return router()
    .openapi(list, async (c) => {
      const keys = (await apiKeys.list(c.var.principal.org)).map((key) => ({
        id: key._id,
        name: key.name,
        role: key.role,
        createdAt: key.createdAt.toISOString(),
        revokedAt: key.revokedAt?.toISOString() ?? null,
        expiresAt: key.expiresAt?.toISOString() ?? null,
      }));
      return c.json({ keys }, 200);
    })
    .openapi(post, async (c) => {
      const { name, role, expiresAt } = c.req.valid('json');
      const key = newKey();
      const id = `key_${randomBytes(8).toString('hex')}`;
      const until = expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) };
      await apiKeys.ensure({ _id: id, org: c.var.principal.org, hash: hashKey(key), name, role, ...until });
      await tell(c.var.principal, id, { made: { name, role } });
      return c.json({ id, key, name, role }, 201);
    })
    .openapi(revoke, async (c) => {
      const { id } = c.req.valid('param');
      if (id === c.var.principal.id)
        throw new AppError('conflict', 'a key cannot revoke itself: use another admin key');
      if (!(await apiKeys.revoke(c.var.principal.org, id)))
        throw new AppError('not_found', `there is no API key ${id}`);
      keyCache.forget();
      await tell(c.var.principal, id, { revoked: true });
      return c.body(null, 204);
    });
}
