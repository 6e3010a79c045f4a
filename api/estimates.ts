import { createRoute } from '@hono/zod-openapi';
import { estimateItems } from '../kinds/estimate.ts';
import type { ApiDeps } from './deps.ts';
import { errors, jsonAnswer, jsonBody, router } from './http.ts';
import { frozenRun } from './new-run.ts';
import { estimateSchema, newRunSchema } from './run-schemas.ts';
import { toApiEstimate } from './run-view.ts';

const BATCH = 100;

const post = createRoute({
  method: 'post',
  path: '/estimates',
  tags: ['Runs'],
  summary: 'What a run would need and cost, without starting it',
  request: jsonBody(newRunSchema),
  responses: { 200: jsonAnswer(estimateSchema, 'Tokens and cost as a band.'), ...errors(404) },
});

/** Estimates need no workflow, so they also answer where Temporal does not. */
export function estimateRoutes(deps: ApiDeps) {
  return router().openapi(post, async (c) => {
    const { org } = c.var.principal;
    const { kind, input, options } = await frozenRun(deps, org, c.req.valid('json'));
    const run = { id: 'estimate', org, input, options };
    const keys = (await kind.plan(run)).map((item) => item.key);
    const batches = Array.from({ length: Math.ceil(keys.length / BATCH) }, (_, index) =>
      keys.slice(index * BATCH, (index + 1) * BATCH),
    );
    return c.json(toApiEstimate(await estimateItems(deps.pricing, kind, run, batches)), 200);
  });
}
