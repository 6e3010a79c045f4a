import { createRoute, z } from '@hono/zod-openapi';
import { DEFAULT_PRIORITY } from '../domain/budgets/budget.ts';
import type { Scope } from '../domain/budgets/scope.ts';
import { decisionSchema } from './budget-answers.ts';
import { toApiDecision } from './budget-view.ts';
import type { ApiDeps } from './deps.ts';
import { errors, jsonAnswer, jsonBody, router } from './http.ts';

const name = z.string().min(1).max(300);
const checkSchema = z
  .strictObject({
    queue: name.optional(),
    team: name.optional(),
    user: name.optional(),
    kind: name.optional(),
    provider: name.optional(),
    model: name.optional(),
    priority: z
      .number()
      .int()
      .min(1)
      .max(10)
      .default(DEFAULT_PRIORITY)
      .openapi({ description: '10 is most urgent; 8 and over counts as an emergency.' }),
  })
  .openapi('BudgetCheck');

const check = createRoute({
  method: 'post',
  path: '/budgets/check',
  tags: ['Budgets'],
  summary: 'Whether work may go on, by counters at most a second old; a hold is the exact form',
  request: jsonBody(checkSchema),
  responses: {
    200: jsonAnswer(decisionSchema, 'The strictest decision of all budgets that match.'),
    ...errors(),
  },
});

/** Advice for outside systems, without a question to the database. */
export function budgetCheckRoutes(deps: ApiDeps) {
  return router().openapi(check, async (c) => {
    const { priority, ...scope } = c.req.valid('json');
    const request = { scope: scope as Scope, priority, at: new Date() };
    return c.json(toApiDecision(await deps.board.check(c.var.principal.org, request)), 200);
  });
}
