import { createRoute, z } from '@hono/zod-openapi';
import { plainModelName, providerOf } from '../domain/model-name.ts';
import { toUsd } from '../domain/money.ts';
import { isEnded, RUN_STATES } from '../domain/run.ts';
import type { StepSum } from '../store/telemetry.ts';
import type { ApiDeps } from './deps.ts';
import { errors, errorsWithoutInput, jsonAnswer, router } from './http.ts';
import { spanOf, spanQuery } from './telemetry-span.ts';

const tags = ['Telemetry'];
const OPEN_STATES = RUN_STATES.filter((state) => !isEnded(state));

const time = z.iso.datetime();
const count = z.number().int();
const band = z.object({ p50: z.number(), p95: z.number() });

const sumShape = {
  count,
  failed: count,
  calls: count,
  retries: count.openapi({ description: 'Calls beyond the first of a step: repairs.' }),
  tokens: z.object({ input: count, output: count }),
  costUsd: z.number(),
  durationMs: band,
};

function toApiSum(sum: StepSum) {
  const { count, failed, calls, durationMs } = sum;
  return {
    count,
    failed,
    calls,
    retries: Math.max(0, calls - count),
    tokens: { input: sum.inputTokens, output: sum.outputTokens },
    costUsd: toUsd(sum.costNanoUsd),
    durationMs,
  };
}

function spanRoute<Path extends string, Schema extends z.ZodType>(
  path: Path,
  summary: string,
  schema: Schema,
) {
  return createRoute({
    method: 'get',
    path,
    tags,
    summary,
    request: { query: spanQuery({}) },
    responses: { 200: jsonAnswer(schema, 'Of the time, by default the last seven days.'), ...errors() },
  });
}

const steps = spanRoute(
  '/telemetry/steps',
  'Durations, tokens and cost by step, the dearest first',
  z.object({ steps: z.array(z.object({ step: z.string(), ...sumShape })) }).openapi('TelemetrySteps'),
);
const providers = spanRoute(
  '/telemetry/providers',
  'Models side by side, the dearest first',
  z
    .object({ models: z.array(z.object({ model: z.string(), provider: z.string(), ...sumShape })) })
    .openapi('TelemetryProviders'),
);
const failures = spanRoute(
  '/telemetry/errors',
  'What failed, the most frequent first',
  z
    .object({
      errors: z.array(
        z.object({
          code: z.string(),
          fingerprint: z.string(),
          message: z.string(),
          step: z.string(),
          count,
          lastAt: time,
        }),
      ),
    })
    .openapi('TelemetryErrors'),
);
const queue = spanRoute(
  '/telemetry/queue',
  'How the runs that were asked for in the time went through: waits, durations, throughput',
  z
    .object({
      runs: count,
      byState: z.record(z.string(), count),
      waitMs: band.openapi({ description: 'From the request to the first work.' }),
      runMs: band,
      items: count,
      itemsPerHour: z.number(),
    })
    .openapi('TelemetryQueue'),
);

const series = createRoute({
  method: 'get',
  path: '/telemetry/series',
  tags,
  summary: 'Hour by hour or day by day',
  request: { query: spanQuery({ by: z.enum(['hour', 'day']).default('day') }) },
  responses: {
    200: jsonAnswer(
      z.object({ points: z.array(z.object({ at: time, ...sumShape })) }).openapi('TelemetrySeries'),
      'In UTC; times without any call are left out.',
    ),
    ...errors(),
  },
});

const state = createRoute({
  method: 'get',
  path: '/telemetry/state',
  tags,
  summary: 'Runs that are open now, by state and reason, and the workers',
  responses: {
    200: jsonAnswer(
      z
        .object({
          runs: z.array(z.object({ state: z.string(), waitReason: z.string().nullable(), runs: count })),
          workers: count.nullable(),
          timestamp: time,
        })
        .openapi('TelemetryState'),
      'As it is now.',
    ),
    ...errorsWithoutInput(),
  },
});

/** What runs have shown, over time. */
export function telemetryRoutes(deps: ApiDeps) {
  const { store } = deps;
  return router()
    .openapi(steps, async (c) => {
      const rows = await store.telemetryBySteps(c.var.principal.org, spanOf(c.req.valid('query')));
      return c.json({ steps: rows.map((row) => ({ step: row.step, ...toApiSum(row) })) }, 200);
    })
    .openapi(providers, async (c) => {
      const rows = await store.telemetryByModels(c.var.principal.org, spanOf(c.req.valid('query')));
      const models = rows.map((row) => {
        const provider = providerOf(plainModelName(row.model));
        return { model: row.model, provider, ...toApiSum(row) };
      });
      return c.json({ models }, 200);
    })
    .openapi(failures, async (c) => {
      const rows = await store.telemetryErrors(c.var.principal.org, spanOf(c.req.valid('query')));
      const shown = rows.map((row) => ({ ...row, lastAt: row.lastAt.toISOString() }));
      return c.json({ errors: shown }, 200);
    })
    .openapi(series, async (c) => {
      const { by, ...query } = c.req.valid('query');
      const rows = await store.telemetrySeries(c.var.principal.org, spanOf(query), by);
      const points = rows.map((row) => ({ at: row.at.toISOString(), ...toApiSum(row) }));
      return c.json({ points }, 200);
    })
    .openapi(queue, async (c) => {
      const span = spanOf(c.req.valid('query'));
      const sum = await store.telemetryQueue(c.var.principal.org, span);
      const hours = (span.end.getTime() - span.start.getTime()) / 3_600_000;
      return c.json({ ...sum, itemsPerHour: sum.items / hours }, 200);
    })
    .openapi(state, async (c) => {
      const [runs, health] = await Promise.all([
        store.telemetryState(c.var.principal.org, OPEN_STATES),
        deps.health(),
      ]);
      return c.json({ runs, workers: health.workers, timestamp: new Date().toISOString() }, 200);
    });
}
