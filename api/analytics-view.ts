import { z } from '@hono/zod-openapi';
import type { Dimension } from '../domain/analytics/dimension.ts';
import type { CostGroup } from '../domain/analytics/grouping.ts';
import { NANO_USD_PER_USD, toUsd } from '../domain/money.ts';

const name = z.string().nullable();

/** How the API calls a dimension; null where jobs do not say it. */
const NAME_FIELDS = {
  team: { team_name: z.string(), team_id: z.string() },
  model: { model_name: z.string() },
  provider: { provider: z.string() },
  gpu_type: { gpu_type: name },
  user: { user: name },
  queue: { queue: name },
  kind: { kind: name },
  day: { day: z.string() },
  week: { week: z.string().openapi({ description: 'Its Monday.' }) },
  month: { month: z.string().openapi({ description: 'YYYY-MM' }) },
} satisfies Record<Dimension, z.ZodRawShape>;

const figures = {
  total_cost_usd: z.number(),
  job_count: z.number().int(),
  start_date: z.string(),
  end_date: z.string().openapi({ description: 'The last day, inclusive.' }),
  share: z.number().openapi({ description: 'Of the cost of all groups, 0 to 1.' }),
  average_cost_usd: z.number().openapi({ description: 'For each job.' }),
  trend: z
    .object({
      previous_cost_usd: z.number(),
      change_percent: z.number().nullable().openapi({ description: 'null where there was no cost before.' }),
    })
    .openapi({ description: 'Against as many days directly before.' }),
};

/** Groups by one dimension, the dearest first. */
export function groupsSchema(dimension: Dimension) {
  return z.array(z.object({ ...NAME_FIELDS[dimension], ...figures }));
}

/** Groups by two dimensions: whatever names they have, and the figures. */
export const crossSchema = z.array(
  z
    .object({
      ...z.object({ ...NAME_FIELDS.team, ...NAME_FIELDS.model, ...NAME_FIELDS.provider }).partial().shape,
      ...z.object({ ...NAME_FIELDS.gpu_type, ...NAME_FIELDS.user, ...NAME_FIELDS.queue }).partial().shape,
      ...z.object({ ...NAME_FIELDS.kind, ...NAME_FIELDS.day, ...NAME_FIELDS.week }).partial().shape,
      ...z.object(NAME_FIELDS.month).partial().shape,
      ...figures,
    })
    .openapi('CrossedCost'),
);

export type ApiCostGroup = z.infer<typeof crossSchema>[number];

/** @returns a group as the API shows it. */
export function toApiGroup(group: CostGroup, teamIdOf: (name: string) => string): ApiCostGroup {
  const names = Object.entries(group.names).map(([dimension, value]) => {
    if (dimension === 'team') return { team_name: value, team_id: teamIdOf(value ?? '') };
    return { [dimension === 'model' ? 'model_name' : dimension]: value };
  });
  return {
    ...Object.assign({}, ...names),
    total_cost_usd: usdOf(group.costNanoUsd),
    job_count: group.count,
    start_date: group.days.start,
    end_date: group.days.end,
    share: group.share,
    average_cost_usd: toUsd(group.averageNanoUsd),
    trend: { previous_cost_usd: usdOf(group.previousNanoUsd), change_percent: group.changePercent },
  };
}

/** The nearest number: above nine million USD not every nano-dollar has one. */
function usdOf(nanoUsd: bigint): number {
  return Number(nanoUsd) / NANO_USD_PER_USD;
}
