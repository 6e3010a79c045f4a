import { createRoute, z } from '@hono/zod-openapi';
import { stream } from 'hono/streaming';
import { requires } from './auth.ts';
import { approveBatch, cancelBatch, findBatch, pauseBatch, resumeBatch } from './batch-control.ts';
import {
  batchEstimateSchema,
  batchResultSchema,
  batchSchema,
  newBatchSchema,
  submittedSchema,
} from './batch-schemas.ts';
import { toApiBatch, toApiResult } from './batch-view.ts';
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
import { estimateBatch, submitBatch } from './new-batch.ts';
import { runSchema } from './run-schemas.ts';
import { toApiRun } from './run-view.ts';
import { idempotencyHeader } from './runs.ts';

const tags = ['Batches'];
const PAGE = 100;

const post = createRoute({
  method: 'post',
  path: '/batches',
  tags,
  summary:
    'Submit many runs with one estimate, one approval and one hold; again changes nothing, more are added',
  middleware: requires('operator'),
  request: { ...jsonBody(newBatchSchema), headers: idempotencyHeader },
  responses: { 202: jsonAnswer(submittedSchema, 'The batch as it stands now.'), ...errors(403, 409) },
});

const estimate = createRoute({
  method: 'post',
  path: '/batches/estimate',
  tags,
  summary: 'What a batch would need and cost; all that is wrong with it is told, and nothing is stored',
  request: jsonBody(newBatchSchema),
  responses: { 200: jsonAnswer(batchEstimateSchema, 'The sum over its runs.'), ...errors() },
});

const list = createRoute({
  method: 'get',
  path: '/batches',
  tags,
  summary: 'List batches, the newest first',
  request: { query: pageQuery },
  responses: {
    200: jsonAnswer(z.object({ batches: z.array(batchSchema), ...pageFields }), 'A page of batches.'),
    ...errors(),
  },
});

const get = createRoute({
  method: 'get',
  path: '/batches/{id}',
  tags,
  summary: 'Show a batch with the progress over all of its runs',
  request: { params: idParam },
  responses: { 200: jsonAnswer(batchSchema, 'The batch.'), ...errors(404) },
});

const runsOf = createRoute({
  method: 'get',
  path: '/batches/{id}/runs',
  tags,
  summary: 'The runs of a batch, in its order',
  request: { params: idParam, query: pageQuery },
  responses: {
    200: jsonAnswer(z.object({ runs: z.array(runSchema), ...pageFields }), 'A page of runs.'),
    ...errors(404),
  },
});

const results = createRoute({
  method: 'get',
  path: '/batches/{id}/results',
  tags,
  summary: 'What came of each run, one a line, in the order of the batch',
  request: { params: idParam },
  responses: {
    200: {
      description: 'Lines of JSON, each as the schema `BatchResult` says.',
      content: { 'application/x-ndjson': { schema: batchResultSchema } },
    },
    ...errors(404),
  },
});

const approve = createRoute({
  method: 'post',
  path: '/batches/{id}/approve',
  tags,
  summary: 'Approve the estimate that a batch waits with',
  middleware: requires('operator'),
  request: { params: idParam, ...jsonBody(z.strictObject({ hash: z.string().length(64) })) },
  responses: { 202: jsonAnswer(batchSchema, 'The batch as it stands now.'), ...errors(403, 404, 409) },
});

function control(name: 'pause' | 'resume' | 'cancel', summary: string) {
  return createRoute({
    method: 'post',
    path: `/batches/{id}/${name}` as `/batches/{id}/${typeof name}`,
    tags,
    summary,
    middleware: requires('operator'),
    request: { params: idParam },
    responses: { 202: jsonAnswer(batchSchema, 'The batch as it stands now.'), ...errors(403, 404, 409) },
  });
}

const pause = control('pause', 'Let no more runs of a batch begin, and pause those under way');
const resume = control('resume', 'Go on with a batch that is paused');
const cancel = control(
  'cancel',
  'End a batch: runs that have not begun at once, the others as soon as they can',
);

/** Batches of runs: submit, look, approve, cancel. */
export function batchRoutes(deps: ApiDeps) {
  const { batches, runs } = deps.store;
  return router()
    .openapi(post, async (c) => {
      const key = c.req.valid('header')['idempotency-key'];
      const { batch, ...counts } = await submitBatch(deps, c.var.principal, c.req.valid('json'), key);
      c.header('Location', `/api/v1/batches/${batch._id}`);
      return c.json({ ...(await toApiBatch(deps, batch)), ...counts }, 202);
    })
    .openapi(estimate, async (c) =>
      c.json(await estimateBatch(deps, c.var.principal.org, c.req.valid('json')), 200),
    )
    .openapi(list, async (c) => {
      const page = await batches.list(c.var.principal.org, pageRequest(c.req.valid('query')));
      const shown = await Promise.all(page.rows.map((batch) => toApiBatch(deps, batch)));
      return c.json({ batches: shown, ...toPageFields(page) }, 200);
    })
    .openapi(get, async (c) => {
      const batch = await findBatch(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(await toApiBatch(deps, batch), 200);
    })
    .openapi(runsOf, async (c) => {
      const { org, _id } = await findBatch(deps, c.var.principal.org, c.req.valid('param').id);
      const page = await runs.ofBatch(org, _id, pageRequest(c.req.valid('query')));
      const shown = await Promise.all(page.rows.map((run) => toApiRun(deps, run)));
      return c.json({ runs: shown, ...toPageFields(page) }, 200);
    })
    .openapi(results, async (c) => {
      const { org, _id } = await findBatch(deps, c.var.principal.org, c.req.valid('param').id);
      c.header('Content-Type', 'application/x-ndjson; charset=UTF-8');
      return stream(c, async (out) => {
        for (let cursor: string | undefined = ''; cursor !== undefined; ) {
          const page = await runs.ofBatch(org, _id, { limit: PAGE, ...(cursor !== '' && { cursor }) });
          await out.write(page.rows.map((run) => `${JSON.stringify(toApiResult(run))}\n`).join(''));
          cursor = page.cursor;
        }
      }) as never;
    })
    .openapi(approve, async (c) => {
      const { hash } = c.req.valid('json');
      const batch = await approveBatch(deps, c.var.principal, c.req.valid('param').id, hash);
      return c.json(await toApiBatch(deps, batch), 202);
    })
    .openapi(pause, async (c) => {
      const batch = await pauseBatch(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(await toApiBatch(deps, batch), 202);
    })
    .openapi(resume, async (c) => {
      const batch = await resumeBatch(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(await toApiBatch(deps, batch), 202);
    })
    .openapi(cancel, async (c) => {
      const batch = await cancelBatch(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(await toApiBatch(deps, batch), 202);
    });
}
