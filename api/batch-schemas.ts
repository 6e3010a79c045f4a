import { z } from '@hono/zod-openapi';
import {
  BATCH_ORDERS,
  BATCH_STATES,
  DEFAULT_PARALLELISM,
  MAX_PARALLELISM,
  MAX_RUNS_AT_ONCE,
} from '../domain/batches/batch.ts';
import { RUN_STATES, WAIT_REASONS } from '../domain/run.ts';
import { newRunSchema } from './run-schemas.ts';

const scalar = z.union([z.string().max(10_000), z.number(), z.boolean()]);
const variables = z.record(z.string().regex(/^[\w.-]{1,100}$/, 'is no name of a variable'), scalar);
const fields = z.record(z.string(), z.unknown());
const externalId = z.string().min(1).max(200);

export const newBatchSchema = z
  .strictObject({
    /** The same name brings the same batch; without one the content does. */
    name: z.string().trim().min(1).max(200).optional(),
    /** Fields of a run for all that do not say otherwise. */
    defaults: fields.default({}),
    /** What stands for `${name}` in all strings. */
    variables: variables.default({}),
    order: z.enum(BATCH_ORDERS).default('parallel'),
    /** Runs at a time. */
    parallelism: z.number().int().min(1).max(MAX_PARALLELISM).default(DEFAULT_PARALLELISM),
    /** Each with an `externalId`, the fields of a run, and perhaps `variables` of its own. */
    runs: z.array(fields).min(1).max(MAX_RUNS_AT_ONCE),
  })
  .openapi('NewBatch');

export type NewBatch = z.infer<typeof newBatchSchema>;

/** One run of a batch with defaults and variables put in. */
export const batchRunSchema = newRunSchema.omit({ parked: true }).extend({ externalId });
export const ownVariablesSchema = variables;

const count = z.number().int();
const band = z.object({ p50: z.number(), p90: z.number() });
const time = z.iso.datetime();

export const batchEstimateSchema = z
  .object({ runs: count, items: count, calls: count, inputTokens: count, costUsd: band })
  .openapi('BatchEstimate');

export const batchSchema = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    state: z.enum(BATCH_STATES as [string, ...string[]]),
    waitReason: z.enum(WAIT_REASONS).nullable(),
    waitingSince: time.nullable(),
    waitingUntil: time.nullable(),
    waitBudget: z.object({ id: z.string(), name: z.string() }).nullable(),
    message: z.string(),
    order: z.enum(BATCH_ORDERS),
    parallelism: count,
    progress: z.object({
      /** Runs; those not named below are under way. */
      total: count,
      parked: count,
      ended: z.object({
        completed: count,
        completed_with_errors: count,
        failed: count,
        cancelled: count,
        rejected: count,
      }),
      items: z.object({ total: count, processed: count, failed: count }),
      percent: z.number(),
      etaSeconds: z.number().nullable(),
    }),
    cost: z.object({
      estimatedUsd: band.nullable(),
      estimateHash: z.string().nullable(),
      heldUsd: z.number(),
      actualUsd: z.number(),
    }),
    approval: z.object({ by: z.string(), at: time }).nullable(),
    failure: z.object({ code: z.string(), message: z.string() }).nullable(),
    createdBy: z.object({ id: z.string(), email: z.string().optional() }),
    createdAt: time,
    startedAt: time.nullable(),
    endedAt: time.nullable(),
  })
  .openapi('Batch');

export type ApiBatch = z.infer<typeof batchSchema>;

export const submittedSchema = batchSchema
  .extend({ added: count, unchanged: count })
  .openapi('SubmittedBatch');

export const batchResultSchema = z
  .object({
    externalId: z.string(),
    runId: z.string(),
    kind: z.string(),
    state: z.enum(RUN_STATES as [string, ...string[]]),
    items: z.object({ total: count, done: count, reused: count, failed: count }),
    calls: count,
    tokens: z.object({ input: count, output: count }),
    estimatedUsd: band.nullable(),
    costUsd: z.number(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    startedAt: time.nullable(),
    endedAt: time.nullable(),
  })
  .openapi('BatchResult');

export type ApiBatchResult = z.infer<typeof batchResultSchema>;
