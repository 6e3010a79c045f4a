import { createRoute, z } from '@hono/zod-openapi';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { errors, idParam, jsonAnswer, jsonBody, router } from './http.ts';
import { findRun } from './run-control.ts';
import { runSchema } from './run-schemas.ts';
import { toApiRun } from './run-view.ts';

const tags = ['Runs'];
const DAY_MS = 86_400_000;

const archive = createRoute({
  method: 'post',
  path: '/runs/archive',
  tags,
  summary: 'Bring items and logs of old runs into the archive; costs, documents and the runs themselves stay',
  middleware: requires('admin'),
  request: jsonBody(z.strictObject({ olderThanDays: z.number().int().min(0).max(36_500) })),
  responses: {
    200: jsonAnswer(
      z.object({ archived: z.number().int(), more: z.boolean() }).openapi('ArchivedRuns'),
      'How many runs this call has archived, at most a hundred, and whether to call again for more.',
    ),
    ...errors(403),
  },
});

const restore = createRoute({
  method: 'post',
  path: '/runs/{id}/restore',
  tags,
  summary: 'Bring items and logs of a run back from the archive',
  middleware: requires('admin'),
  request: { params: idParam },
  responses: { 200: jsonAnswer(runSchema, 'The run.'), ...errors(403, 404) },
});

/** The archive of ended runs. Housekeeping fills it by itself after `BURSAR_RETENTION_DAYS`. */
export function runArchiveRoutes(deps: ApiDeps) {
  const { store } = deps;
  return router()
    .openapi(archive, async (c) => {
      const { org } = c.var.principal;
      const { olderThanDays } = c.req.valid('json');
      const at = new Date();
      const done = await store.archiveRuns(new Date(at.getTime() - olderThanDays * DAY_MS), at, org);
      return c.json(done, 200);
    })
    .openapi(restore, async (c) => {
      const { org } = c.var.principal;
      const { _id: id } = await findRun(deps, org, c.req.valid('param').id);
      await store.restoreRun(org, id);
      return c.json(await toApiRun(deps, await findRun(deps, org, id)), 200);
    });
}
