import { createRoute } from '@hono/zod-openapi';
import { AppError } from '../domain/errors.ts';
import { fromUsd } from '../domain/money.ts';
import { isEnded } from '../domain/run.ts';
import type { Decided } from '../store/run-money.ts';
import type { Run } from '../store/run-record.ts';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { errors, idParam, jsonAnswer, jsonBody, router } from './http.ts';
import { findRun } from './run-control.ts';
import { approvalSchema, bypassSchema, limitSchema, runSchema } from './run-schemas.ts';
import { toApiRun } from './run-view.ts';

const tags = ['Runs'];

const approve = createRoute({
  method: 'post',
  path: '/runs/{id}/approve',
  tags,
  summary: 'Approve the estimate that a run waits with, perhaps with a limit for its cost',
  middleware: requires('operator'),
  request: { params: idParam, ...jsonBody(approvalSchema) },
  responses: { 202: jsonAnswer(runSchema, 'The run as it stands now.'), ...errors(403, 404, 409, 503) },
});

const bypass = createRoute({
  method: 'post',
  path: '/runs/{id}/bypass',
  tags,
  summary: 'Let one run pass all budgets but its own limit; audited',
  middleware: requires('admin'),
  request: { params: idParam, ...jsonBody(bypassSchema) },
  responses: { 202: jsonAnswer(runSchema, 'The run as it stands now.'), ...errors(403, 404, 409, 503) },
});

const limit = createRoute({
  method: 'put',
  path: '/runs/{id}/limit',
  tags,
  summary: "Set a run's own limit anew",
  middleware: requires('operator'),
  request: { params: idParam, ...jsonBody(limitSchema) },
  responses: { 200: jsonAnswer(runSchema, 'The run.'), ...errors(403, 404, 409, 503) },
});

/** What people decide about the money of a run. */
export function runMoneyRoutes(deps: ApiDeps) {
  return router()
    .openapi(approve, async (c) => {
      const { org, id: by } = c.var.principal;
      const { id } = c.req.valid('param');
      const { hash, maxCostUsd } = c.req.valid('json');
      await openRun(deps, org, id);
      const cap = maxCostUsd === undefined ? {} : { capNanoUsd: fromUsd(maxCostUsd) };
      await deps.workflows.approve(id, { hash, by, ...cap });
      return c.json(await toApiRun(deps, await findRun(deps, org, id)), 202);
    })
    .openapi(bypass, async (c) => {
      const { org, id: by } = c.var.principal;
      const { id } = c.req.valid('param');
      await openRun(deps, org, id);
      const { reason } = c.req.valid('json');
      await change(deps, org, id, { event: 'bypassed', reason, by, at: new Date() });
      return c.json(await toApiRun(deps, await findRun(deps, org, id)), 202);
    })
    .openapi(limit, async (c) => {
      const { org, id: by } = c.var.principal;
      const { id } = c.req.valid('param');
      const run = await openRun(deps, org, id);
      const capNanoUsd = fromUsd(c.req.valid('json').maxCostUsd);
      if (run.capNanoUsd === undefined)
        throw new AppError('conflict', 'the run was started without a limit of its own (maxCostUsd)');
      await deps.store.budgetPeriods.setCap(org, id, capNanoUsd, run.createdAt);
      await change(deps, org, id, { event: 'run_limit', capNanoUsd, by, at: new Date() });
      return c.json(await toApiRun(deps, await findRun(deps, org, id)), 200);
    });
}

async function openRun(deps: ApiDeps, org: string, id: string): Promise<Run> {
  const run = await findRun(deps, org, id);
  if (isEnded(run.state)) throw new AppError('conflict', `the run has ended (${run.state})`);
  return run;
}

/** Stored first: a run that the message does not reach looks by itself within a minute. */
async function change(deps: ApiDeps, org: string, id: string, decided: Decided): Promise<void> {
  if (!(await deps.store.runs.setMoney(org, id, decided)))
    throw new AppError('conflict', 'the run has just ended');
  await deps.store.holds.markStaleOf(org, id);
  await deps.workflows.signal(id, 'budgetChanged');
}
