import { createRoute, z } from '@hono/zod-openapi';
import { AppError } from '../domain/errors.ts';
import { reportAccuracy } from '../domain/variance.ts';
import { estimateItems } from '../kinds/estimate.ts';
import { frozenRun, kindOf } from '../kinds/frozen-run.ts';
import { KIND_NAMES } from '../kinds/index.ts';
import type { Kind, RunContext } from '../kinds/kind.ts';
import type { Run } from '../store/run-record.ts';
import type { ApiDeps } from './deps.ts';
import { estimateSchema, toApiEstimate } from './estimate-view.ts';
import { errors, idParam, jsonAnswer, jsonBody, router } from './http.ts';
import { estimateOf } from './new-estimate.ts';
import { findRun, retryableRun } from './run-control.ts';
import { newRunSchema } from './run-schemas.ts';

const BATCH = 100;
const DAY_MS = 24 * 60 * 60 * 1000;
const tags = ['Estimates'];

const post = createRoute({
  method: 'post',
  path: '/estimates',
  tags,
  summary: 'What a run would need and cost, without starting it',
  request: jsonBody(newRunSchema),
  responses: { 200: jsonAnswer(estimateSchema, 'Tokens and cost as a band.'), ...errors(404) },
});

const ofRun = createRoute({
  method: 'get',
  path: '/runs/{id}/estimate',
  tags,
  summary: 'The estimate of a run, of its present round',
  request: { params: idParam },
  responses: {
    200: jsonAnswer(estimateSchema, 'Its hash is what an approval names.'),
    ...errors(404),
  },
});

const ofRetry = createRoute({
  method: 'get',
  path: '/runs/{id}/retry-estimate',
  tags,
  summary: 'What a retry of the run would need and cost; nothing is changed',
  request: {
    params: idParam,
    query: z.strictObject({ fingerprint: z.string().min(1).max(200).optional() }),
  },
  responses: {
    200: jsonAnswer(estimateSchema, 'Of its failed objects, all or those of one fingerprint.'),
    ...errors(404, 409),
  },
});

const share = z.number().min(0).max(1).nullable();
const accuracyFields = {
  runs: z.number().int(),
  coverage: share,
  inBandShare: share,
  meanAbsoluteErrorPercent: z.number().nullable(),
  biasPercent: z.number().nullable(),
};

const accuracySchema = z
  .object({
    days: z.number().int(),
    overall: z.object(accuracyFields),
    weeks: z.array(z.object({ week: z.iso.date(), ...accuracyFields })),
    groups: z.array(
      z.object({
        kind: z.enum(KIND_NAMES),
        model: z.string(),
        basis: z.enum(['cold', 'calibrated']),
        ...accuracyFields,
      }),
    ),
  })
  .openapi('EstimateAccuracy');

const accuracy = createRoute({
  method: 'get',
  path: '/estimates/accuracy',
  tags,
  summary: 'How estimates did against what completed runs have cost',
  request: {
    query: z.strictObject({
      kind: z.enum(KIND_NAMES).optional(),
      days: z.coerce.number().int().min(1).max(730).default(90),
    }),
  },
  responses: {
    200: jsonAnswer(accuracySchema, 'Over all, by week, and by kind, model and basis.'),
    ...errors(),
  },
});

/** Estimates need no workflow, so they also answer where Temporal does not. */
export function estimateRoutes(deps: ApiDeps) {
  const { calibrations, estimates } = deps.store;
  const estimate = (kind: Kind, run: RunContext, keys: Parameters<typeof estimateItems>[3]) =>
    estimateItems(
      { ...deps.pricing, calibrationsOf: calibrations.of, now: () => new Date() },
      kind,
      run,
      keys,
    );
  return router()
    .openapi(post, async (c) => {
      const { org } = c.var.principal;
      const asked = await frozenRun(deps, org, c.req.valid('json'));
      return c.json(toApiEstimate(await estimateOf(deps, org, asked)), 200);
    })
    .openapi(ofRetry, async (c) => {
      const { org } = c.var.principal;
      const { fingerprint } = c.req.valid('query');
      const run = await retryableRun(deps, org, c.req.valid('param').id, fingerprint);
      const context = { id: run._id, org, input: run.input, options: run.options };
      const keys = keysOfRetry(deps, run, fingerprint);
      return c.json(toApiEstimate(await estimate(kindOf(deps, run.kind), context, keys)), 200);
    })
    .openapi(ofRun, async (c) => {
      const { estimate } = await findRun(deps, c.var.principal.org, c.req.valid('param').id);
      if (estimate === undefined) throw new AppError('not_found', 'the run has not been estimated yet');
      return c.json(toApiEstimate(estimate), 200);
    })
    .openapi(accuracy, async (c) => {
      const { kind, days } = c.req.valid('query');
      const since = new Date(Date.now() - days * DAY_MS);
      const variances = await estimates.since(c.var.principal.org, kind, since);
      return c.json({ days, ...reportAccuracy(variances) }, 200);
    });
}

/** A batch at a time, as the estimate asks for them. */
async function* keysOfRetry(deps: ApiDeps, run: Run, fingerprint?: string): AsyncGenerator<string[]> {
  for (let afterSeq = -1; ; ) {
    const of = { afterSeq, limit: BATCH, ...(fingerprint !== undefined && { fingerprint }) };
    const items = await deps.store.runItems.retried(run.org, run._id, of);
    const last = items.at(-1);
    if (last === undefined) return;
    afterSeq = last.seq;
    yield items.map((item) => item.key);
  }
}
