import { z } from '@hono/zod-openapi';
import { AppError } from '../domain/errors.ts';

/**
 * A body that is one thing, or `{[name]: [...]}` with at most `limit` of them. Zod's union alone would answer
 * that neither fits, and name no field; so the form that is meant is checked first.
 */
export function oneOrMany<One extends z.ZodType, Name extends string>(one: One, name: Name, limit: number) {
  const many = z.strictObject({ [name]: z.array(one).min(1).max(limit) } as Record<Name, z.ZodArray<One>>);
  const checked = (value: unknown, context: z.RefinementCtx) => {
    const isMany = typeof value === 'object' && value !== null && name in value;
    const { error } = (isMany ? many : one).safeParse(value);
    for (const issue of error?.issues ?? []) context.addIssue({ ...issue, input: value } as never);
    return value;
  };
  return z.preprocess(checked, z.union([many, one]));
}

/**
 * Does the same with each; what is wrong with one names its place, e.g. `jobs.3.components.gpu`. Without a
 * name there is only one, and its fields stand alone.
 */
export function withEach<T, R>(name: string | undefined, all: readonly T[], work: (each: T) => R): R[] {
  return all.map((each, at) => {
    try {
      return work(each);
    } catch (thrown) {
      if (!(thrown instanceof AppError) || name === undefined) throw thrown;
      const place = `${name}.${at}`;
      const details = thrown.details.map(({ field, problem }) => ({
        field: field === undefined ? place : `${place}.${field}`,
        problem,
      }));
      const [first = { field: place, problem: thrown.publicMessage }] = details;
      const message = `${first.field}: ${thrown.publicMessage}`;
      throw new AppError(thrown.code, message, { details: details.length > 0 ? details : [first] });
    }
  });
}
