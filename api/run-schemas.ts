import { z } from '@hono/zod-openapi';
import { DEFAULT_PRIORITY, MAX_AMOUNT_USD } from '../domain/budgets/budget.ts';
import { LAYERS } from '../domain/project.ts';
import {
  DEFAULT_CONCURRENCY,
  DEFAULT_MAX_RETRIES,
  MAX_CONCURRENCY,
  MAX_RUN_RETRIES,
  RUN_STATES,
  WAIT_REASONS,
} from '../domain/run.ts';
import { KIND_NAMES } from '../kinds/index.ts';
import { pageFields } from './http.ts';

/** More than nothing, at most what the ledger can count, and no finer than it counts. */
const amountUsd = z
  .number()
  .positive()
  .max(MAX_AMOUNT_USD)
  .refine((usd) => Math.abs(usd * 1e9 - Math.round(usd * 1e9)) < 1e-3, 'has more than 9 decimals');
const reason = z.string().trim().min(3).max(500);
const label = z.string().min(1).max(100);

const modelName = z.string().min(1).max(300);

export const concurrencySchema = z.number().int().min(1).max(MAX_CONCURRENCY);

export const optionsSchema = z
  .strictObject({
    concurrency: concurrencySchema.default(DEFAULT_CONCURRENCY),
    maxRetries: z.number().int().min(0).max(20).default(DEFAULT_MAX_RETRIES),
    skipExisting: z.boolean().default(false),
    regenerateAll: z.boolean().default(false),
    /**
     * How often the run as a whole is tried again for a reason that may go away; default 0, intelligence 3.
     */
    runRetries: z.number().int().min(0).max(MAX_RUN_RETRIES).optional(),
    /** `provider/model`, or several: the next is asked where one is down or its budgets have nothing left. */
    model: z.union([modelName, z.array(modelName).min(1).max(5)]).optional(),
    /** 10 is the most urgent. */
    priority: z.number().int().min(1).max(10).default(DEFAULT_PRIORITY),
    /** The most that the run may cost, as a limit of its own. */
    maxCostUsd: amountUsd.optional(),
    /** Why a run of priority 8 and over may pass budgets that allow emergencies; audited. */
    emergencyReason: reason.optional(),
  })
  .openapi('RunOptions');

/** What the costs of a run belong to, for the budgets that it falls under. */
export const scopeSchema = z
  .strictObject({ team: label.optional(), queue: label.optional(), user: label.optional() })
  .openapi('RunScope');

export const approvalSchema = z
  .strictObject({ hash: z.string().length(64), maxCostUsd: amountUsd.optional() })
  .openapi('Approval');
export const bypassSchema = z.strictObject({ reason }).openapi('Bypass');
export const limitSchema = z.strictObject({ maxCostUsd: amountUsd }).openapi('RunLimit');

export const newRunSchema = z
  .strictObject({
    kind: z.enum(KIND_NAMES),
    input: z.record(z.string(), z.unknown()),
    options: optionsSchema.prefault({}),
    scope: scopeSchema.prefault({}),
    /** Only store it: `POST /runs/{id}/execute` starts it. */
    parked: z.boolean().optional(),
  })
  .openapi('NewRun');

/** The form that users of documentation jobs bring along: one flat object, the layers among the options. */
export const newJobSchema = z
  .strictObject({
    projectId: z.string().min(1).max(200),
    objectIds: z.array(z.string().min(1).max(500)).min(1).max(10_000).optional(),
    select: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional(),
    options: z
      .strictObject({
        ...optionsSchema.shape,
        layers: z.array(z.enum(LAYERS)).min(1).optional(),
      })
      .prefault({}),
    scope: scopeSchema.prefault({}),
  })
  .openapi('NewDocumentationJob');

const band = z.object({ p50: z.number(), p90: z.number() });
const time = z.iso.datetime();

const errorEntry = z.object({
  object: z.string(),
  code: z.string(),
  message: z.string(),
  fingerprint: z.string(),
  attempts: z.number().int(),
  at: time.nullable(),
});

export const runSchema = z
  .object({
    id: z.string(),
    kind: z.string(),
    state: z.enum(RUN_STATES as [string, ...string[]]),
    waitReason: z.enum(WAIT_REASONS).nullable(),
    waitingSince: time.nullable(),
    waitingUntil: time.nullable(),
    /** The budget that stands in the way; without an id it is the run's own limit. */
    waitBudget: z.object({ id: z.string().nullable(), name: z.string() }).nullable(),
    pausedAt: time.nullable(),
    /** Stored and not started. */
    parked: z.boolean(),
    /** The batch that it belongs to, and its name there. */
    batch: z.string().nullable(),
    externalId: z.string().nullable(),
    /** Since when its items and logs lie in the archive. */
    archivedAt: time.nullable(),
    message: z.string(),
    round: z.number().int(),
    triggeredBy: z.object({ id: z.string(), email: z.string().optional() }),
    /** The schedule that has made it, and the time that it was meant for. */
    schedule: z.object({ id: z.string(), scheduledAt: time }).nullable(),
    input: z.record(z.string(), z.unknown()),
    options: z.object({
      concurrency: z.number(),
      maxRetries: z.number(),
      skipExisting: z.boolean(),
      regenerateAll: z.boolean(),
      runRetries: z.number().int().optional(),
      model: z.string(),
      fallbackModels: z.array(z.string()).optional(),
      priority: z.number().int(),
      emergencyReason: z.string().optional(),
    }),
    scope: z.object({
      team: z.string().optional(),
      queue: z.string().optional(),
      user: z.string().optional(),
    }),
    progress: z.object({
      total: z.number().int(),
      processed: z.number().int(),
      done: z.number().int(),
      failed: z.number().int(),
      reused: z.number().int(),
      percent: z.number(),
      successRate: z.number(),
      current: z.string().nullable(),
      itemsPerSecond: z.number(),
      etaSeconds: band.nullable(),
      estimatedCompletionAt: time.nullable(),
    }),
    averageItemMs: z.number(),
    tokens: z.object({ input: z.number().int(), output: z.number().int() }),
    calls: z.number().int(),
    cost: z.object({
      estimatedUsd: band.nullable(),
      /** Names the estimate; an approval carries it. */
      estimateHash: z.string().nullable(),
      /** What the run keeps set aside and has not spent. */
      heldUsd: z.number(),
      actualUsd: z.number(),
      /** The run's own limit. */
      maxUsd: z.number().nullable(),
    }),
    approval: z.object({ by: z.string(), at: time, maxCostUsd: z.number().nullable() }).nullable(),
    bypass: z.object({ by: z.string(), at: time, reason: z.string() }).nullable(),
    errorLog: z.object({ count: z.number().int(), errors: z.array(errorEntry) }),
    failure: z.object({ code: z.string(), message: z.string() }).nullable(),
    createdAt: time,
    startedAt: time.nullable(),
    endedAt: time.nullable(),
    temporalUrl: z.string().nullable(),
  })
  .openapi('Run');

export type ApiRun = z.infer<typeof runSchema>;

export const itemSchema = z
  .object({
    seq: z.number().int(),
    key: z.string(),
    name: z.string(),
    state: z.enum(['pending', 'working', 'done', 'failed', 'reused']),
    attempts: z.number().int().openapi({ description: 'Those that failed and count as tries.' }),
    failure: z.object({ code: z.string(), message: z.string(), fingerprint: z.string() }).nullable(),
    tokens: z.object({ input: z.number().int(), output: z.number().int() }),
    costUsd: z.number(),
    durationMs: z.number(),
    startedAt: time.nullable(),
    endedAt: time.nullable(),
  })
  .openapi('RunItem');

export const logSchema = z
  .object({
    run: z.string(),
    object: z.string(),
    layer: z.string(),
    status: z.enum(['done', 'failed']),
    model: z.string(),
    promptTokens: z.number().int(),
    completionTokens: z.number().int(),
    cachedTokens: z.number().int(),
    reasoningTokens: z.number().int(),
    calls: z.number().int(),
    durationMs: z.number(),
    costUsd: z.number(),
    error: z.object({ code: z.string(), message: z.string(), fingerprint: z.string() }).nullable(),
    at: time,
  })
  .openapi('GenerationLog');

export const errorsSchema = z
  .object({
    groups: z.array(
      z.object({
        fingerprint: z.string(),
        code: z.string(),
        message: z.string(),
        count: z.number().int(),
        example: z.string(),
      }),
    ),
    errors: z.array(errorEntry),
    ...pageFields,
  })
  .openapi('RunErrors');
