import type { Line } from './hold-book.ts';
import { type ActivityDeps, type LoadedRun, lineOf, loadRun, type RunRef } from './index.ts';

const CACHED_RUNS = 100;
const CACHED_LINES = 1000;

/** A run, and what the calls of its items are paid from. */
interface PaidRun extends LoadedRun {
  lineFor(model: string, user: string | undefined): Promise<Line>;
}

/** What an attempt needs to know of its run does not change within a round. */
export function cachedRuns(deps: ActivityDeps) {
  const runs = new Map<string, Promise<PaidRun>>();
  return (of: RunRef): Promise<PaidRun> => {
    const key = `${of.org}:${of.runId}:${of.round}`;
    const known = runs.get(key);
    if (known !== undefined) return known;
    const loading = loadRun(deps, of).then((run) => ({ ...run, lineFor: cachedLines(deps, run) }));
    runs.set(key, loading);
    loading.catch(() => runs.delete(key));
    const oldest = runs.keys().next().value;
    if (runs.size > CACHED_RUNS && oldest !== undefined) runs.delete(oldest);
    return loading;
  };
}

/** The price of a model stays for the run what it was at the first call, as far as this process remembers. */
function cachedLines(deps: ActivityDeps, run: LoadedRun): PaidRun['lineFor'] {
  const lines = new Map<string, Promise<Line>>();
  return (model, user) => {
    const key = JSON.stringify([model, user]);
    const known = lines.get(key);
    if (known !== undefined) return known;
    const loading = lineOf(deps, run, model, user);
    lines.set(key, loading);
    loading.catch(() => lines.delete(key));
    const oldest = lines.keys().next().value;
    if (lines.size > CACHED_LINES && oldest !== undefined) lines.delete(oldest);
    return loading;
  };
}
