import { createRoute, z } from '@hono/zod-openapi';
import type { BudgetNotification } from '../domain/budgets/budget.ts';
import { toUsd } from '../domain/money.ts';
import type { AuditEvent, AuditRow } from '../store/audit-log.ts';
import { withoutSecrets } from './budget-view.ts';
import type { ApiDeps } from './deps.ts';
import { errors, jsonAnswer, pageFields, pageQuery, pageRequest, router, toPageFields } from './http.ts';

/** The table holds all of them, so that one more in the store does not compile without it. */
const EVENTS: Record<AuditEvent, true> = {
  created: true,
  edited: true,
  deleted: true,
  raised: true,
  raise_ended: true,
  bypassed: true,
  emergency: true,
  grace_started: true,
  overrun: true,
  reset: true,
  rolled_over: true,
  warning: true,
  throttle: true,
  block: true,
  breaker_opened: true,
  breaker_half_open: true,
  breaker_closed: true,
  ledger_difference: true,
  settings: true,
  price: true,
  gpu_price: true,
  cost_snapshot: true,
  provider_key: true,
  api_key: true,
  person: true,
  run_approved: true,
  run_limit: true,
  cost_model: true,
  provider_limit: true,
  channel: true,
  retention: true,
};
const events = Object.keys(EVENTS) as [AuditEvent, ...AuditEvent[]];
const MAX_DEPTH = 10;

export const auditRowSchema = z
  .object({
    id: z.string(),
    event: z.enum(events),
    budgetId: z.string().nullable(),
    subject: z.string().nullable().openapi({
      description:
        'What is concerned: a budget period, hold, run, API key, person, version of the cost model.',
    }),
    by: z.string().openapi({ description: 'An API key, a person, or `system`.' }),
    reason: z.string().nullable(),
    details: z.record(z.string(), z.unknown()).openapi({ description: 'Amounts in USD.' }),
    at: z.iso.datetime(),
  })
  .openapi('AuditRow');

const list = createRoute({
  method: 'get',
  path: '/audit',
  tags: ['Budgets'],
  summary: 'Who did what to budgets, and what they did by themselves; the newest first',
  request: {
    query: pageQuery.extend({
      budget: z.string().min(1).max(200).optional(),
      event: z.enum(events).optional(),
    }),
  },
  responses: {
    200: jsonAnswer(z.object({ rows: z.array(auditRowSchema), ...pageFields }), 'A page of the audit log.'),
    ...errors(),
  },
});

/** The audit log: rows are added and never changed. */
export function auditRoutes(deps: ApiDeps) {
  return router().openapi(list, async (c) => {
    const { budget, event, ...query } = c.req.valid('query');
    const of = { ...(budget !== undefined && { budget }), ...(event !== undefined && { event }) };
    const page = await deps.store.auditLog.list(c.var.principal.org, of, pageRequest(query));
    return c.json({ rows: page.rows.map(toApiAuditRow), ...toPageFields(page) }, 200);
  });
}

export function toApiAuditRow(row: AuditRow) {
  return {
    id: row._id,
    event: row.event,
    budgetId: row.budget === '' ? null : row.budget,
    subject: row.subject ?? null,
    by: row.by,
    reason: row.reason ?? null,
    details: shown(row.details ?? {}, 0) as Record<string, unknown>,
    at: row.at.toISOString(),
  };
}

/** Amounts of nano-dollars, wherever they stand, as USD under the name for that; without secrets. */
function shown(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date || depth > MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map((each) => shown(each, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => shownField(name, each, depth)));
}

function shownField(name: string, value: unknown, depth: number): [string, unknown] {
  if (typeof value === 'number' && /nanoUsd$/i.test(name))
    return [name.replace(/nanoUsd$/, 'usd').replace(/NanoUsd$/, 'Usd'), toUsd(value)];
  if (name === 'notifications' && Array.isArray(value))
    return [name, (value as BudgetNotification[]).map(withoutSecrets)];
  return [name, shown(value, depth + 1)];
}
