import { createRoute, z } from '@hono/zod-openapi';
import { AppError } from '../domain/errors.ts';
import { INGESTION_STATES, ingestionProgress } from '../domain/jobs/ingestion.ts';
import { toUsd } from '../domain/money.ts';
import type { Ingestion } from '../store/ingestions.ts';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
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
import { fileOf, fileRequest, howToRead, ingestedSchema } from './jobs.ts';
import { receiveFile } from './receive-file.ts';
import { idempotencyHeader } from './runs.ts';

const tags = ['Jobs'];
const WORKER_EXPECTED_MS = 5_000;

const time = z.iso.datetime();
const briefSchema = ingestedSchema.omit({ errors: true }).extend({
  id: z.string(),
  state: z.enum(INGESTION_STATES),
  waitReason: z.enum(['worker_missing']).nullable(),
  format: z.string(),
  bytes: z.number().int(),
  progress: z.object({
    rows: z.number().int(),
    total: z.number().int(),
    percent: z.number(),
    rowsPerSecond: z.number().nullable(),
    etaSeconds: z.number().nullable(),
  }),
  failure: z.string().nullable(),
  createdBy: z.object({ id: z.string(), email: z.string().optional() }),
  createdAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
});
const schema = briefSchema.extend({ errors: ingestedSchema.shape.errors }).openapi('Ingestion');
export type ApiIngestion = z.infer<typeof schema>;

const post = createRoute({
  method: 'post',
  path: '/ingestions',
  tags,
  summary: 'Bring in a large file of jobs as a workflow that goes on after a crash',
  description:
    'Takes what `/jobs/ingest` takes. The answer comes when the file is stored; a worker then writes its ' +
    'jobs. A file that is cut off on its way is not brought in at all.',
  middleware: requires('operator'),
  request: { ...fileRequest, headers: idempotencyHeader },
  responses: { 202: jsonAnswer(schema, 'The ingestion as it stands now.'), ...errors(403, 409, 413) },
});

const list = createRoute({
  method: 'get',
  path: '/ingestions',
  tags,
  summary: 'List files of jobs that were brought in, the newest first',
  request: { query: pageQuery.extend({ state: z.enum(INGESTION_STATES).optional() }) },
  responses: {
    200: jsonAnswer(
      z.object({ ingestions: z.array(briefSchema.openapi('BriefIngestion')), ...pageFields }),
      'A page of ingestions.',
    ),
    ...errors(),
  },
});

const get = createRoute({
  method: 'get',
  path: '/ingestions/{id}',
  tags,
  summary: 'Show an ingestion with its progress, its counts and the first 100 problems',
  request: { params: idParam },
  responses: { 200: jsonAnswer(schema, 'The ingestion.'), ...errors(404) },
});

const cancel = createRoute({
  method: 'post',
  path: '/ingestions/{id}/cancel',
  tags,
  summary: 'End an ingestion at once; jobs that are written stay',
  middleware: requires('operator'),
  request: { params: idParam },
  responses: { 200: jsonAnswer(schema, 'The ingestion.'), ...errors(403, 404, 409) },
});

/** Files of jobs that are brought in by a workflow. */
export function ingestionRoutes(deps: ApiDeps) {
  async function found(org: string, id: string): Promise<Ingestion> {
    const ingestion = await deps.store.ingestions.find(org, id);
    if (ingestion === undefined) throw new AppError('not_found', `there is no ingestion ${id}`);
    return ingestion;
  }
  return router()
    .openapi(post, async (c) => {
      const how = howToRead(c.req.valid('query'), c.req.header('content-type'));
      const key = c.req.valid('header')['idempotency-key'];
      const { signal: gone } = c.req.raw;
      const file = { ...how, key, gone, body: fileOf(c.req.raw) };
      const ingestion = await receiveFile(deps, c.var.principal, file);
      c.header('Location', `/api/v1/ingestions/${ingestion._id}`);
      return c.json(await toApiIngestion(deps, ingestion), 202);
    })
    .openapi(list, async (c) => {
      const { state, ...query } = c.req.valid('query');
      const page = await deps.store.ingestions.list(c.var.principal.org, state, pageRequest(query));
      const rows = await Promise.all(page.rows.map((each) => toBrief(deps, each)));
      return c.json({ ingestions: rows, ...toPageFields(page) }, 200);
    })
    .openapi(get, async (c) => {
      const ingestion = await found(c.var.principal.org, c.req.valid('param').id);
      return c.json(await toApiIngestion(deps, ingestion), 200);
    })
    .openapi(cancel, async (c) => {
      const ingestion = await found(c.var.principal.org, c.req.valid('param').id);
      const { ingestions, ingestionParts } = deps.store;
      // No transaction of jobs is committed any more once this one write is.
      const ended = await ingestions.end(ingestion, ['receiving', 'queued', 'running'], {
        state: 'cancelled',
      });
      if (ended === undefined) throw new AppError('conflict', `the ingestion has ended: ${ingestion.state}`);
      await ingestionParts.drop(ended.org, ended.parts);
      await ingestions.emptied(ended);
      return c.json(await toApiIngestion(deps, ended), 200);
    });
}

async function toApiIngestion(deps: ApiDeps, ingestion: Ingestion): Promise<ApiIngestion> {
  return { ...(await toBrief(deps, ingestion)), errors: ingestion.problems };
}

async function toBrief(deps: ApiDeps, ingestion: Ingestion): Promise<z.infer<typeof briefSchema>> {
  const { _id: id, state, format, bytes, inserted, updated, unchanged, failed } = ingestion;
  return {
    id,
    state,
    waitReason: (await lacksWorker(deps, ingestion)) ? 'worker_missing' : null,
    format,
    bytes,
    progress: ingestionProgress(ingestion),
    ...{ inserted, updated, unchanged, failed, costUsd: toUsd(ingestion.costNanoUsd) },
    failure: ingestion.failure ?? null,
    createdBy: ingestion.createdBy,
    createdAt: ingestion.createdAt.toISOString(),
    startedAt: ingestion.startedAt?.toISOString() ?? null,
    endedAt: ingestion.endedAt?.toISOString() ?? null,
  };
}

/** No workflow can say that no worker is there to run it, so whoever looks finds out. */
async function lacksWorker(deps: ApiDeps, { state, movedAt }: Ingestion): Promise<boolean> {
  if (state !== 'queued' && state !== 'running') return false;
  if (Date.now() - movedAt.getTime() < WORKER_EXPECTED_MS) return false;
  return (await deps.health()).workers === 0;
}
