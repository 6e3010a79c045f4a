import { createRoute, z } from '@hono/zod-openapi';
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
import { createRun, type NewRun } from './new-run.ts';
import { cancelRun, findRun, pauseRun, resumeRun } from './run-control.ts';
import { newJobSchema, runSchema } from './run-schemas.ts';
import { toApiRun } from './run-view.ts';
import { idempotencyHeader, stateFilter } from './runs.ts';

const tags = ['Documentation jobs'];
const accepted = { 202: jsonAnswer(runSchema, 'The run as it stands now.') };

const post = createRoute({
  method: 'post',
  path: '/documentation/jobs',
  tags,
  summary: 'Start a documentation run',
  middleware: requires('operator'),
  request: { ...jsonBody(newJobSchema), headers: idempotencyHeader },
  responses: { ...accepted, ...errors(403, 404, 409) },
});

const list = createRoute({
  method: 'get',
  path: '/documentation/jobs',
  tags,
  summary: 'List documentation runs, the newest first',
  request: { query: pageQuery.extend({ status: stateFilter }) },
  responses: {
    200: jsonAnswer(z.object({ jobs: z.array(runSchema), ...pageFields }), 'A page of runs.'),
    ...errors(),
  },
});

const get = createRoute({
  method: 'get',
  path: '/documentation/jobs/{id}',
  tags,
  summary: 'Show a documentation run',
  request: { params: idParam },
  responses: { 200: jsonAnswer(runSchema, 'The run.'), ...errors(404) },
});

function control<Name extends 'pause' | 'resume'>(name: Name) {
  return createRoute({
    method: 'post',
    path: `/documentation/jobs/{id}/${name}` as const,
    tags,
    summary: `${name === 'pause' ? 'Pause' : 'Resume'} a documentation run`,
    middleware: requires('operator'),
    request: { params: idParam },
    responses: { ...accepted, ...errors(403, 404, 409, 503) },
  });
}

const cancel = createRoute({
  method: 'delete',
  path: '/documentation/jobs/{id}',
  tags,
  summary: 'Cancel a documentation run',
  middleware: requires('operator'),
  request: { params: idParam },
  responses: { ...accepted, ...errors(403, 404, 409, 503) },
});

/** The paths that users of documentation jobs know, over the same functions as `/runs`. */
export function documentationJobRoutes(deps: ApiDeps) {
  return router()
    .openapi(post, async (c) => {
      const key = c.req.valid('header')['idempotency-key'];
      const run = await createRun(deps, c.var.principal, fromJob(c.req.valid('json')), key);
      c.header('Location', `/api/v1/documentation/jobs/${run._id}`);
      return c.json(await toApiRun(deps, run), 202);
    })
    .openapi(list, async (c) => {
      const query = c.req.valid('query');
      const of = { kind: 'documentation' as const, ...(query.status && { state: query.status as never }) };
      const page = await deps.store.runs.list(c.var.principal.org, of, pageRequest(query));
      const jobs = await Promise.all(page.rows.map((run) => toApiRun(deps, run)));
      return c.json({ jobs, ...toPageFields(page) }, 200);
    })
    .openapi(get, async (c) => {
      const run = await findRun(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(await toApiRun(deps, run), 200);
    })
    .openapi(control('pause'), async (c) => {
      const run = await pauseRun(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(await toApiRun(deps, run), 202);
    })
    .openapi(control('resume'), async (c) => {
      const run = await resumeRun(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(await toApiRun(deps, run), 202);
    })
    .openapi(cancel, async (c) => {
      const run = await cancelRun(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(await toApiRun(deps, run), 202);
    });
}

function fromJob(job: z.infer<typeof newJobSchema>): NewRun {
  const { projectId, objectIds, select } = job;
  const { layers, ...options } = job.options;
  return {
    kind: 'documentation',
    input: {
      projectId,
      ...(objectIds === undefined ? {} : { objectIds }),
      ...(select === undefined ? {} : { select: [select].flat() }),
      ...(layers === undefined ? {} : { layers }),
    },
    options,
    scope: job.scope,
  };
}
