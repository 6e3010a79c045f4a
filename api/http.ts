import { OpenAPIHono, z } from '@hono/zod-openapi';
import { type AppError, invalidInput } from '../domain/errors.ts';
import { detailsOf, firstProblem } from '../domain/issues.ts';
import type { ApiEnv } from './deps.ts';

/** What is wrong with a field; of a budget that refuses, its numbers in USD. */
const errorDetail = z.object({
  field: z.string().optional(),
  problem: z.string(),
  budgetId: z.string().optional(),
  budgetName: z.string().optional(),
  amountUsd: z.number().optional(),
  committedUsd: z.number().optional(),
  spentUsd: z.number().optional(),
  leftUsd: z.number().optional(),
  neededUsd: z.number().optional(),
  until: z.iso.datetime().optional(),
});

const errorBody = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      requestId: z.string(),
      details: z.array(errorDetail).optional(),
    }),
  })
  .openapi('Error');

/** A router whose bad requests all get the same answer, naming the field. */
export function router() {
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error);
    },
  });
}

/** What a part of a request does not keep to. */
export function invalidRequest(error: Pick<z.ZodError, 'issues'>): AppError {
  const details = detailsOf(error.issues);
  return invalidInput(`the request is not valid: ${firstProblem(details)}`, details);
}

const DESCRIPTIONS = {
  400: 'The request is not valid; the details name the field.',
  401: 'No API key or token, or one that is not valid.',
  403: 'The role or the scope does not allow this.',
  404: 'There is nothing of that id in this organization.',
  409: 'The request contradicts the present state.',
  413: 'The upload is too large.',
  429: 'The provider asks to wait, or too many attempts to sign in have failed; see Retry-After.',
  502: 'The provider of the model has refused, or cannot be reached.',
  503: 'A server or a worker that this needs does not answer.',
} as const;

/** The error answers of a route that takes something, for its OpenAPI entry: it can answer 400 and 401. */
export function errors<Status extends keyof typeof DESCRIPTIONS>(...statuses: Status[]) {
  return errorsWithoutInput<Status | 400>(400, ...statuses);
}

/** Of one that takes no path, query or body, so that nothing about the request can be wrong. */
export function errorsWithoutInput<Status extends keyof typeof DESCRIPTIONS = never>(...statuses: Status[]) {
  const all = [...statuses, 401] as (Status | 401)[];
  const entry = (status: keyof typeof DESCRIPTIONS) => ({
    description: DESCRIPTIONS[status],
    content: { 'application/json': { schema: errorBody } },
  });
  return Object.fromEntries(all.map((status) => [status, entry(status)])) as Record<
    Status | 401,
    ReturnType<typeof entry>
  >;
}

export function jsonAnswer<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

export function jsonBody<T extends z.ZodType>(schema: T) {
  return { body: { required: true, content: { 'application/json': { schema } } } };
}

/**
 * Position in a list: `skip`, or the `cursor` that the page before returned. Strict: a filter with a typing
 * mistake would otherwise return everything.
 */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  skip: z.coerce.number().int().min(0).max(1_000_000).optional(),
  cursor: z.string().max(2000).optional(),
});

/** `limit`, `skip` and `cursor` of a query as the store takes them. */
export function pageRequest(query: z.infer<typeof pageQuery>) {
  const { limit, skip, cursor } = query;
  return {
    limit,
    ...(skip === undefined ? {} : { skip }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

/** The fields that every list carries beside its rows. */
export const pageFields = {
  total: z.number().int(),
  has_more: z.boolean(),
  cursor: z.string().optional(),
};

export function toPageFields(page: { total: number; cursor?: string }) {
  const more = page.cursor === undefined ? {} : { cursor: page.cursor };
  return { total: page.total, has_more: page.cursor !== undefined, ...more };
}

export const idParam = z.object({
  id: z
    .string()
    .min(1)
    .max(200)
    .openapi({ param: { name: 'id', in: 'path' } }),
});
