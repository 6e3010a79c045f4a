import { z } from '@hono/zod-openapi';
import { NOTIFICATION_EVENTS, NOTIFICATION_TYPES, PERIOD_TYPES } from '../domain/budgets/budget.ts';
import { DECISION_TYPES } from '../domain/budgets/decide.ts';
import { BUDGET_STATUSES } from '../domain/budgets/status.ts';

/* What answers about budgets look like. Money in USD as decimal numbers. */

const time = z.iso.datetime();
const thresholds = z.object({ warning: z.number(), throttle: z.number(), block: z.number() });

const scopeSchema = z.object({
  team: z.string().optional(),
  queue: z.string().optional(),
  user: z.string().optional(),
  kind: z.string().optional(),
  provider: z.string().optional(),
  model: z.string().optional(),
});

const countersFields = {
  spentUsd: z.number(),
  reservedUsd: z.number().openapi({ description: 'Held and not spent.' }),
  leftUsd: z.number().openapi({ description: 'What may still be held.' }),
  utilization: z.number().openapi({ description: 'Spent as a share of the amount, rolled over and raised.' }),
  startsAt: time,
  endsAt: time,
};

export const budgetSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    scope: scopeSchema,
    per: z.literal('user').nullable(),
    period: z.object({
      type: z.enum(PERIOD_TYPES),
      startDate: z.string().optional(),
      endDate: z.string().optional(),
      timeZone: z.string(),
    }),
    amountUsd: z.number(),
    currency: z.literal('USD'),
    thresholds,
    alertAt: z.array(z.number()),
    policy: z.object({
      warnOnly: z.boolean(),
      throttleFactor: z.number(),
      blockNewJobs: z.boolean(),
      allowEmergency: z.boolean(),
      gracePeriodHours: z.number(),
      graceMaximumUsd: z.number().nullable(),
    }),
    rollover: z.object({ maxUsd: z.number() }).nullable(),
    breaker: z
      .object({
        velocity: z.object({ usd: z.number(), minutes: z.number() }).nullable(),
        coolDownMinutes: z.number(),
      })
      .nullable(),
    notifications: z.array(
      z.object({
        type: z.enum(NOTIFICATION_TYPES),
        target: z.string(),
        events: z.array(z.enum(NOTIFICATION_EVENTS)),
        enabled: z.boolean(),
        metadata: z.record(z.string(), z.unknown()),
      }),
    ),
    tags: z.array(z.string()),
    active: z.boolean(),
    current: z
      .object({ ...countersFields, users: z.number().int().nullable() })
      .nullable()
      .openapi({
        description: 'This period. Of a budget per user: sums over its users, utilization of who used most.',
      }),
    status: z.enum(BUDGET_STATUSES),
    createdBy: z.string(),
    createdAt: time,
    updatedAt: time,
  })
  .openapi('Budget');
export type ApiBudget = z.infer<typeof budgetSchema>;

const periodCounters = z
  .object({
    ...countersFields,
    user: z.string().nullable(),
    amountUsd: z.number(),
    rolledUsd: z.number(),
    raisedUsd: z.number(),
    graceUsd: z.number(),
    graceUntil: time.nullable(),
    ceilingUsd: z.number().openapi({ description: 'The most that may be spent and held together.' }),
    committedUsd: z.number().openapi({ description: 'Spent and held together.' }),
    raises: z.array(
      z.object({
        id: z.string(),
        amountUsd: z.number(),
        reason: z.string(),
        by: z.string(),
        at: time,
        until: time.nullable(),
        endedAt: time.nullable(),
      }),
    ),
  })
  .openapi('BudgetPeriod');
export type ApiBudgetPeriod = z.infer<typeof periodCounters>;

export const budgetStatusSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    user: z.string().nullable(),
    status: z.enum(BUDGET_STATUSES),
    message: z.string(),
    current: periodCounters.nullable(),
    thresholds: z
      .object({ warning: mark(), throttle: mark(), block: mark() })
      .nullable()
      .openapi({ description: 'From what spending on each is reached in this period.' }),
    breaker: z
      .object({
        state: z.enum(['closed', 'open', 'half_open']),
        cause: z.enum(['spent', 'velocity']).nullable(),
        openedAt: time.nullable(),
        until: time.nullable(),
      })
      .nullable(),
    holds: z.object({ count: z.number().int(), heldUsd: z.number() }),
    periods: z.array(periodCounters).openapi({ description: 'The newest first, at most 100.' }),
  })
  .openapi('BudgetStatus');
export type ApiBudgetStatus = z.infer<typeof budgetStatusSchema>;

function mark() {
  return z.object({ share: z.number(), atUsd: z.number(), reached: z.boolean() });
}

export const decisionSchema = z
  .object({
    type: z.enum(DECISION_TYPES),
    factor: z.number().openapi({ description: 'The share of the usual pace that may go on.' }),
    message: z.string(),
    budgetId: z.string().nullable().openapi({ description: 'The budget that decided.' }),
    currentSpendUsd: z.number(),
    budgetAmountUsd: z.number().nullable(),
    utilization: z.number(),
  })
  .openapi('BudgetDecision');
export type ApiDecision = z.infer<typeof decisionSchema>;
