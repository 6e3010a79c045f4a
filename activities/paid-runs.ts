import { keepAtMost } from '../domain/keep-at-most.ts';
import type { Line } from './hold-book.ts';
import { type ActivityDeps, type LoadedRun, lineOf, loadRun, type RunRef } from './index.ts';

const CACHED_RUNS = 100;
const CACHED_LINES = 1000;

/** A run, and what the calls of its items are paid from. */
interface PaidRun extends LoadedRun {
  lineFor(model: string, user: string | undefined): Promise<Line>;
}

/** What an attempt needs to know of its run does not change within a round. */
export function cachedRuns(deps: ActivityDeps): (of: RunRef) => Promise<PaidRun> {
  return loadedOnce(
    CACHED_RUNS,
    ({ org, runId, round }) => `${org}:${runId}:${round}`,
    async (of) => {
      const run = await loadRun(deps, of);
      return { ...run, lineFor: cachedLines(deps, run) };
    },
  );
}

/** The price of a model stays for the run what it was at the first call, as far as this process remembers. */
function cachedLines(deps: ActivityDeps, run: LoadedRun): PaidRun['lineFor'] {
  const lineFor = loadedOnce(
    CACHED_LINES,
    ({ model, user }: { model: string; user: string | undefined }) => JSON.stringify([model, user]),
    ({ model, user }) => lineOf(deps, run, model, user),
  );
  return (model, user) => lineFor({ model, user });
}

/** Loads what it is asked for, and keeps it for the next who asks; what has failed is loaded again. */
function loadedOnce<Asked, Value>(
  most: number,
  keyOf: (asked: Asked) => string,
  load: (asked: Asked) => Promise<Value>,
): (asked: Asked) => Promise<Value> {
  const kept = new Map<string, Promise<Value>>();
  return (asked) => {
    const key = keyOf(asked);
    const known = kept.get(key);
    if (known !== undefined) return known;
    const loading = load(asked);
    keepAtMost(most, kept, key, loading);
    loading.catch(() => kept.delete(key));
    return loading;
  };
}
