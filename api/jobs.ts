import type { ReadableStream } from 'node:stream/web';
import { createRoute, z } from '@hono/zod-openapi';
import { invalidInput } from '../domain/errors.ts';
import { given } from '../domain/given.ts';
import { type Mapping, readPairs } from '../domain/jobs/columns.ts';
import { JOB_FORMATS, type JobFormat } from '../domain/jobs/formats.ts';
import { ingestJobs, MAX_ERRORS } from '../domain/jobs/ingest.ts';
import { COST_BASES, JOB_STATUSES, type Job } from '../domain/jobs/job.ts';
import { toUsd } from '../domain/money.ts';
import { ARCHIVED_DAYS_HINT, tellArchivedDays } from './archived-days.ts';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { errors, jsonAnswer, router } from './http.ts';
import { rowsOf } from './job-rows.ts';
import { plainRows } from './plain-rows.ts';

const tags = ['Jobs'];
const UNIT_MS = { s: 1_000, ms: 1 } as const;

const text = z.string().nullable();
const jobSchema = z
  .object({
    job_id: z.string(),
    team_name: z.string(),
    team_id: z.string(),
    model_name: z.string(),
    provider: z.string(),
    gpu_type: text,
    start_time: z.iso.datetime().nullable(),
    end_time: z.iso.datetime().nullable(),
    status: z.enum(JOB_STATUSES),
    user: text,
    queue: text,
    kind: text,
    gpu_count: z.number().nullable(),
    input_tokens: z.number().int().nullable(),
    output_tokens: z.number().int().nullable(),
    cost_usd: z.number(),
    cost_basis: z.enum(COST_BASES),
  })
  .openapi('Job');

export const problemsSchema = z
  .array(z.object({ line: z.number().int(), field: z.string(), problem: z.string() }))
  .max(MAX_ERRORS);
export const ingestedSchema = z
  .object({
    inserted: z.number().int(),
    updated: z.number().int(),
    unchanged: z.number().int(),
    failed: z.number().int(),
    costUsd: z.number(),
    errors: problemsSchema,
  })
  .openapi('IngestedJobs');
export type ApiIngestedJobs = z.infer<typeof ingestedSchema>;

const list = createRoute({
  method: 'get',
  path: '/jobs',
  tags,
  summary: 'List jobs that ran elsewhere, the newest days first',
  description: ARCHIVED_DAYS_HINT,
  request: {
    query: z.strictObject({
      skip: z.coerce.number().int().min(0).max(1_000_000).default(0),
      limit: z.coerce.number().int().min(1).max(100).default(50),
      team_id: z.string().max(100).optional(),
      team_name: z.string().max(200).optional(),
      status: z.enum(JOB_STATUSES).optional(),
      provider: z.string().max(200).toLowerCase().optional(),
    }),
  },
  responses: {
    200: jsonAnswer(
      z.object({
        jobs: z.array(jobSchema),
        total: z.number().int(),
        skip: z.number().int(),
        limit: z.number().int(),
        has_more: z.boolean(),
      }),
      'A page of jobs.',
    ),
    ...errors(),
  },
});

/** A file of jobs, and how it is read. */
export const fileRequest = {
  query: z.strictObject({
    format: z.enum(JOB_FORMATS).optional().openapi({ description: 'Else the Content-Type says it.' }),
    map: z
      .string()
      .max(2_000)
      .optional()
      .openapi({ description: '`job_id=name,start_time=submitted`; `@row` is the row’s number.' }),
    set: z
      .string()
      .max(2_000)
      .optional()
      .openapi({ description: 'Constants: `team_name=ops,provider=aws`.' }),
    epoch: z.iso.date().optional().openapi({ description: 'Times are numbers counted from this day, UTC.' }),
    timeUnit: z.enum(['s', 'ms']).default('s'),
  }),
  body: {
    required: true,
    content: {
      'application/json': { schema: { type: 'array', items: { type: 'object' } } },
      'application/x-ndjson': { schema: { type: 'string' } },
      'text/csv': { schema: { type: 'string' } },
    },
  },
} as const;

const ingest = createRoute({
  method: 'post',
  path: '/jobs/ingest',
  tags,
  summary: 'Bring in jobs that ran elsewhere, with their costs; the same job_id is the same job',
  description:
    'CSV, JSON lines (both of any size) or a JSON array up to 8 MB; any of them gzipped, with columns of ' +
    'jobs or of FOCUS. Rows that are wrong are reported and left out, the others are kept.',
  middleware: requires('operator'),
  request: fileRequest,
  responses: {
    200: jsonAnswer(ingestedSchema, 'What became of the rows, and the first 100 problems.'),
    ...errors(403, 413),
  },
});

/** Jobs that ran elsewhere: bring them in, look at them. */
export function jobRoutes(deps: ApiDeps) {
  return router()
    .openapi(list, async (c) => {
      const { org } = c.var.principal;
      const { skip, limit, team_id: teamId, team_name: named, ...filter } = c.req.valid('query');
      const team = teamId === undefined ? named : (await deps.store.teams.find(org, teamId))?.name;
      if (teamId !== undefined && team === undefined)
        return c.json({ jobs: [], total: 0, skip, limit, has_more: false }, 200);
      const page = await deps.store.jobs.list(org, given({ ...filter, team }), { limit, skip });
      const { total } = page;
      await tellArchivedDays(c, deps.store, org);
      const jobs = page.jobs.map((job) => toApiJob(deps.store.teams.idOf(org, job.team), job));
      return c.json({ jobs, total, skip, limit, has_more: skip + jobs.length < total }, 200);
    })
    .openapi(ingest, async (c) => {
      const { format, mapping } = howToRead(c.req.valid('query'), c.req.header('content-type'));
      const file = await plainRows(rowsOf(fileOf(c.req.raw), format), mapping, format === 'focus');
      const ingested = await ingestJobs(deps, c.var.principal.org, file.rows, file.mapping);
      const { costNanoUsd, ...counts } = ingested;
      return c.json({ ...counts, costUsd: toUsd(costNanoUsd) }, 200);
    });
}

type FileQuery = z.infer<(typeof fileRequest)['query']>;

/** @throws AppError `invalid_input` where the request does not say what the file is. */
export function howToRead({ format, ...how }: FileQuery, contentType = '') {
  return { format: format ?? formatOf(contentType), mapping: mappingOf(how) };
}

/** @throws AppError `invalid_input` where there is none. */
export function fileOf({ body }: Request): ReadableStream {
  if (body === null) throw invalidInput('the body is empty: send jobs as CSV, JSON lines or JSON');
  return body as ReadableStream;
}

function formatOf(type: string): JobFormat {
  if (/^text\/csv\b/i.test(type)) return 'csv';
  if (/^application\/(x-ndjson|jsonl|jsonlines)\b/i.test(type)) return 'jsonl';
  if (/^application\/json\b/i.test(type)) return 'json';
  const known = 'text/csv, application/x-ndjson or application/json';
  throw invalidInput(`send the header Content-Type: ${known}, or the query parameter format`, [
    { field: 'content-type', problem: type === '' ? 'is missing' : `is ${type.slice(0, 100)}` },
  ]);
}

function mappingOf(how: Omit<FileQuery, 'format'>): Mapping {
  const pairs = (field: 'map' | 'set') => {
    const read = readPairs(how[field] ?? '');
    if (typeof read === 'string') throw invalidInput(`${field}: ${read}`, [{ field, problem: read }]);
    return read;
  };
  return {
    columns: pairs('map'),
    constants: pairs('set'),
    ...(how.epoch !== undefined && {
      epoch: { from: new Date(`${how.epoch}T00:00:00Z`), unitMs: UNIT_MS[how.timeUnit] },
    }),
  };
}

function toApiJob(teamId: string, job: Job): z.infer<typeof jobSchema> {
  return {
    job_id: job.id,
    team_name: job.team,
    team_id: teamId,
    model_name: job.model,
    provider: job.provider,
    gpu_type: job.gpuType ?? null,
    start_time: job.startedAt?.toISOString() ?? null,
    end_time: job.endedAt?.toISOString() ?? null,
    status: job.status,
    user: job.user ?? null,
    queue: job.queue ?? null,
    kind: job.kind ?? null,
    gpu_count: job.gpuCount ?? null,
    input_tokens: job.inputTokens ?? null,
    output_tokens: job.outputTokens ?? null,
    cost_usd: toUsd(job.costNanoUsd),
    cost_basis: job.costBasis,
  };
}
