import { createRoute, z } from '@hono/zod-openapi';
import { auditRowSchema, toApiAuditRow } from './audit.ts';
import { requires } from './auth.ts';
import { closeBreaker, raiseBudget } from './budget-actions.ts';
import { budgetSchema, budgetStatusSchema } from './budget-answers.ts';
import { findBudget, notFound, showBudget } from './budget-changes.ts';
import { budgetStatus } from './budget-status.ts';
import type { ApiDeps } from './deps.ts';
import {
  errors,
  idParam,
  jsonAnswer,
  jsonBody,
  pageFields,
  pageQuery,
  pageRequest,
  router,
  toPageFields,
} from './http.ts';
import { idempotencyHeader } from './runs.ts';
import { wakeSoon } from './wake-runs.ts';

const tags = ['Budgets'];
const reason = z.string().trim().min(1).max(1000);
const user = z.string().min(1).max(300);

const status = createRoute({
  method: 'get',
  path: '/budgets/{id}/status',
  tags,
  summary: 'How a budget stands: counters, thresholds, breaker, holds, earlier periods',
  request: { params: idParam, query: z.strictObject({ user: user.optional() }) },
  responses: { 200: jsonAnswer(budgetStatusSchema, 'As it stands now.'), ...errors(404) },
});

const raiseSchema = z
  .strictObject({
    amountUsd: z.number(),
    reason,
    until: z.iso.datetime({ offset: true }).optional(),
    user: user.optional().openapi({ description: 'Of a budget per user: whose amount.' }),
  })
  .openapi('BudgetRaise');

const raise = createRoute({
  method: 'post',
  path: '/budgets/{id}/raise',
  tags,
  summary: 'Raise the present period of a budget, until a time or its end; audited',
  middleware: requires('admin'),
  request: { params: idParam, ...jsonBody(raiseSchema), headers: idempotencyHeader },
  responses: { 200: jsonAnswer(budgetSchema, 'The budget as it is now.'), ...errors(403, 404, 409) },
});

const close = createRoute({
  method: 'post',
  path: '/budgets/{id}/close-breaker',
  tags,
  summary: 'Close the circuit breaker of a budget before it does so by itself; audited',
  middleware: requires('admin'),
  request: { params: idParam, ...jsonBody(z.strictObject({ reason })) },
  responses: { 200: jsonAnswer(budgetSchema, 'The budget as it is now.'), ...errors(403, 404, 409) },
});

const audit = createRoute({
  method: 'get',
  path: '/budgets/{id}/audit',
  tags,
  summary: 'Who did what to a budget, also to one that was deleted; the newest first',
  request: { params: idParam, query: pageQuery },
  responses: {
    200: jsonAnswer(z.object({ rows: z.array(auditRowSchema), ...pageFields }), 'A page of the audit log.'),
    ...errors(404),
  },
});

/** One budget in detail, and what an admin may do to it beyond an edit. */
export function budgetDetailRoutes(deps: ApiDeps) {
  const changed = (org: string) => {
    deps.board.forget(org);
    wakeSoon(deps, org);
  };
  return router()
    .openapi(status, async (c) => {
      const budget = await findBudget(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(await budgetStatus(deps, budget, c.req.valid('query').user, new Date()), 200);
    })
    .openapi(raise, async (c) => {
      const { principal } = c.var;
      const key = c.req.valid('header')['idempotency-key'];
      const budget = await raiseBudget(deps, principal, c.req.valid('param').id, c.req.valid('json'), key);
      changed(principal.org);
      return c.json(await showBudget(deps, budget), 200);
    })
    .openapi(close, async (c) => {
      const { principal } = c.var;
      const budget = await closeBreaker(deps, principal, c.req.valid('param').id, c.req.valid('json').reason);
      changed(principal.org);
      return c.json(await showBudget(deps, budget), 200);
    })
    .openapi(audit, async (c) => {
      const { org } = c.var.principal;
      const { id } = c.req.valid('param');
      if ((await deps.store.budgets.find(org, id)) === undefined) throw notFound(id);
      const page = await deps.store.auditLog.list(org, { budget: id }, pageRequest(c.req.valid('query')));
      return c.json({ rows: page.rows.map(toApiAuditRow), ...toPageFields(page) }, 200);
    });
}
