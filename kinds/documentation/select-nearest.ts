import type { Selectable } from './select-match.ts';
import type { Method } from './select-parse.ts';

const MAX_SUGGESTIONS = 3;

/** What a value of a method could have been meant to be: the nearest names there are, at most three. */
export function nearestNames(method: Method, value: string, candidates: Selectable[]): string[] {
  const names = new Set(candidates.flatMap((candidate) => namesFor(method, candidate)));
  const limit = Math.max(2, Math.floor(value.length / 3));
  const wanted = value.toLowerCase();
  const near = [...names]
    .map((name) => ({ name, distance: editDistance(wanted, name.toLowerCase(), limit) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  // What is much further than the nearest is not what was meant.
  const furthest = (near[0]?.distance ?? 0) + 1;
  return near
    .filter(({ distance }) => distance <= furthest)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ name }) => name);
}

function namesFor(method: Method, { object, sourceName }: Selectable): string[] {
  const folders = object.path.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'));
  switch (method) {
    case 'tag':
      return object.tags;
    case 'path':
      return folders;
    case 'file':
      return [object.path.split('/').at(-1) ?? ''];
    case 'package':
      return [object.packageName];
    case 'source':
      return sourceName === undefined ? [] : [sourceName, `${sourceName}.${object.name}`];
    case 'config':
      return object.materialized === undefined ? [] : [object.materialized];
    case 'resource_type':
      return [object.resourceType];
    case 'fqn':
      return object.resourceType === 'source' ? [] : [object.name, `${object.packageName}.${object.name}`];
  }
}

/**
 * Levenshtein's distance; anything over the limit comes out as limit + 1, and costs only length × limit
 * steps.
 */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row, ...new Array<number>(b.length).fill(limit + 1)];
    const last = Math.min(b.length, row + limit);
    for (let column = Math.max(1, row - limit); column <= last; column++) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current[column] = Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
    }
    if (Math.min(...current) > limit) return limit + 1;
    previous = current;
  }
  return Math.min(previous[b.length] ?? limit + 1, limit + 1);
}
