import { z } from '@hono/zod-openapi';
import { SCOPE_FIELDS, type Scope } from '../domain/budgets/scope.ts';
import { dayNumberOf } from '../domain/budgets/zones.ts';
import { averageOf, type CostSum, p95Of } from '../domain/ledger/cost-sum.ts';
import { toUsd } from '../domain/money.ts';

/** Ten years. */
const MAX_DAYS = 3_660;
const scopeValue = z.string().min(1).max(300).optional();

/** A day of the calendar. */
export const day = z
  .string()
  .refine((text) => dayNumberOf(text) !== undefined, 'must be a day of the calendar, YYYY-MM-DD')
  .openapi({ example: '2025-01-31' });

const groupBy = z
  .string()
  .transform((text) => [...new Set(text.split(',').map((name) => name.trim()))] as (keyof Scope)[])
  .refine(
    (names) => names.every((name) => SCOPE_FIELDS.includes(name)),
    `must be names out of ${SCOPE_FIELDS.join(', ')}, with commas between them`,
  )
  .optional()
  .openapi({ type: 'string', description: `Any of ${SCOPE_FIELDS.join(', ')}, e.g. \`team,model\`.` });

const spanShape = {
  groupBy,
  team: scopeValue,
  queue: scopeValue,
  user: scopeValue,
  kind: scopeValue,
  provider: scopeValue,
  model: scopeValue,
};

/** First and last day of a query. */
export const daysShape = {
  start: day,
  end: day.openapi({ description: 'The last day, inclusive.', example: '2025-01-31' }),
};

/** A query for sums over days, perhaps with more fields. */
export function spanQuery<More extends z.ZodRawShape>(more: More) {
  return z.strictObject({ ...daysShape, ...spanShape, ...more }).superRefine(daysInOrder);
}

/** The days of a query must follow one another, and be at most ten years. */
export function daysInOrder(query: object, context: z.RefinementCtx): void {
  const { start, end } = query as { start: string; end: string };
  const [first, last] = [dayNumberOf(start), dayNumberOf(end)];
  if (first === undefined || last === undefined) return;
  const days = last - first + 1;
  const wrong = (message: string) => context.addIssue({ code: 'custom', path: ['end'], message });
  if (days < 1) wrong(`lies before start, which is ${start}`);
  if (days > MAX_DAYS) wrong(`must be at most ${MAX_DAYS} days after start`);
}

/** The part of a query that selects costs by their scope. */
export function scopeIn(query: { [Field in keyof Scope]?: string | undefined }): Scope {
  return Object.fromEntries(
    SCOPE_FIELDS.flatMap((field) => (query[field] === undefined ? [] : [[field, query[field]]])),
  );
}

export const sumFields = {
  total_jobs: z.number().int().openapi({ description: 'Calls and jobs.' }),
  total_cost: z.number(),
  avg_cost: z.number(),
  min_cost: z.number(),
  max_cost: z.number(),
  p95_cost: z.number().openapi({ description: 'Within 2.5 %.' }),
  cost_by_component: z.record(z.string(), z.number()),
  tokens: z.record(z.string(), z.number().int()),
};
export const groupFields = {
  team: z.string().optional(),
  queue: z.string().optional(),
  user: z.string().optional(),
  kind: z.string().optional(),
  provider: z.string().optional(),
  model: z.string().optional(),
};

/** A sum as the API shows it. What people know from before stays in snake_case. */
export function toApiSum(sum: CostSum) {
  const components = Object.entries(sum.components).filter(([, cost]) => cost !== 0);
  return {
    total_jobs: sum.count,
    total_cost: toUsd(sum.cost),
    avg_cost: toUsd(averageOf(sum)),
    min_cost: toUsd(sum.min ?? 0),
    max_cost: toUsd(sum.max ?? 0),
    p95_cost: toUsd(p95Of(sum)),
    cost_by_component: Object.fromEntries(components.map(([name, cost]) => [name, toUsd(cost)])),
    tokens: sum.tokens,
  };
}
