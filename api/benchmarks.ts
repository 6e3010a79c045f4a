import { createRoute, z } from '@hono/zod-openapi';
import { CALIBRATES_ABOVE, calibrate, MAX_BENCHMARKS } from '../domain/costing/calibration.ts';
import { RECOMMENDED_ACTIONS, reportOf } from '../domain/costing/report.ts';
import { AppError } from '../domain/errors.ts';
import { requires } from './auth.ts';
import { benchmarkSchema, fromApiBenchmark, newBenchmarkSchema, toApiBenchmark } from './benchmark-view.ts';
import { costModelSchema, toApiCostModel } from './cost-model-view.ts';
import type { ApiDeps } from './deps.ts';
import {
  errors,
  jsonAnswer,
  jsonBody,
  pageFields,
  pageQuery,
  pageRequest,
  router,
  toPageFields,
} from './http.ts';
import { givenName } from './job-metrics.ts';
import { oneOrMany, withEach } from './one-or-many.ts';

const tags = ['Costs'];
const MAX_POSTED = 1_000;
const addedSchema = benchmarkSchema.extend({ outcome: z.enum(['inserted', 'unchanged']) });

const post = createRoute({
  method: 'post',
  path: '/benchmarks',
  tags,
  summary: 'Say what a job really cost, or up to 1,000 jobs; the same again changes nothing',
  middleware: requires('operator'),
  request: jsonBody(oneOrMany(newBenchmarkSchema, 'benchmarks', MAX_POSTED)),
  responses: {
    200: jsonAnswer(
      z.union([z.object({ benchmarks: z.array(addedSchema) }), addedSchema]),
      'The benchmark, or each.',
    ),
    ...errors(403),
  },
});

const list = createRoute({
  method: 'get',
  path: '/benchmarks',
  tags,
  summary: 'List benchmarks, the newest first',
  request: { query: pageQuery.extend({ jobType: givenName.optional() }) },
  responses: {
    200: jsonAnswer(
      z.object({ benchmarks: z.array(benchmarkSchema), ...pageFields }),
      'A page of benchmarks.',
    ),
    ...errors(),
  },
});

const share = z.number().nullable();
const report = createRoute({
  method: 'get',
  path: '/benchmarks/report',
  tags,
  summary: 'How well the applied cost model fits what jobs cost, by the newest 2,000 benchmarks',
  request: { query: z.strictObject({ jobType: givenName.optional() }) },
  responses: {
    200: jsonAnswer(
      z
        .object({
          accuracy: share.openapi({ description: '1 − Σ|calculated − actual| ÷ Σ actual, from 0 to 1.' }),
          drift: share.openapi({
            description: 'Σ(calculated − actual) ÷ Σ actual of the newest third; below 0: too little.',
          }),
          bias: share.openapi({ description: 'The same of all benchmarks.' }),
          sampleCount: z.number().int(),
          recommendedAction: z.enum(RECOMMENDED_ACTIONS),
          message: z.string(),
          modelVersion: z.number().int(),
        })
        .openapi('CostModelReport'),
      'The report.',
    ),
    ...errors(),
  },
});

const calibration = createRoute({
  method: 'post',
  path: '/benchmarks/calibrate',
  tags,
  summary: 'Fit the weights to the newest 2,000 benchmarks, and propose them as a version',
  middleware: requires('admin'),
  responses: { 201: jsonAnswer(costModelSchema, 'The proposal.'), ...errors(403, 409) },
});

/** What jobs really cost, against what the cost model says. */
export function benchmarkRoutes(deps: ApiDeps) {
  const { benchmarks, costModels } = deps.store;
  return router()
    .openapi(post, async (c) => {
      const { org } = c.var.principal;
      const body = c.req.valid('json');
      const model = await costModels.current(org);
      const [name, given] =
        'benchmarks' in body ? (['benchmarks', body.benchmarks] as const) : [undefined, [body]];
      const rows = withEach(name, given, (each) => fromApiBenchmark(org, each, model));
      const inserted = await benchmarks.add(org, rows);
      const added = rows.map((row, index) => ({
        ...toApiBenchmark(row),
        outcome: inserted[index] === true ? ('inserted' as const) : ('unchanged' as const),
      }));
      return c.json(name === undefined ? added[0]! : { benchmarks: added }, 200);
    })
    .openapi(list, async (c) => {
      const { jobType, ...query } = c.req.valid('query');
      const page = await benchmarks.list(c.var.principal.org, jobType, pageRequest(query));
      return c.json({ benchmarks: page.rows.map(toApiBenchmark), ...toPageFields(page) }, 200);
    })
    .openapi(report, async (c) => {
      const { org } = c.var.principal;
      const newest = await benchmarks.newest(org, c.req.valid('query').jobType, MAX_BENCHMARKS);
      return c.json(reportOf(newest, await costModels.current(org)), 200);
    })
    .openapi(calibration, async (c) => {
      const { org, id } = c.var.principal;
      const newest = await benchmarks.newest(org, undefined, MAX_BENCHMARKS);
      if (newest.length <= CALIBRATES_ABOVE)
        throw new AppError(
          'conflict',
          `a calibration needs more than ${CALIBRATES_ABOVE} benchmarks; there are ${newest.length}`,
        );
      const current = await costModels.current(org);
      const { environments, defaultMultiplier } = current;
      const fitted = { ...calibrate(newest, current), environments, defaultMultiplier };
      const proposal = await costModels.propose(org, fitted, id);
      return c.json(toApiCostModel(proposal), 201);
    });
}
