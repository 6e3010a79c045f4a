import { z } from '@hono/zod-openapi';
import { COST_MODEL_STATES } from '../domain/costing/cost-model.ts';
import type { CostModelVersion } from '../store/cost-models.ts';
import { usdAmount } from './job-metrics.ts';

/** USD per unit; `base` per job. */
export const weightsShape = {
  cpuSecond: usdAmount,
  memoryMbSecond: usdAmount,
  payloadKb: usdAmount,
  redisOperation: usdAmount,
  networkMb: usdAmount,
  base: usdAmount,
};
const time = z.iso.datetime();
const share = z.number().min(0).max(1);

export const costModelSchema = z
  .object({
    version: z.number().int(),
    state: z.enum(COST_MODEL_STATES),
    weights: z.object(weightsShape),
    components: z.record(z.string(), z.number()),
    environments: z.record(z.string(), z.number()),
    defaultMultiplier: z.number(),
    proposedBy: z.string(),
    proposedAt: time,
    appliedBy: z.string().nullable(),
    appliedAt: time.nullable(),
    calibration: z
      .object({
        from: z.number().int(),
        sampleCount: z.number().int(),
        accuracyBefore: share,
        accuracyAfter: share,
        heldOut: z.boolean(),
        kept: z.array(z.string()),
      })
      .nullable(),
  })
  .openapi('CostModel');

export function toApiCostModel(version: CostModelVersion): z.infer<typeof costModelSchema> {
  return {
    version: version.version,
    state: version.state,
    weights: version.weights,
    components: version.components,
    environments: version.environments,
    defaultMultiplier: version.defaultMultiplier,
    proposedBy: version.proposedBy,
    proposedAt: version.proposedAt.toISOString(),
    appliedBy: version.appliedBy ?? null,
    appliedAt: version.appliedAt?.toISOString() ?? null,
    calibration: version.calibration ?? null,
  };
}
