import { z } from '@hono/zod-openapi';
import { MAX_AMOUNT_USD } from '../domain/budgets/budget.ts';
import type { JobMetrics } from '../domain/costing/cost-model.ts';

/** More than any job uses, and few enough digits to be exact. */
const MAX_QUANTITY = 1e15;
const MAX_COMPONENTS = 50;
/** For clocks that run ahead. */
const AHEAD_MS = 24 * 3_600_000;

export const quantity = z.number().min(0).max(MAX_QUANTITY);
export const usdAmount = z.number().min(0).max(MAX_AMOUNT_USD);

/** A name that somebody else has given: of a queue, a team, a job. */
export const givenName = z
  .string()
  .min(1)
  .max(200)
  .regex(/^\P{C}*$/u, 'must not hold control characters');

/** Quantities by the name of what they belong to. */
export function byName<T extends z.ZodType>(value: T) {
  return z
    .record(z.string(), value)
    .refine((all) => Object.keys(all).length <= MAX_COMPONENTS, `at most ${MAX_COMPONENTS} names`);
}

/** When something ended: not in the future, where no day and no budget period is yet. */
export const pastTime = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) <= Date.now() + AHEAD_MS, 'lies in the future');

/** What a job used, as users know it: seconds, megabyte-seconds, bytes and counts. */
export const metricsShape = {
  cpuTime: quantity,
  memoryMbSeconds: quantity,
  payloadBytes: quantity,
  redisOps: quantity,
  networkBytes: quantity,
  components: byName(quantity).optional(),
};

type Metrics = z.infer<z.ZodObject<typeof metricsShape>>;

export function metricsOf(body: Metrics): JobMetrics {
  const { cpuTime, memoryMbSeconds, payloadBytes, redisOps, networkBytes, components } = body;
  const builtIn = { cpuTime, memoryMbSeconds, payloadBytes, redisOps, networkBytes };
  return components === undefined ? builtIn : { ...builtIn, components };
}
