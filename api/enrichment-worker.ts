import { createRoute, z } from '@hono/zod-openapi';
import { dayNumberOf, firstInstantOf, localDay } from '../domain/budgets/zones.ts';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { errors, errorsWithoutInput, jsonAnswer, router } from './http.ts';
import { standingRunId, wakeStandingRun } from './standing-run.ts';

const tags = ['Admin'];
const count = z.number().int();

const get = createRoute({
  method: 'get',
  path: '/admin/enrichment-worker',
  tags,
  summary: 'Whether memories are being enriched, and how their queue stands',
  responses: {
    200: jsonAnswer(
      z
        .object({
          worker: z.object({ isRunning: z.boolean(), enabled: z.boolean(), pollIntervalMs: count }),
          queue: z.object({
            pending: count,
            deferred: count,
            processing: count,
            completedToday: count,
            failedToday: count,
          }),
          timestamp: z.iso.datetime(),
        })
        .openapi('EnrichmentWorker'),
      'As it is now.',
    ),
    ...errorsWithoutInput(),
  },
});

const trigger = createRoute({
  method: 'post',
  path: '/admin/enrichment-worker/trigger',
  tags,
  summary: 'Let waiting memories be looked at now',
  middleware: requires('admin'),
  responses: {
    200: jsonAnswer(
      z
        .object({ success: z.boolean(), message: z.string(), timestamp: z.iso.datetime() })
        .openapi('EnrichmentTrigger'),
      'Deferred memories are due now.',
    ),
    ...errors(403),
  },
});

/** The standing run of memories, for admins. */
export function enrichmentWorkerRoutes(deps: ApiDeps) {
  const { memories } = deps.store;
  return router()
    .openapi(get, async (c) => {
      const { org } = c.var.principal;
      const [queue, health, status] = await Promise.all([
        memories.queueCounts(org, await startOfDay(deps, org)),
        deps.health(),
        deps.workflows.statusOf(standingRunId(deps, org)).catch(() => 'missing' as const),
      ]);
      const isRunning = deps.standing.enabled && status === 'open' && (health.workers ?? 0) > 0;
      const worker = { isRunning, ...deps.standing };
      return c.json({ worker, queue, timestamp: new Date().toISOString() }, 200);
    })
    .openapi(trigger, async (c) => {
      const { principal } = c.var;
      const due = await memories.makeDue(principal.org, new Date());
      wakeStandingRun(deps, principal);
      const message = deps.standing.enabled
        ? due === 1
          ? '1 deferred memory is due now'
          : `${due} deferred memories are due now`
        : 'ENRICHMENT_WORKER_ENABLED is false: nothing will be taken';
      return c.json({ success: deps.standing.enabled, message, timestamp: new Date().toISOString() }, 200);
    });
}

/** When the organization's day began. */
export async function startOfDay(deps: ApiDeps, org: string): Promise<Date> {
  const timeZone = await deps.store.settings.timeZoneOf(org);
  return new Date(firstInstantOf(dayNumberOf(localDay(new Date(), timeZone)) ?? 0, timeZone));
}
