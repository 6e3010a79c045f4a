import { createRoute, z } from '@hono/zod-openapi';
import { toUsd } from '../domain/money.ts';
import { aiBudget } from './ai-budgets.ts';
import { currentOf } from './budget-current.ts';
import type { ApiDeps } from './deps.ts';
import { startOfDay } from './enrichment-worker.ts';
import { errorsWithoutInput, jsonAnswer, router } from './http.ts';

const tags = ['Admin'];
const RECENT = 20;
const time = z.iso.datetime();
const count = z.number().int();
const circuitState = z.enum(['closed', 'open', 'half_open']);

const stats = createRoute({
  method: 'get',
  path: '/admin/stats',
  tags,
  summary: 'How many users and memories there are',
  responses: {
    200: jsonAnswer(
      z
        .object({ users: count, memories: count, memoriesToday: count, embeddings: count, timestamp: time })
        .openapi('AdminStats'),
      'Users are those that memories belong to.',
    ),
    ...errorsWithoutInput(),
  },
});

const tracking = createRoute({
  method: 'get',
  path: '/admin/ai-cost-tracking',
  tags,
  summary: "What today's calls have cost, by operation",
  responses: {
    200: jsonAnswer(
      z
        .object({
          dailySpend: z.object({
            totalCents: z.number(),
            percentUsed: z.number().nullable(),
            operationCount: count,
            circuitState,
          }),
          todayCostsByOperation: z.array(
            z.object({ operation: z.string(), count, totalTokens: count, totalCents: z.number() }),
          ),
          recentOperations: z.array(
            z.object({
              id: z.string(),
              operation: z.string(),
              model: z.string().nullable(),
              user: z.string().nullable(),
              tokens: count,
              cents: z.number(),
              at: time,
            }),
          ),
        })
        .openapi('AiCostTracking'),
      'Today is the day in the time zone of the organization; percentUsed is of its daily AI budget.',
    ),
    ...errorsWithoutInput(),
  },
});

const breaker = createRoute({
  method: 'get',
  path: '/admin/circuit-breaker',
  tags,
  summary: 'Whether the daily AI budget lets calls through',
  responses: {
    200: jsonAnswer(
      z
        .object({
          state: circuitState,
          dailySpendCents: z.number(),
          percentUsed: z.number().nullable(),
          operationCount: count,
          timestamp: time,
        })
        .openapi('AdminCircuitBreaker'),
      'As it is now.',
    ),
    ...errorsWithoutInput(),
  },
});

/** What admins look at. */
export function adminRoutes(deps: ApiDeps) {
  const { memories, embeddings, recentOperations } = deps.store;
  return router()
    .openapi(stats, async (c) => {
      const { org } = c.var.principal;
      const [counts, users, vectors] = await Promise.all([
        memories.counts(org, await startOfDay(deps, org)),
        memories.users(org),
        embeddings.count(org),
      ]);
      const { total, today: memoriesToday } = counts;
      const timestamp = new Date().toISOString();
      return c.json(
        { users: users.length, memories: total, memoriesToday, embeddings: vectors, timestamp },
        200,
      );
    })
    .openapi(tracking, async (c) => {
      const { org } = c.var.principal;
      const today = await spendToday(deps, org);
      const recent = await recentOperations(org, RECENT);
      return c.json(
        {
          dailySpend: today.spend,
          todayCostsByOperation: today.operations.map(({ operation, count, tokens, costNanoUsd }) => ({
            operation,
            count,
            totalTokens: tokens,
            totalCents: toCents(costNanoUsd),
          })),
          recentOperations: recent.map(({ id, operation, model = null, user = null, ...rest }) => ({
            id,
            operation,
            model,
            user,
            tokens: rest.tokens,
            cents: toCents(rest.costNanoUsd),
            at: rest.at.toISOString(),
          })),
        },
        200,
      );
    })
    .openapi(breaker, async (c) => {
      const { spend } = await spendToday(deps, c.var.principal.org);
      const { circuitState: state, totalCents: dailySpendCents, percentUsed, operationCount } = spend;
      const timestamp = new Date().toISOString();
      return c.json({ state, dailySpendCents, percentUsed, operationCount, timestamp }, 200);
    });
}

async function spendToday(deps: ApiDeps, org: string) {
  const operations = await deps.store.operationsSince(org, await startOfDay(deps, org));
  const totalNanoUsd = operations.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0);
  const budget = await aiBudget(deps, org, 'dailyAiBudgetUsd');
  const current = budget && (await currentOf(deps, org, [budget], new Date())).get(budget.id);
  const period = budget && current && (await deps.store.budgetPeriods.ofBudget(org, budget.id, 1))[0];
  const isCurrent = period !== undefined && period.start.getTime() === current?.span.start.getTime();
  const state: z.infer<typeof circuitState> = isCurrent ? (period.breaker?.state ?? 'closed') : 'closed';
  const spend = {
    totalCents: toCents(totalNanoUsd),
    percentUsed: budget === undefined ? null : (100 * totalNanoUsd) / Math.max(1, budget.amountNanoUsd),
    operationCount: operations.reduce((sum, { count }) => sum + count, 0),
    circuitState: state,
  };
  return { operations, spend };
}

function toCents(nanoUsd: number): number {
  return toUsd(nanoUsd * 100);
}
