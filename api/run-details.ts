import { createRoute, z } from '@hono/zod-openapi';
import type { ApiDeps } from './deps.ts';
import { documentSchema, toApiDocument } from './document-view.ts';
import {
  errors,
  idParam,
  jsonAnswer,
  pageFields,
  pageQuery,
  pageRequest,
  router,
  toPageFields,
} from './http.ts';
import { findRun, findRunInFull } from './run-control.ts';
import { errorsSchema, itemSchema, logSchema } from './run-schemas.ts';
import { toApiError, toApiItem, toApiLog } from './run-view.ts';

const tags = ['Runs'];

const items = createRoute({
  method: 'get',
  path: '/runs/{id}/items',
  tags,
  summary: 'The objects of a run in the order in which they go',
  request: { params: idParam, query: pageQuery.extend({ state: itemSchema.shape.state.optional() }) },
  responses: {
    200: jsonAnswer(z.object({ items: z.array(itemSchema), ...pageFields }), 'A page of items.'),
    ...errors(404, 409),
  },
});

const runErrors = createRoute({
  method: 'get',
  path: '/runs/{id}/errors',
  tags,
  summary: 'Failures, one by one and grouped by fingerprint',
  request: { params: idParam, query: pageQuery },
  responses: { 200: jsonAnswer(errorsSchema, 'Groups, and a page of failures.'), ...errors(404, 409) },
});

const logs = createRoute({
  method: 'get',
  path: '/runs/{id}/logs',
  tags,
  summary: 'The generation log: a row for each object and layer',
  request: {
    params: idParam,
    query: pageQuery.extend({ seq: z.coerce.number().int().min(0).optional() }),
  },
  responses: {
    200: jsonAnswer(z.object({ logs: z.array(logSchema), ...pageFields }), 'A page of rows.'),
    ...errors(404, 409),
  },
});

const documents = createRoute({
  method: 'get',
  path: '/runs/{id}/documents',
  tags,
  summary: 'The documents that a run has written',
  request: { params: idParam, query: pageQuery },
  responses: {
    200: jsonAnswer(z.object({ documents: z.array(documentSchema), ...pageFields }), 'A page of documents.'),
    ...errors(404),
  },
});

/** What a run consists of: its items, failures, log rows and documents. */
export function runDetailRoutes(deps: ApiDeps) {
  const { runItems, generationLogs, documents: written } = deps.store;
  return router()
    .openapi(items, async (c) => {
      const { org } = c.var.principal;
      const query = c.req.valid('query');
      const run = await findRunInFull(deps, org, c.req.valid('param').id);
      const page = await runItems.list(org, run._id, query.state, pageRequest(query));
      return c.json({ items: page.rows.map(toApiItem), ...toPageFields(page) }, 200);
    })
    .openapi(runErrors, async (c) => {
      const { org } = c.var.principal;
      const run = await findRunInFull(deps, org, c.req.valid('param').id);
      const [groups, page] = await Promise.all([
        runItems.failureGroups(org, run._id),
        runItems.list(org, run._id, 'failed', pageRequest(c.req.valid('query'))),
      ]);
      return c.json({ groups, errors: page.rows.map(toApiError), ...toPageFields(page) }, 200);
    })
    .openapi(logs, async (c) => {
      const { org } = c.var.principal;
      const query = c.req.valid('query');
      const run = await findRunInFull(deps, org, c.req.valid('param').id);
      const page = await generationLogs.list(org, run._id, query.seq, pageRequest(query));
      return c.json({ logs: page.rows.map(toApiLog), ...toPageFields(page) }, 200);
    })
    .openapi(documents, async (c) => {
      const { org } = c.var.principal;
      const run = await findRun(deps, org, c.req.valid('param').id);
      const page = await written.list(org, { run: run._id }, pageRequest(c.req.valid('query')));
      return c.json({ documents: page.rows.map(toApiDocument), ...toPageFields(page) }, 200);
    });
}
