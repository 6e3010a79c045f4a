import type { ErrorDetail } from '../errors.ts';

const MAX_CHARACTERS = 10_000;
const MAX_DEPTH = 5;
const MAX_PROBLEMS = 20;

/** What is wrong with metadata, whatever they are of: they must do as they are in the database. */
export function metadataProblems(field: string, metadata: Record<string, unknown>): ErrorDetail[] {
  const names = nameProblems(field, metadata, MAX_DEPTH);
  if (names.length > 0) return names.slice(0, MAX_PROBLEMS);
  if (JSON.stringify(metadata).length <= MAX_CHARACTERS) return [];
  return [{ field, problem: `must have at most ${MAX_CHARACTERS} characters as JSON` }];
}

/** Names must do as field names of the database, however deep they stand. */
function nameProblems(field: string, value: unknown, depth: number): ErrorDetail[] {
  if (typeof value !== 'object' || value === null) return [];
  if (depth === 0) return [{ field, problem: `must not be nested deeper than ${MAX_DEPTH}` }];
  return Object.entries(value).flatMap(([name, inner]) => {
    const at = `${field}.${name.slice(0, 100)}`;
    if (Array.isArray(value) || /^[A-Za-z][\w-]{0,99}$/.test(name)) return nameProblems(at, inner, depth - 1);
    return [{ field: at, problem: 'must be named with letters, digits, _ and -, a letter first' }];
  });
}
