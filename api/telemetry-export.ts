import { createRoute, z } from '@hono/zod-openapi';
import { isCalibrated, ratioBand } from '../domain/calibration.ts';
import { toUsd } from '../domain/money.ts';
import type { Run } from '../store/run-record.ts';
import type { ApiDeps } from './deps.ts';
import { toUsdBand } from './estimate-view.ts';
import { errors, errorsWithoutInput, jsonAnswer, router } from './http.ts';
import { toApiLog } from './run-view.ts';
import { streamOf } from './stream-of.ts';
import { spanOf, spanQuery } from './telemetry-span.ts';

const tags = ['Telemetry'];

const calibration = createRoute({
  method: 'get',
  path: '/telemetry/calibration',
  tags,
  summary: 'What runs have taught estimates: by kind, model and step',
  responses: {
    200: jsonAnswer(
      z
        .object({
          calibrations: z.array(
            z.object({
              kind: z.string(),
              model: z.string(),
              step: z.string(),
              samples: z.number().int(),
              runs: z.number().int(),
              calibrated: z.boolean().openapi({
                description: 'False: too few samples yet, so that the defaults of the kind count.',
              }),
              factor: z.object({ p50: z.number(), p90: z.number() }).openapi({
                description: 'Output tokens of one call over what the kind expects without any history.',
              }),
              updatedAt: z.iso.datetime(),
            }),
          ),
        })
        .openapi('TelemetryCalibration'),
      'How far estimates were off is under /estimates/accuracy.',
    ),
    ...errorsWithoutInput(),
  },
});

const exported = createRoute({
  method: 'get',
  path: '/telemetry/export',
  tags,
  summary: 'Runs and steps of a time, one a line, the oldest first',
  request: { query: spanQuery({}) },
  responses: {
    200: {
      description:
        'Lines of JSON: of `type` run with estimate, actual cost, waits and durations; of `type` step with ' +
        'tokens, calls, duration, cost and error. No prompt and no text is among them.',
      content: { 'application/x-ndjson': { schema: z.string() } },
    },
    ...errors(),
  },
});

/** Telemetry to take away, and what estimates have learned from it. */
export function telemetryExportRoutes(deps: ApiDeps) {
  const { store } = deps;
  return router()
    .openapi(calibration, async (c) => {
      const found = await store.calibrations.list(c.var.principal.org);
      const calibrations = found.map((one) => ({
        kind: one.kind,
        model: one.model,
        step: one.step,
        samples: one.count,
        runs: one.runs.length,
        calibrated: isCalibrated(one),
        factor: ratioBand(one, 1),
        updatedAt: one.updatedAt.toISOString(),
      }));
      return c.json({ calibrations }, 200);
    })
    .openapi(exported, async (c) => {
      const { org } = c.var.principal;
      const span = spanOf(c.req.valid('query'));
      async function* lines() {
        const lineOf = (value: object) => `${JSON.stringify(value)}\n`;
        for await (const run of store.telemetryRuns(org, span)) yield lineOf(runLine(run));
        for await (const log of store.telemetryLogs(org, span))
          yield lineOf({ type: 'step', seq: log.seq, ...toApiLog(log) });
      }
      const body = await streamOf(c, deps.logger, lines());
      return c.body(body, 200, { 'content-type': 'application/x-ndjson' }) as never;
    });
}

function runLine(run: Run) {
  const { counters, createdAt, startedAt, endedAt } = run;
  return {
    type: 'run',
    id: run._id,
    kind: run.kind,
    state: run.state,
    model: run.options.model,
    estimatedUsd: run.estimate === undefined ? null : toUsdBand(run.estimate.costNanoUsd),
    actualUsd: toUsd(counters.costNanoUsd),
    items: { total: counters.total, done: counters.done, reused: counters.reused, failed: counters.failed },
    calls: counters.calls,
    tokens: { input: counters.inputTokens, output: counters.outputTokens },
    waitMs: startedAt === undefined ? null : startedAt.getTime() - createdAt.getTime(),
    runMs: startedAt === undefined || endedAt === undefined ? null : endedAt.getTime() - startedAt.getTime(),
    failure: run.failure === undefined ? null : run.failure.code,
    createdAt: createdAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  };
}
