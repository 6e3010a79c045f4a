import { SCOPE_FIELDS, type Scope } from './scope.ts';

export interface Lookup<T> {
  /** Those that can match a scope, and few others. */
  candidates(scope: Scope): T[];
}

/**
 * Budgets by the first field that their scope names, so that a question looks at the few that can concern it
 * and not at all that an organization has.
 */
export function createLookup<T extends { budget: { scope: Scope } }>(all: readonly T[]): Lookup<T> {
  const everywhere: T[] = [];
  const byValue = new Map<string, T[]>();
  for (const one of all) {
    const { scope } = one.budget;
    const field = SCOPE_FIELDS.find((each) => scope[each] !== undefined);
    if (field === undefined) everywhere.push(one);
    else {
      const key = `${field}:${scope[field]}`;
      const list = byValue.get(key);
      if (list === undefined) byValue.set(key, [one]);
      else list.push(one);
    }
  }
  return {
    candidates(scope) {
      const found = [everywhere];
      for (const field of SCOPE_FIELDS) {
        const list = scope[field] === undefined ? undefined : byValue.get(`${field}:${scope[field]}`);
        if (list !== undefined) found.push(list);
      }
      return found.flat();
    },
  };
}
