import { createRoute, z } from '@hono/zod-openapi';
import type { Scope } from '../domain/budgets/scope.ts';
import { forecastScope } from '../domain/forecast/scope-forecast.ts';
import { isFor, type Subject, subjectKeyOf } from '../domain/forecast/subject.ts';
import { findBudget } from './budget-changes.ts';
import { scopeIn } from './cost-view.ts';
import type { ApiDeps } from './deps.ts';
import { forecastSchema, storedForecastSchema, toApiForecast, toApiStoredForecast } from './forecast-view.ts';
import { errors, jsonAnswer, pageFields, pageQuery, pageRequest, router, toPageFields } from './http.ts';

const MOST_DAYS = 90;
/** Budgets of one scope, of which the first is taken. */
const LOOKED_AT = 100;
const name = z.string().min(1).max(300).optional();
const ofWhat = {
  budget: z.string().min(1).max(200).optional().openapi({
    description: 'A budget, whose scope counts; else the budget of exactly the scope that is named.',
  }),
  team: name,
  queue: name,
  user: name.openapi({ description: 'Of a budget per user, whom it is about; else who has used most.' }),
  kind: name,
  provider: name,
  model: name,
};
const tags = ['Costs'];

const get = createRoute({
  method: 'get',
  path: '/forecasts',
  tags,
  summary: 'What will be spent of a scope or a budget, how sure that is, and when the budget is used up',
  request: {
    query: z.strictObject({
      ...ofWhat,
      days: z.coerce.number().int().min(1).max(MOST_DAYS).default(MOST_DAYS),
    }),
  },
  responses: { 200: jsonAnswer(forecastSchema, 'As of now.'), ...errors(404) },
});

const history = createRoute({
  method: 'get',
  path: '/forecasts/history',
  tags,
  summary: 'The forecasts that were made each day, the newest first, with what came true',
  description:
    'They are kept for the organization, for each active budget, and for the ten queues without a budget ' +
    'that cost most; other scopes have none.',
  request: { query: pageQuery.extend(ofWhat) },
  responses: {
    200: jsonAnswer(
      z.object({ forecasts: z.array(storedForecastSchema), ...pageFields }),
      'A page of forecasts.',
    ),
    ...errors(404),
  },
});

/** Foresight, from the daily costs. */
export function forecastRoutes(deps: ApiDeps) {
  const { forecasts, spendFacts } = deps.store;
  return router()
    .openapi(get, async (c) => {
      const { org } = c.var.principal;
      const { days, budget, ...query } = c.req.valid('query');
      const at = new Date();
      const subject = await subjectOf(deps, org, budget, scopeIn(query));
      const facts = await spendFacts(org, subject, at);
      const key = subjectKeyOf(subject);
      const accuracy = key === undefined ? NONE : await forecasts.accuracyOf(org, key);
      // A budget whose period has ended, or not begun, limits nothing now.
      const id = facts.span.budget && subject.budget?.id;
      return c.json(toApiForecast(forecastScope(facts, days), id, accuracy, at), 200);
    })
    .openapi(history, async (c) => {
      const { org } = c.var.principal;
      const { budget, limit, skip, cursor, ...query } = c.req.valid('query');
      const key = subjectKeyOf(await subjectOf(deps, org, budget, scopeIn(query)));
      const request = pageRequest({ limit, skip, cursor });
      const page = key === undefined ? { rows: [], total: 0 } : await forecasts.list(org, key, request);
      return c.json({ forecasts: page.rows.map(toApiStoredForecast), ...toPageFields(page) }, 200);
    });
}

const NONE = { accuracyPercent: null, accuracySamples: 0 };

async function subjectOf(deps: ApiDeps, org: string, id: string | undefined, scope: Scope): Promise<Subject> {
  if (id !== undefined) return { scope, budget: await findBudget(deps, org, id) };
  const { rows } = await deps.store.budgets.list(org, { scope, active: true }, { limit: LOOKED_AT });
  return { scope, budget: rows.find((budget) => isFor(budget, scope)) };
}
