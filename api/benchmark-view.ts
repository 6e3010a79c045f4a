import { createHash } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import type { Benchmark } from '../domain/costing/benchmark.ts';
import { type CostModel, costOfJob } from '../domain/costing/cost-model.ts';
import { fromUsd, toUsd } from '../domain/money.ts';
import { givenName, metricsOf, metricsShape, pastTime, usdAmount } from './job-metrics.ts';

export const newBenchmarkSchema = z
  .strictObject({
    jobType: givenName,
    actualCost: usdAmount,
    calculatedCost: usdAmount
      .optional()
      .openapi({ description: 'By the applied cost model, if left out. All costs in USD.' }),
    ...metricsShape,
    infrastructureCost: usdAmount.optional(),
    environment: givenName.optional(),
    timestamp: pastTime,
  })
  .openapi('NewBenchmark');
type NewBenchmark = z.infer<typeof newBenchmarkSchema>;

export const benchmarkSchema = z
  .object({
    id: z.string(),
    jobType: z.string(),
    actualCost: z.number(),
    calculatedCost: z.number(),
    ...metricsShape,
    infrastructureCost: z.number().nullable(),
    environment: z.string().nullable(),
    modelVersion: z.number().int(),
    timestamp: z.iso.datetime(),
  })
  .openapi('Benchmark');

/**
 * What is said of a job makes its id, so that saying it again changes nothing.
 * @throws AppError `invalid_input` where the model cannot price it
 */
export function fromApiBenchmark(org: string, body: NewBenchmark, model: CostModel): Benchmark {
  const metrics = metricsOf(body);
  const { environment, infrastructureCost } = body;
  // Also where the caller has calculated: a metric without a weight would be overlooked later.
  const { totalNanoUsd } = costOfJob(metrics, model, environment);
  return {
    id: `bmk_${hashOf([org, Object.entries(body).toSorted()])}`,
    jobType: body.jobType,
    ...(environment !== undefined && { environment }),
    metrics,
    actualCostNanoUsd: fromUsd(body.actualCost),
    calculatedCostNanoUsd: body.calculatedCost === undefined ? totalNanoUsd : fromUsd(body.calculatedCost),
    modelVersion: model.version,
    ...(infrastructureCost !== undefined && { infrastructureCostNanoUsd: fromUsd(infrastructureCost) }),
    timestamp: new Date(body.timestamp),
  };
}

export function toApiBenchmark(benchmark: Benchmark): z.infer<typeof benchmarkSchema> {
  const { infrastructureCostNanoUsd } = benchmark;
  return {
    id: benchmark.id,
    jobType: benchmark.jobType,
    actualCost: toUsd(benchmark.actualCostNanoUsd),
    calculatedCost: toUsd(benchmark.calculatedCostNanoUsd),
    ...benchmark.metrics,
    infrastructureCost: infrastructureCostNanoUsd === undefined ? null : toUsd(infrastructureCostNanoUsd),
    environment: benchmark.environment ?? null,
    modelVersion: benchmark.modelVersion,
    timestamp: benchmark.timestamp.toISOString(),
  };
}

function hashOf(facts: unknown): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('base64url').slice(0, 22);
}
