import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { DIMENSIONS, type Dimension, isTimeDimension } from '../domain/analytics/dimension.ts';
import { crossSchema, groupsSchema, toApiGroup } from './analytics-view.ts';
import { daysInOrder, daysShape } from './cost-view.ts';
import type { ApiDeps, ApiEnv } from './deps.ts';
import { errors, jsonAnswer, router } from './http.ts';

const tags = ['Analytics'];
const MOST_GROUPS = 10_000;

const shape = { ...daysShape, limit: z.coerce.number().int().min(1).max(MOST_GROUPS).default(MOST_GROUPS) };
const dimension = z.enum(DIMENSIONS);
const headers = z.object({
  'X-Total-Count': z.string().openapi({ description: 'How many groups there are.' }),
  'X-Days-Behind': z
    .string()
    .optional()
    .openapi({ description: 'How many days have jobs that are not counted yet; missing where all are.' }),
});

/** By one dimension: `by-model`, `by-gpu-type`, … */
function routeBy(by: Dimension) {
  return createRoute({
    method: 'get',
    path: `/analytics/cost/by-${by.replace('_', '-')}`,
    tags,
    summary: `What jobs have cost by ${by.replace('gpu_type', 'type of GPU')}, the dearest first`,
    request: { query: z.strictObject(shape).superRefine(daysInOrder) },
    responses: {
      200: { ...jsonAnswer(groupsSchema(by), 'A group for each that has jobs.'), headers },
      ...errors(),
    },
  });
}

const cross = createRoute({
  method: 'get',
  path: '/analytics/cost/cross',
  tags,
  summary: 'What jobs have cost by any two dimensions at once, the dearest first',
  request: {
    query: z
      .strictObject({ ...shape, rows: dimension, columns: dimension })
      .superRefine(daysInOrder)
      .superRefine(({ rows, columns }, context) => {
        const wrong = (message: string) => context.addIssue({ code: 'custom', path: ['columns'], message });
        if (rows === columns) wrong(`must be another one than rows, which is ${rows}`);
        else if (isTimeDimension(rows) && isTimeDimension(columns))
          wrong(`must not be a time, for rows is one: ${rows}`);
      }),
  },
  responses: {
    200: { ...jsonAnswer(crossSchema, 'A group for each two that have jobs together.'), headers },
    ...errors(),
  },
});

/**
 * Costs of jobs from the roll-ups of their days, never by a scan of jobs. Days whose roll-up is behind are
 * rolled up first.
 */
export function analyticsRoutes(deps: ApiDeps) {
  const routes = router();
  for (const by of DIMENSIONS)
    routes.openapi(routeBy(by), async (c) => {
      return c.json((await answer(c, c.req.valid('query'), [by])) as never, 200);
    });
  return routes.openapi(cross, async (c) => {
    const { rows, columns, ...query } = c.req.valid('query');
    return c.json(await answer(c, query, [rows, columns]), 200);
  });

  async function answer(
    c: Context<ApiEnv>,
    { start, end, limit }: { start: string; end: string; limit: number },
    by: Dimension[],
  ) {
    const { org } = c.var.principal;
    const { groups, daysBehind } = await deps.store.analyzeJobs(org, start, end, by);
    c.header('X-Total-Count', String(groups.length));
    if (daysBehind > 0) c.header('X-Days-Behind', String(daysBehind));
    return groups
      .slice(0, limit)
      .map((group) => toApiGroup(group, (name) => deps.store.teams.idOf(org, name)));
  }
}
