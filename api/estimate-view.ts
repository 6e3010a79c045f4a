import { z } from '@hono/zod-openapi';
import type { Estimate, StepEstimate } from '../domain/estimate.ts';
import { type Price, toUsd } from '../domain/money.ts';
import type { Band } from '../domain/run.ts';

const band = z.object({ p50: z.number(), p90: z.number() });
const basis = z.enum(['cold', 'calibrated']);
const sums = { calls: z.number().int(), inputTokens: z.number().int(), outputTokens: band, costUsd: band };

const rates = {
  inputUsdPerMillion: z.number(),
  outputUsdPerMillion: z.number(),
  cachedReadUsdPerMillion: z.number().optional(),
  cachedWriteUsdPerMillion: z.number().optional(),
};

export const priceSchema = z
  .object({
    ...rates,
    tiers: z.array(z.object({ aboveInputTokens: z.number().int(), ...rates })).optional(),
    source: z.string(),
    since: z.string().optional(),
  })
  .openapi('Price');

export const estimateSchema = z
  .object({
    hash: z.string(),
    basis,
    items: z.number().int(),
    reusedItems: z.number().int(),
    calls: z.number().int(),
    model: z.string(),
    tokens: z.object({ input: z.number().int(), output: band }),
    costUsd: band,
    steps: z.array(z.object({ step: z.string(), basis, samples: z.number().int(), ...sums })),
    classes: z.array(
      z.object({ class: z.string(), items: z.number().int(), reusedItems: z.number().int(), ...sums }),
    ),
    overhead: z.object({ share: band, costUsd: band }),
    reuseSavings: z.object({ calls: z.number().int(), costUsd: band }),
    price: priceSchema,
  })
  .openapi('Estimate');

/** An estimate as the API shows it everywhere. */
export function toApiEstimate(estimate: Estimate): z.infer<typeof estimateSchema> {
  const { hash, items, reusedItems, calls, model, overhead, reuseSavings } = estimate;
  return {
    hash,
    basis: estimate.basis,
    items,
    reusedItems,
    calls,
    model,
    tokens: { input: estimate.inputTokens, output: estimate.outputTokens },
    costUsd: toUsdBand(estimate.costNanoUsd),
    steps: estimate.steps.map(withUsd),
    classes: estimate.classes.map(withUsd),
    overhead: { share: overhead.share, costUsd: toUsdBand(overhead.costNanoUsd) },
    reuseSavings: { calls: reuseSavings.calls, costUsd: toUsdBand(reuseSavings.costNanoUsd) },
    price: toApiPrice(estimate.price),
  };
}

export function toApiPrice(price: Price): z.infer<typeof priceSchema> {
  const { inputUsdPerMillion, outputUsdPerMillion, cachedReadUsdPerMillion, cachedWriteUsdPerMillion } =
    price;
  const { tiers, source, since } = price;
  return {
    inputUsdPerMillion,
    outputUsdPerMillion,
    ...(cachedReadUsdPerMillion !== undefined && { cachedReadUsdPerMillion }),
    ...(cachedWriteUsdPerMillion !== undefined && { cachedWriteUsdPerMillion }),
    ...(tiers !== undefined && { tiers }),
    source,
    ...(since !== undefined && { since }),
  };
}

export function toUsdBand(band: Band): Band {
  return { p50: toUsd(band.p50), p90: toUsd(band.p90) };
}

function withUsd<T extends Pick<StepEstimate, 'costNanoUsd'>>({ costNanoUsd, ...rest }: T) {
  return { ...rest, costUsd: toUsdBand(costNanoUsd) };
}
