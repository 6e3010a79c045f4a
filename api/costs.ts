import { createRoute, z } from '@hono/zod-openapi';
import { BUCKET_TYPES } from '../domain/ledger/buckets.ts';
import { addSum, emptySum } from '../domain/ledger/cost-sum.ts';
import { historyOf } from '../domain/ledger/history.ts';
import { groupFields, scopeIn, spanQuery, sumFields, toApiSum } from './cost-view.ts';
import type { ApiDeps } from './deps.ts';
import { entrySchema } from './hold-schemas.ts';
import { toApiEntry } from './hold-view.ts';
import { errors, jsonAnswer, pageFields, pageQuery, pageRequest, router, toPageFields } from './http.ts';

const tags = ['Costs'];
const time = z.iso.datetime({ offset: true }).optional();

const entries = createRoute({
  method: 'get',
  path: '/costs/entries',
  tags,
  summary: 'The ledger: every single cost, the newest first',
  request: {
    query: pageQuery
      .extend({
        start: time.openapi({ description: 'From then on.' }),
        end: time.openapi({ description: 'Up to just before then.' }),
        run: z.string().min(1).max(200).optional().openapi({
          description: 'A run, or a hold of the API; its entries come in the order of their ids.',
        }),
      })
      .refine(({ start, end }) => !(Date.parse(end ?? '') <= Date.parse(start ?? '')), {
        path: ['end'],
        message: 'must be after start',
      }),
  },
  responses: {
    200: jsonAnswer(z.object({ entries: z.array(entrySchema), ...pageFields }), 'A page of entries.'),
    ...errors(),
  },
});

const sumSchema = z.object(sumFields).openapi('CostSum');

const daily = createRoute({
  method: 'get',
  path: '/costs/daily',
  tags,
  summary: 'Costs by day, and by any parts of their scope',
  request: { query: spanQuery({}) },
  responses: {
    200: jsonAnswer(
      z.object({
        days: z.array(z.object({ date: z.string(), ...groupFields, ...sumFields }).openapi('DailyCost')),
        total: sumSchema,
      }),
      'Days and groups without a cost are left out.',
    ),
    ...errors(),
  },
});

const history = createRoute({
  method: 'get',
  path: '/costs/history',
  tags,
  summary: 'Costs over time for charts: a point for every day, week or month',
  request: { query: spanQuery({ by: z.enum(BUCKET_TYPES).default('day') }) },
  responses: {
    200: jsonAnswer(
      z.object({
        by: z.enum(BUCKET_TYPES),
        series: z.array(
          z
            .object({
              ...groupFields,
              points: z.array(z.object({ start: z.string(), end: z.string(), ...sumFields })),
            })
            .openapi('CostSeries'),
        ),
        total: sumSchema,
      }),
      'A series for each group, the dearest first; weeks begin on Monday.',
    ),
    ...errors(),
  },
});

/**
 * What was spent: one by one from the ledger, and summed up from its projection, a second old at the most.
 */
export function costRoutes(deps: ApiDeps) {
  const { listEntries, sumCosts } = deps.store;
  return router()
    .openapi(entries, async (c) => {
      const { start, end, run, ...query } = c.req.valid('query');
      const filter = {
        ...(start !== undefined && { start: new Date(start) }),
        ...(end !== undefined && { end: new Date(end) }),
        ...(run !== undefined && { run }),
      };
      const page = await listEntries(c.var.principal.org, filter, pageRequest(query));
      const shown = page.rows.map((entry) => toApiEntry(entry, entry.owner));
      return c.json({ entries: shown, ...toPageFields(page) }, 200);
    })
    .openapi(daily, async (c) => {
      const { start, end, groupBy = [], ...query } = c.req.valid('query');
      const sums = await sumCosts(c.var.principal.org, { start, end, groupBy, scope: scopeIn(query) });
      const days = sums.map(({ day, group, sum }) => ({ date: day, ...group, ...toApiSum(sum) }));
      return c.json({ days, total: totalOf(sums) }, 200);
    })
    .openapi(history, async (c) => {
      const { start, end, by, groupBy = [], ...query } = c.req.valid('query');
      const sums = await sumCosts(c.var.principal.org, { start, end, groupBy, scope: scopeIn(query) });
      const series = historyOf(sums, { start, end, by }, {}).map(({ group, points }) => ({
        ...group,
        points: points.map(({ sum, ...bucket }) => ({ ...bucket, ...toApiSum(sum) })),
      }));
      return c.json({ by, series, total: totalOf(sums) }, 200);
    });
}

function totalOf(parts: readonly { sum: ReturnType<typeof emptySum> }[]) {
  const total = emptySum();
  for (const { sum } of parts) addSum(total, sum);
  return toApiSum(total);
}
