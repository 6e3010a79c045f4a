import { createRoute, z } from '@hono/zod-openapi';
import { ROLES } from '../domain/principal.ts';
import type { ApiDeps } from './deps.ts';
import { errorsWithoutInput, jsonAnswer, router } from './http.ts';

const get = createRoute({
  method: 'get',
  path: '/status',
  tags: ['Status'],
  summary: 'Who the key belongs to, and whether the servers and a worker answer',
  responses: {
    200: jsonAnswer(
      z
        .object({
          version: z.string(),
          organization: z.string(),
          role: z.enum(ROLES),
          mongodb: z.object({ ok: z.boolean() }),
          temporal: z.object({ ok: z.boolean(), address: z.string() }),
          workers: z.number().int().nullable(),
        })
        .openapi('Status'),
      'The state of the installation.',
    ),
    ...errorsWithoutInput(),
  },
});

export function statusRoutes(deps: ApiDeps) {
  return router().openapi(get, async (c) => {
    const { org, role } = c.var.principal;
    const health = await deps.health();
    const temporal = { ok: health.temporal, address: health.temporalAddress };
    const mongodb = { ok: health.mongodb };
    const status = { version: deps.version, organization: org, role, mongodb, temporal };
    return c.json({ ...status, workers: health.workers }, 200);
  });
}
