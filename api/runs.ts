import { createRoute, z } from '@hono/zod-openapi';
import { RUN_STATES } from '../domain/run.ts';
import { KIND_NAMES } from '../kinds/index.ts';
import { requires } from './auth.ts';
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
import { createRun } from './new-run.ts';
import {
  cancelRun,
  executeRun,
  findRun,
  pauseRun,
  resumeRun,
  retryRun,
  setConcurrency,
} from './run-control.ts';
import { concurrencySchema, newRunSchema, runSchema } from './run-schemas.ts';
import { toApiRun } from './run-view.ts';

const tags = ['Runs'];
export const idempotencyHeader = z.object({ 'idempotency-key': z.string().min(1).max(255).optional() });
export const stateFilter = z.enum(RUN_STATES as [string, ...string[]]).optional();
const accepted = { 202: jsonAnswer(runSchema, 'The run as it stands now.') };

const post = createRoute({
  method: 'post',
  path: '/runs',
  tags,
  summary: 'Start a run',
  middleware: requires('operator'),
  request: { ...jsonBody(newRunSchema), headers: idempotencyHeader },
  responses: { ...accepted, ...errors(403, 404, 409) },
});

const list = createRoute({
  method: 'get',
  path: '/runs',
  tags,
  summary: 'List runs, the newest first',
  request: {
    query: pageQuery.extend({
      state: stateFilter,
      kind: z.enum(KIND_NAMES).optional(),
      schedule: z.string().min(1).max(200).optional(),
    }),
  },
  responses: {
    200: jsonAnswer(z.object({ runs: z.array(runSchema), ...pageFields }), 'A page of runs.'),
    ...errors(),
  },
});

const get = createRoute({
  method: 'get',
  path: '/runs/{id}',
  tags,
  summary: 'Show a run with its progress',
  request: { params: idParam },
  responses: { 200: jsonAnswer(runSchema, 'The run.'), ...errors(404) },
});

function control(name: 'pause' | 'resume' | 'cancel', summary: string) {
  return createRoute({
    method: 'post',
    path: `/runs/{id}/${name}` as `/runs/{id}/${typeof name}`,
    tags,
    summary,
    middleware: requires('operator'),
    request: { params: idParam },
    responses: { ...accepted, ...errors(403, 404, 409, 503) },
  });
}

const execute = createRoute({
  method: 'post',
  path: '/runs/{id}/execute',
  tags,
  summary: 'Start a run that was only stored (`parked`)',
  middleware: requires('operator'),
  request: { params: idParam },
  responses: { ...accepted, ...errors(403, 404, 409) },
});

const retry = createRoute({
  method: 'post',
  path: '/runs/{id}/retry',
  tags,
  summary: 'Try failed objects again, all or those of one fingerprint',
  middleware: requires('operator'),
  request: {
    params: idParam,
    body: {
      required: false,
      content: {
        'application/json': {
          schema: z.strictObject({ fingerprint: z.string().min(1).max(200).optional() }),
        },
      },
    },
  },
  responses: { ...accepted, ...errors(403, 404, 409, 503) },
});

const concurrency = createRoute({
  method: 'put',
  path: '/runs/{id}/concurrency',
  tags,
  summary: 'Change how many objects are under way at a time',
  middleware: requires('operator'),
  request: { params: idParam, ...jsonBody(z.strictObject({ concurrency: concurrencySchema })) },
  responses: { 200: jsonAnswer(runSchema, 'The run.'), ...errors(403, 404, 409, 503) },
});

/** Runs of every kind: start, look, control. */
export function runRoutes(deps: ApiDeps) {
  return router()
    .openapi(post, async (c) => {
      const { kind, input, options, scope, parked } = c.req.valid('json');
      const key = c.req.valid('header')['idempotency-key'];
      const run = await createRun(
        deps,
        c.var.principal,
        { kind, input, options, scope, ...(parked && { parked }) },
        key,
      );
      c.header('Location', `/api/v1/runs/${run._id}`);
      return c.json(await toApiRun(deps, run), 202);
    })
    .openapi(list, async (c) => {
      const query = c.req.valid('query');
      const of = {
        ...(query.state && { state: query.state as never }),
        ...(query.kind && { kind: query.kind }),
        ...(query.schedule && { schedule: query.schedule }),
      };
      const page = await deps.store.runs.list(c.var.principal.org, of, pageRequest(query));
      const runs = await Promise.all(page.rows.map((run) => toApiRun(deps, run)));
      return c.json({ runs, ...toPageFields(page) }, 200);
    })
    .openapi(get, async (c) => {
      const run = await findRun(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(await toApiRun(deps, run), 200);
    })
    .openapi(control('pause', 'Let no new object start; what is under way ends its step'), async (c) => {
      const run = await pauseRun(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(await toApiRun(deps, run), 202);
    })
    .openapi(control('resume', 'Go on with a run that is paused or waits as failing'), async (c) => {
      const run = await resumeRun(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(await toApiRun(deps, run), 202);
    })
    .openapi(control('cancel', 'End a run and abort its calls in flight'), async (c) => {
      const run = await cancelRun(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(await toApiRun(deps, run), 202);
    })
    .openapi(execute, async (c) => {
      const run = await executeRun(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(await toApiRun(deps, run), 202);
    })
    .openapi(retry, async (c) => {
      const { id } = c.req.valid('param');
      const run = await retryRun(deps, c.var.principal.org, id, c.req.valid('json')?.fingerprint);
      return c.json(await toApiRun(deps, run), 202);
    })
    .openapi(concurrency, async (c) => {
      const { id } = c.req.valid('param');
      const run = await setConcurrency(deps, c.var.principal.org, id, c.req.valid('json').concurrency);
      return c.json(await toApiRun(deps, run), 200);
    });
}
