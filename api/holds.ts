import { createRoute, z } from '@hono/zod-openapi';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { chargeHold, createHold, findHold, releaseHold } from './hold-control.ts';
import {
  entrySchema,
  HOLD_STATES,
  holdSchema,
  type NewEntry,
  type NewHold,
  newEntrySchema,
  newHoldSchema,
} from './hold-schemas.ts';
import { toApiEntry, toApiHold } from './hold-view.ts';
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
import { idempotencyHeader } from './runs.ts';

const tags = ['Holds'];

const post = createRoute({
  method: 'post',
  path: '/holds',
  tags,
  summary: 'Set money aside out of every budget of a scope, all of it or none',
  middleware: requires('operator'),
  request: { ...jsonBody(newHoldSchema), headers: idempotencyHeader },
  responses: {
    201: jsonAnswer(holdSchema, 'The hold; the same one again for the same Idempotency-Key.'),
    ...errors(403, 409, 503),
  },
});

const list = createRoute({
  method: 'get',
  path: '/holds',
  tags,
  summary: 'List holds, those of runs too',
  request: {
    query: pageQuery.extend({
      owner: z.string().min(1).max(200).optional().openapi({ description: 'A run, or `api`.' }),
      state: z.enum(HOLD_STATES).optional(),
    }),
  },
  responses: {
    200: jsonAnswer(z.object({ holds: z.array(holdSchema), ...pageFields }), 'A page of holds.'),
    ...errors(),
  },
});

const get = createRoute({
  method: 'get',
  path: '/holds/{id}',
  tags,
  summary: 'Show a hold',
  request: { params: idParam },
  responses: { 200: jsonAnswer(holdSchema, 'The hold.'), ...errors(404) },
});

const charge = createRoute({
  method: 'post',
  path: '/holds/{id}/entries',
  tags,
  summary: 'Settle a cost against a hold; more than it has left is kept as an overrun',
  middleware: requires('operator'),
  request: { params: idParam, ...jsonBody(newEntrySchema) },
  responses: {
    201: jsonAnswer(
      z.object({ hold: holdSchema, entry: entrySchema }),
      'The hold as it is now, and the entry; of a repeated id the one from before.',
    ),
    ...errors(403, 404, 409, 503),
  },
});

const release = createRoute({
  method: 'delete',
  path: '/holds/{id}',
  tags,
  summary: 'Give back what a hold has left, and close it; repeatable',
  middleware: requires('operator'),
  request: { params: idParam },
  responses: { 200: jsonAnswer(holdSchema, 'The closed hold.'), ...errors(403, 404, 409, 503) },
});

/** Money set aside: for runs by themselves, for outside systems here. */
export function holdRoutes(deps: ApiDeps) {
  return router()
    .openapi(post, async (c) => {
      const key = c.req.valid('header')['idempotency-key'];
      const hold = await createHold(deps, c.var.principal, c.req.valid('json') as NewHold, key);
      c.header('Location', `/api/v1/holds/${hold._id}`);
      return c.json(toApiHold(hold), 201);
    })
    .openapi(list, async (c) => {
      const { owner, state, ...query } = c.req.valid('query');
      const of = { ...(owner !== undefined && { owner }), ...(state !== undefined && { state }) };
      const page = await deps.store.holds.list(c.var.principal.org, of, pageRequest(query));
      return c.json({ holds: page.rows.map(toApiHold), ...toPageFields(page) }, 200);
    })
    .openapi(get, async (c) => {
      const hold = await findHold(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(toApiHold(hold), 200);
    })
    .openapi(charge, async (c) => {
      const { id } = c.req.valid('param');
      const { hold, entry } = await chargeHold(deps, c.var.principal, id, c.req.valid('json') as NewEntry);
      const shown = toApiEntry({ ...entry, scope: hold.scope }, hold.owner);
      return c.json({ hold: toApiHold(hold), entry: shown }, 201);
    })
    .openapi(release, async (c) => {
      const hold = await releaseHold(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(toApiHold(hold), 200);
    });
}
