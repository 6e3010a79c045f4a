import { createRoute, z } from '@hono/zod-openapi';
import type { HonoRequest } from 'hono';
import { SCOPE_FIELDS, type Scope } from '../domain/budgets/scope.ts';
import type { BudgetFilter } from '../store/budget-filter.ts';
import { requires } from './auth.ts';
import { budgetSchema } from './budget-answers.ts';
import { createBudget, deleteBudget, editBudget, findBudget, showBudget } from './budget-changes.ts';
import { currentOf } from './budget-current.ts';
import { problemsOf, refuseWith, termsOf } from './budget-input.ts';
import { editBudgetSchema, newBudgetSchema } from './budget-schemas.ts';
import { toApiBudget } from './budget-view.ts';
import type { ApiDeps } from './deps.ts';
import {
  errors,
  idParam,
  invalidRequest,
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

const listQuery = pageQuery.extend({
  active: z.enum(['true', 'false']).optional(),
  tag: z.string().min(1).max(100).optional(),
  team: z.string().optional(),
  queue: z.string().optional(),
  user: z.string().optional(),
  kind: z.string().optional(),
  provider: z.string().optional(),
  model: z.string().optional(),
});

const list = createRoute({
  method: 'get',
  path: '/budgets',
  tags,
  summary: 'List budgets, the newest first',
  request: { query: listQuery },
  responses: {
    200: jsonAnswer(z.object({ budgets: z.array(budgetSchema), ...pageFields }), 'A page of budgets.'),
    ...errors(),
  },
});

const post = createRoute({
  method: 'post',
  path: '/budgets',
  tags,
  summary: 'Create a budget',
  middleware: requires('admin'),
  request: { ...jsonBody(newBudgetSchema), headers: idempotencyHeader },
  responses: { 201: jsonAnswer(budgetSchema, 'The new budget.'), ...errors(403, 409) },
});

const problemSchema = z.object({ field: z.string().optional(), problem: z.string() });
const validate = createRoute({
  method: 'post',
  path: '/budgets/validate',
  tags,
  summary: 'Everything that is wrong with a new budget; nothing is stored',
  request: jsonBody(newBudgetSchema),
  responses: {
    200: jsonAnswer(z.object({ valid: z.boolean(), problems: z.array(problemSchema) }), 'The problems.'),
    ...errors(),
  },
});

const get = createRoute({
  method: 'get',
  path: '/budgets/{id}',
  tags,
  summary: 'Show a budget with its present period',
  request: { params: idParam },
  responses: { 200: jsonAnswer(budgetSchema, 'The budget.'), ...errors(404) },
});

const patch = createRoute({
  method: 'patch',
  path: '/budgets/{id}',
  tags,
  summary: 'Change a budget; what is left out stays, and what is committed stays committed',
  middleware: requires('admin'),
  request: { params: idParam, ...jsonBody(editBudgetSchema) },
  responses: { 200: jsonAnswer(budgetSchema, 'The budget as it is now.'), ...errors(403, 404) },
});

const remove = createRoute({
  method: 'delete',
  path: '/budgets/{id}',
  tags,
  summary: 'Delete a budget; its history stays in the audit log',
  middleware: requires('admin'),
  request: { params: idParam },
  responses: { 204: { description: 'Deleted.' }, ...errors(403, 404) },
});

/** Budgets: what may be spent in which scope and time. */
export function budgetRoutes(deps: ApiDeps) {
  const changed = (org: string) => {
    deps.board.forget(org);
    wakeSoon(deps, org);
  };
  return router()
    .openapi(list, async (c) => {
      const { org } = c.var.principal;
      const query = c.req.valid('query');
      const page = await deps.store.budgets.list(org, filterOf(query), pageRequest(query));
      const at = new Date();
      const current = await currentOf(deps, org, page.rows, at);
      const budgets = page.rows.map((budget) => toApiBudget(budget, current.get(budget.id), at));
      return c.json({ budgets, ...toPageFields(page) }, 200);
    })
    .openapi(
      post,
      async (c) => {
        const { org } = c.var.principal;
        const key = c.req.valid('header')['idempotency-key'];
        const budget = await createBudget(deps, c.var.principal, termsOf(c.req.valid('json')), key);
        changed(org);
        c.header('Location', `/api/v1/budgets/${budget.id}`);
        return c.json(await showBudget(deps, budget), 201);
      },
      (result, c) => {
        if (result.success) return;
        if (result.target !== 'json') throw invalidRequest(result.error);
        return allProblems(c.req);
      },
    )
    .openapi(
      validate,
      async (c) => c.json(await answerOf(c.req), 200),
      // What is wrong by its type is one of the problems, and no bad request.
      (result, c) => {
        if (!result.success) return answerOf(c.req).then((answer) => c.json(answer, 200));
      },
    )
    .openapi(get, async (c) => {
      const budget = await findBudget(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(await showBudget(deps, budget), 200);
    })
    .openapi(patch, async (c) => {
      const { id } = c.req.valid('param');
      const budget = await editBudget(deps, c.var.principal, id, c.req.valid('json'));
      changed(c.var.principal.org);
      return c.json(await showBudget(deps, budget), 200);
    })
    .openapi(remove, async (c) => {
      await deleteBudget(deps, c.var.principal, c.req.valid('param').id);
      changed(c.var.principal.org);
      return c.body(null, 204);
    });
}

/** @throws AppError `invalid_input` with all that is wrong, not only what is of a wrong type. */
async function allProblems(request: HonoRequest): Promise<never> {
  const problems = problemsOf(await bodyIn(request));
  refuseWith(problems);
  throw new Error('a body of a wrong form has no problems');
}

/** No body at all is no JSON either, and has the problem of not being a budget. */
async function bodyIn(request: HonoRequest): Promise<unknown> {
  return request.json().catch(() => undefined);
}

async function answerOf(request: HonoRequest) {
  const problems = problemsOf(await bodyIn(request));
  return { valid: problems.length === 0, problems };
}

function filterOf(query: z.infer<typeof listQuery>): BudgetFilter {
  const named = SCOPE_FIELDS.flatMap((field) => (query[field] === undefined ? [] : [[field, query[field]]]));
  return {
    scope: Object.fromEntries(named) as Scope,
    ...(query.active !== undefined && { active: query.active === 'true' }),
    ...(query.tag !== undefined && { tag: query.tag }),
  };
}
