import { z } from '@hono/zod-openapi';
import { DEFAULT_PRIORITY, EMERGENCY_PRIORITY, MAX_AMOUNT_USD } from '../domain/budgets/budget.ts';
import type { Scope } from '../domain/budgets/scope.ts';
import type { Usage } from '../domain/money.ts';

const DEFAULT_TTL_SECONDS = 3_600;
const MAX_TTL_SECONDS = 7 * 86_400;
const MAX_TOKENS = 1e12;
const NANO_DOLLAR = 1e-9;

export const HOLD_STATES = ['open', 'stale', 'closed'] as const;

/** Programs multiply prices in floating point, so digits beyond a nano-dollar are rounded and not refused. */
const roundedUsd = z
  .number()
  .min(0)
  .max(MAX_AMOUNT_USD)
  .openapi({ description: 'Rounded half up to nano-dollars.' });
const label = z.string().trim().min(1).max(300);

const scopeFields = {
  team: label.optional(),
  queue: label.optional(),
  user: label.optional(),
  kind: label.optional(),
  provider: label.optional(),
  model: label.optional(),
};
const scopeSchema = z.object(scopeFields).openapi('Scope');

export const newHoldSchema = z
  .strictObject({
    scope: z.strictObject(scopeFields).prefault({}),
    amountUsd: roundedUsd.min(NANO_DOLLAR),
    ttlSeconds: z.number().int().min(1).max(MAX_TTL_SECONDS).default(DEFAULT_TTL_SECONDS),
    priority: z.number().int().min(1).max(10).default(DEFAULT_PRIORITY),
    emergencyReason: z.string().trim().min(3).max(500).optional().openapi({
      description: 'Why it may pass budgets that allow emergencies; audited.',
    }),
  })
  .refine((hold) => hold.emergencyReason === undefined || hold.priority >= EMERGENCY_PRIORITY, {
    path: ['emergencyReason'],
    message: `counts only with a priority of ${EMERGENCY_PRIORITY} or more`,
  })
  .openapi('NewHold');
/** What is left out of JSON is not there at all. */
export type NewHold = Omit<z.infer<typeof newHoldSchema>, 'scope'> & { scope: Scope };

export const holdSchema = z
  .object({
    id: z.string(),
    owner: z.string().openapi({ description: 'The run, or `api`.' }),
    scope: scopeSchema,
    amountUsd: z.number(),
    leftUsd: z.number(),
    inFlightUsd: z.number().openapi({ description: 'Set aside for calls under way, of runs alone.' }),
    state: z.enum(HOLD_STATES).openapi({
      description: '`stale`: budgets in its scope have changed since, so that they may not know of it.',
    }),
    expiresAt: z.iso.datetime(),
    periods: z.array(z.string()).openapi({ description: 'The budget periods that it was taken from.' }),
    past: z
      .array(
        z.object({
          way: z.enum(['emergency', 'bypass', 'grace', 'warn_only']),
          budgetId: z.string(),
          reason: z.string(),
        }),
      )
      .openapi({ description: 'Budgets that it may exceed, and why.' }),
    createdBy: z.string().nullable(),
    createdAt: z.iso.datetime(),
    closedAt: z.iso.datetime().nullable(),
  })
  .openapi('Hold');
export type ApiHold = z.infer<typeof holdSchema>;

const tokens = z.number().int().min(0).max(MAX_TOKENS);
const usageSchema = z.strictObject({
  inputTokens: tokens,
  outputTokens: tokens,
  cachedReadTokens: tokens.optional(),
  cachedWriteTokens: tokens.optional(),
  reasoningTokens: tokens.optional(),
});

export const newEntrySchema = z
  .strictObject({
    id: z
      .string()
      .regex(/^[\w.-]{1,100}$/, 'must be 1 to 100 letters, digits, or _ . -')
      .optional()
      .openapi({ description: 'The same id under the same hold is the same cost.' }),
    costUsd: roundedUsd,
    usage: usageSchema.optional(),
    step: label.optional(),
  })
  .openapi('NewEntry');
export type NewEntry = Omit<z.infer<typeof newEntrySchema>, 'usage'> & { usage?: Usage };

export const entrySchema = z
  .object({
    id: z.string(),
    hold: z.string().nullable(),
    run: z.string().nullable(),
    costUsd: z.number(),
    usage: usageSchema.nullable(),
    step: z.string().nullable(),
    flag: z
      .enum(['assumed', 'correction', 'overrun'])
      .nullable()
      .openapi({
        description:
          '`assumed`: the worst case of a call whose cost nobody knows; `correction`: the difference to an ' +
          'entry before; `overrun`: more than was set aside.',
      }),
    scope: scopeSchema,
    components: z
      .record(z.string(), z.number())
      .nullable()
      .openapi({ description: 'USD by name, of costs that came with them.' }),
    at: z.iso.datetime(),
    day: z.string().openapi({ description: "In the organization's time zone." }),
  })
  .openapi('Entry');
export type ApiEntry = z.infer<typeof entrySchema>;
