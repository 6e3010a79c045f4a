import { z } from '@hono/zod-openapi';
import {
  DEFAULT_ALERT_AT,
  DEFAULT_COOL_DOWN_MINUTES,
  DEFAULT_POLICY,
  DEFAULT_THRESHOLDS,
  NOTIFICATION_EVENTS,
  NOTIFICATION_TYPES,
  PERIOD_TYPES,
} from '../domain/budgets/budget.ts';

/*
 * What requests about budgets look like. Types alone are checked here; what the values must be is said by
 * `domain/budgets/problems.ts`, everything at once.
 */

const scopeFields = {
  team: z.string().optional(),
  queue: z.string().optional(),
  user: z.string().optional(),
  kind: z.string().optional(),
  provider: z.string().optional(),
  model: z.string().optional(),
};
const day = z.string().openapi({ example: '2025-01-31' });

const periodSchema = z.strictObject({
  type: z.enum(PERIOD_TYPES),
  startDate: day.optional(),
  endDate: day.optional(),
  timeZone: z.string().default('UTC'),
});

const { warning, throttle, block } = DEFAULT_THRESHOLDS;
const thresholdsSchema = z.strictObject({
  warning: z.number().default(warning),
  throttle: z.number().default(throttle),
  block: z.number().default(block),
});

const policySchema = z.strictObject({
  warnOnly: z.boolean().default(DEFAULT_POLICY.warnOnly),
  throttleFactor: z.number().default(DEFAULT_POLICY.throttleFactor),
  blockNewJobs: z.boolean().default(DEFAULT_POLICY.blockNewJobs),
  allowEmergency: z.boolean().default(DEFAULT_POLICY.allowEmergency),
  gracePeriodHours: z.number().default(DEFAULT_POLICY.gracePeriodHours),
  graceMaximumUsd: z.number().nullable().optional(),
});

const velocitySchema = z.strictObject({ usd: z.number(), minutes: z.number() });
const breakerSchema = z.strictObject({
  velocity: velocitySchema.nullable().optional(),
  coolDownMinutes: z.number().default(DEFAULT_COOL_DOWN_MINUTES),
});
const breakerInput = z.union([z.boolean(), breakerSchema]).openapi({
  description: '`true`: trips at 100 % spent; `velocity` also when more is spent within minutes.',
});

const notificationSchema = z.strictObject({
  type: z.enum(NOTIFICATION_TYPES),
  target: z.string().default(''),
  events: z.array(z.enum(NOTIFICATION_EVENTS)).default([...NOTIFICATION_EVENTS]),
  enabled: z.boolean().default(true),
  metadata: z.record(z.string(), z.unknown()).default({}),
});

const rolloverSchema = z.strictObject({ maxUsd: z.number() });
const currencySchema = z.literal('USD', { error: 'must be USD' });

/** The fields of a new budget, so that each can be checked by itself. `null` is the same as left out. */
export const newBudgetShape = {
  name: z.string(),
  scope: z.strictObject(scopeFields).default({}),
  per: z.literal('user').nullable().optional(),
  period: periodSchema,
  amountUsd: z.number(),
  currency: currencySchema.default('USD'),
  thresholds: thresholdsSchema.prefault({}),
  alertAt: z.array(z.number()).default(DEFAULT_ALERT_AT),
  policy: policySchema.prefault({}),
  rollover: rolloverSchema.nullable().optional(),
  breaker: breakerInput.nullable().optional(),
  notifications: z.array(notificationSchema).default([]),
  tags: z.array(z.string()).default([]),
  active: z.boolean().default(true),
};
export const newBudgetSchema = z.strictObject(newBudgetShape).openapi('NewBudget');
export type ApiNewBudget = z.infer<typeof newBudgetSchema>;

/** What is left out stays; of `thresholds` and `policy` each field by itself. `null` takes away. */
export const editBudgetSchema = z
  .strictObject({
    name: z.string().optional(),
    scope: z.strictObject(scopeFields).optional(),
    per: z.literal('user').nullable().optional(),
    period: periodSchema.optional(),
    amountUsd: z.number().optional(),
    currency: currencySchema.optional(),
    thresholds: z
      .strictObject({
        warning: z.number().optional(),
        throttle: z.number().optional(),
        block: z.number().optional(),
      })
      .optional(),
    alertAt: z.array(z.number()).optional(),
    policy: z
      .strictObject({
        warnOnly: z.boolean().optional(),
        throttleFactor: z.number().optional(),
        blockNewJobs: z.boolean().optional(),
        allowEmergency: z.boolean().optional(),
        gracePeriodHours: z.number().optional(),
        graceMaximumUsd: z.number().nullable().optional(),
      })
      .optional(),
    rollover: rolloverSchema.nullable().optional(),
    breaker: breakerInput.nullable().optional(),
    notifications: z.array(notificationSchema).optional(),
    tags: z.array(z.string()).optional(),
    active: z.boolean().optional(),
  })
  .openapi('BudgetEdit');
export type ApiBudgetEdit = z.infer<typeof editBudgetSchema>;
