import { createRoute, z } from '@hono/zod-openapi';
import { AppError, invalidInput } from '../domain/errors.ts';
import { given } from '../domain/given.ts';
import { fromUsd, toUsd } from '../domain/money.ts';
import type { NewSnapshot, Snapshot } from '../store/cost-snapshots.ts';
import { requires } from './auth.ts';
import { daysInOrder, daysShape } from './cost-view.ts';
import type { ApiDeps } from './deps.ts';
import { errors, idParam, jsonAnswer, jsonBody, router } from './http.ts';
import { sha256 } from './idempotency.ts';

const tags = ['Jobs'];
const MAX_SNAPSHOTS = 1_000;
/** How long a question may allocate before it is answered. */
const QUESTION_MS = 5_000;

const name = z.string().trim().min(1).max(200).toLowerCase();
const newSnapshot = z
  .strictObject({
    entry_date: z.iso.date().openapi({ description: 'A day in your time zone.' }),
    provider: name,
    gpu_type: name,
    cost_usd: z.number().min(0).max(9_000_000),
    gpu_hours: z
      .number()
      .min(0)
      .max(1e9)
      .optional()
      .openapi({ description: 'That were paid for: what jobs have not used of them is idle.' }),
  })
  .openapi('NewCostSnapshot');

const usd = z.number();
const snapshotSchema = z
  .object({
    id: z.string(),
    entry_date: z.string(),
    provider: z.string(),
    gpu_type: z.string(),
    cost_usd: usd,
    gpu_hours: z.number().nullable(),
    allocation: z
      .object({
        jobs_usd: usd,
        covered_usd: usd.openapi({ description: 'Share of jobs whose cost is known otherwise.' }),
        idle_usd: usd,
        job_count: z.number().int(),
        used_gpu_hours: z.number(),
        allocated_at: z.iso.datetime(),
      })
      .nullable()
      .openapi({ description: 'The three parts add up to the cost; null until it is allocated.' }),
    stale: z.boolean().openapi({ description: 'Jobs or the cost have changed since.' }),
  })
  .openapi('CostSnapshot');
export type ApiSnapshot = z.infer<typeof snapshotSchema>;
const detailSchema = snapshotSchema
  .extend({
    teams: z.array(
      z.object({ team_name: z.string(), team_id: z.string(), job_count: z.number().int(), cost_usd: usd }),
    ),
  })
  .openapi('CostSnapshotDetails');
const countsSchema = z.object({
  inserted: z.number().int(),
  updated: z.number().int(),
  unchanged: z.number().int(),
});

export type ApiSnapshotCounts = z.infer<typeof countsSchema>;

const post = createRoute({
  method: 'post',
  path: '/cost-snapshots',
  tags,
  summary: 'Say what all GPUs of a type have cost on a day; jobs get their shares of it',
  description:
    'One for each day, provider and type of GPU: the same again changes nothing, another cost is allocated ' +
    'anew. Jobs that have a cost of their own keep it.',
  middleware: requires('operator'),
  request: jsonBody(z.strictObject({ snapshots: z.array(newSnapshot).min(1).max(MAX_SNAPSHOTS) })),
  responses: { 200: jsonAnswer(countsSchema, 'What became of them.'), ...errors(403) },
});

const list = createRoute({
  method: 'get',
  path: '/cost-snapshots',
  tags,
  summary: 'What GPUs have cost by day, and how it was allocated',
  request: {
    query: z
      .strictObject({
        ...daysShape,
        skip: z.coerce.number().int().min(0).max(1_000_000).default(0),
        limit: z.coerce.number().int().min(1).max(100).default(50),
      })
      .superRefine(daysInOrder),
  },
  responses: {
    200: jsonAnswer(
      z.object({
        snapshots: z.array(snapshotSchema),
        total: z.number().int(),
        skip: z.number().int(),
        limit: z.number().int(),
        has_more: z.boolean(),
      }),
      'In the order of days.',
    ),
    ...errors(),
  },
});

const get = createRoute({
  method: 'get',
  path: '/cost-snapshots/{id}',
  tags,
  summary: 'One of them, with the parts of the teams',
  request: { params: idParam },
  responses: { 200: jsonAnswer(detailSchema, 'The dearest team first.'), ...errors(404) },
});

const remove = createRoute({
  method: 'delete',
  path: '/cost-snapshots/{id}',
  tags,
  summary: 'Take one back, with all of its parts',
  middleware: requires('admin'),
  request: { params: idParam },
  responses: { 204: { description: 'Taken back.' }, ...errors(403, 404) },
});

/** Costs of GPUs from bills, which are allocated to the jobs that used them. */
export function costSnapshotRoutes({ store }: ApiDeps) {
  const { costSnapshots, allocateSpan } = store;
  const allocated = (org: string, start: string, end: string) =>
    allocateSpan(org, start, end, performance.now() + QUESTION_MS);

  return router()
    .openapi(post, async (c) => {
      const { org } = c.var.principal;
      const { snapshots } = c.req.valid('json');
      return c.json(await costSnapshots.put(org, toSnapshots(org, snapshots), new Date()), 200);
    })
    .openapi(list, async (c) => {
      const { org } = c.var.principal;
      const { start, end, skip, limit } = c.req.valid('query');
      await allocated(org, start, end);
      const { snapshots, total } = await costSnapshots.list(org, { start, end }, { limit, skip });
      const has_more = skip + snapshots.length < total;
      return c.json({ snapshots: snapshots.map(toApi), total, skip, limit, has_more }, 200);
    })
    .openapi(get, async (c) => {
      const { org } = c.var.principal;
      const { id } = c.req.valid('param');
      const before = await costSnapshots.find(org, id);
      if (before === undefined || before.removed) throw missing(id);
      await allocated(org, before.date, before.date);
      const snapshot = (await costSnapshots.find(org, id)) ?? before;
      const teams = (snapshot.allocated?.teams ?? []).map(({ team, jobs, costNanoUsd }) => ({
        team_name: team,
        team_id: store.teams.idOf(org, team),
        job_count: jobs,
        cost_usd: toUsd(costNanoUsd),
      }));
      return c.json({ ...toApi(snapshot), teams }, 200);
    })
    .openapi(remove, async (c) => {
      const { org, id: by } = c.var.principal;
      const { id } = c.req.valid('param');
      if (!(await costSnapshots.remove(org, id, by, new Date()))) throw missing(id);
      return c.body(null, 204);
    });
}

function toSnapshots(org: string, asked: z.infer<typeof newSnapshot>[]): NewSnapshot[] {
  const seen = new Map<string, number>();
  return asked.map((each, index) => {
    const { entry_date: date, provider, gpu_type: gpuType, cost_usd: cost, gpu_hours: gpuHours } = each;
    const id = `snapshot_${sha256(JSON.stringify([org, date, provider, gpuType])).slice(0, 20)}`;
    const twin = seen.get(id);
    if (twin !== undefined)
      throw invalidInput(`snapshots ${twin + 1} and ${index + 1} are of the same day, provider and type`, [
        { field: `snapshots.${index}`, problem: `is the same as number ${twin + 1}: add them up` },
      ]);
    seen.set(id, index);
    return given({ id, date, provider, gpuType, costNanoUsd: fromUsd(cost), gpuHours });
  });
}

function missing(id: string): AppError {
  return new AppError('not_found', `there is no cost snapshot ${id}`);
}

function toApi(snapshot: Snapshot): ApiSnapshot {
  const { _id: id, date, provider, gpuType, costNanoUsd, gpuHours, allocated, dirtySince } = snapshot;
  return {
    id,
    entry_date: date,
    provider,
    gpu_type: gpuType,
    cost_usd: toUsd(costNanoUsd),
    gpu_hours: gpuHours ?? null,
    allocation: allocated
      ? {
          jobs_usd: toUsd(allocated.jobsNanoUsd),
          covered_usd: toUsd(allocated.coveredNanoUsd),
          idle_usd: toUsd(allocated.idleNanoUsd),
          job_count: allocated.jobs,
          used_gpu_hours: allocated.usedGpuHours,
          allocated_at: allocated.at.toISOString(),
        }
      : null,
    stale: dirtySince !== undefined,
  };
}
