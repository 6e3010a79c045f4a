import type { ErrorDetail } from './errors.ts';

/** What a schema check says about one place, in the form in which zod says it. */
interface Issue {
  path: PropertyKey[];
  message: string;
  /** Names of fields that should not be there, below `path`. */
  keys?: string[];
}

/** One detail for each field that is wrong; a field that should not be there is named like any other. */
export function detailsOf(issues: readonly Issue[]): ErrorDetail[] {
  return issues.flatMap(({ path, message, keys }) =>
    (keys ?? [undefined]).map((key) => ({
      field: [...path, ...(key === undefined ? [] : [key])].join('.'),
      problem: key === undefined ? message : 'is not a known field',
    })),
  );
}

/** The first detail in words, to stand behind a colon: `options.concurrency: Too big`. */
export function firstProblem(details: readonly ErrorDetail[]): string {
  const [first] = details;
  return first?.field ? `${first.field}: ${first.problem}` : (first?.problem ?? '');
}
