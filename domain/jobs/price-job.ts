import { type CostModel, costOfJob } from '../costing/cost-model.ts';
import { AppError } from '../errors.ts';
import { costOfUsage, type Price } from '../money.ts';
import { type GpuPrice, gpuPriceAt } from './gpu-prices.ts';
import { costOfWork, gpuWork } from './gpu-work.ts';
import type { Job } from './job.ts';
import type { FieldProblem } from './read-job.ts';

/** Where prices are from. */
export interface PricerDeps {
  pricing: { priceOf(org: string, model: string, at: Date): Promise<Price | undefined> };
  store: {
    gpuPrices: { list(org: string): Promise<readonly GpuPrice[]> };
    costModels: { current(org: string): Promise<CostModel> };
  };
}

/**
 * Prices jobs that say no cost: by their tokens, of which a price that is not known is a problem, never zero;
 * else by what they used; else by the hours of their GPUs, where a price is known: they may get their share
 * of the GPUs' cost later. Prices and model are read once, when they are needed first.
 */
export function createPricer({ store, pricing }: PricerDeps, org: string, now: Date) {
  let own: Promise<readonly GpuPrice[]> | undefined;
  let model: Promise<CostModel> | undefined;

  async function otherwise(job: Job): Promise<Job | FieldProblem[]> {
    if (job.metrics !== undefined) {
      model ??= store.costModels.current(org);
      return byModel(job, job.metrics, await model);
    }
    if (job.gpuType === undefined) return job;
    own ??= store.gpuPrices.list(org);
    return byHours(job, await own);
  }

  return async (read: Job | FieldProblem[]): Promise<Job | FieldProblem[]> => {
    if (Array.isArray(read) || read.costBasis !== 'none') return read;
    const { inputTokens, outputTokens, provider, gpuType, metrics } = read;
    if (inputTokens === undefined && outputTokens === undefined) return otherwise(read);
    const name = `${provider}/${read.model}`;
    const price = await pricing.priceOf(org, name, read.endedAt ?? read.startedAt ?? now);
    if (price !== undefined) {
      const usage = { inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0 };
      return { ...read, costNanoUsd: costOfUsage(usage, price), costBasis: 'tokens' };
    }
    if (gpuType !== undefined || metrics !== undefined) return otherwise(read);
    return [{ field: 'model_name', problem: `no price is known of ${name}: give cost_usd, or set one` }];
  };
}

function byModel(job: Job, used: NonNullable<Job['metrics']>, model: CostModel): Job | FieldProblem[] {
  try {
    return { ...job, costNanoUsd: costOfJob(used, model).totalNanoUsd, costBasis: 'cost_model' };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [{ field: 'cpu_time', problem: `is not priced: ${error.publicMessage}` }];
  }
}

function byHours(job: Job, own: readonly GpuPrice[]): Job {
  const { provider, gpuType, startedAt, endedAt } = job;
  if (gpuType === undefined || startedAt === undefined || endedAt === undefined) return job;
  const price = gpuPriceAt(own, { provider, gpuType }, endedAt);
  if (price === undefined) return job;
  const span = { startMs: startedAt.getTime(), endMs: endedAt.getTime() };
  const costNanoUsd = costOfWork(gpuWork(job, span, endedAt), price);
  return { ...job, costNanoUsd, costBasis: 'gpu_hours' };
}
