import { MEMORIES_AT_ONCE } from '../domain/memory.ts';
import type { Principal } from '../domain/principal.ts';
import { DEFAULT_MAX_RETRIES, isEnded } from '../domain/run.ts';
import { runIdFrom } from '../kinds/run-id.ts';
import type { Run } from '../store/run-record.ts';
import { STANDING_KIND } from '../workflows/messages.ts';
import type { ApiDeps } from './deps.ts';
import { startSoon } from './new-run.ts';

/** The id of an organization's standing run. */
export function standingRunId(deps: Pick<ApiDeps, 'taskQueue'>, org: string): string {
  return runIdFrom(deps, org, STANDING_KIND);
}

/** Messages that are on their way, by organization: many memories at once need one. */
const waking = new Set<string>();
const WAKE_APART_MS = 200;

/**
 * Sees to it that somebody takes the memories of an organization: its standing run is made with the first
 * memory, and told when there are more. What gets lost costs some minutes.
 */
export function wakeStandingRun(deps: ApiDeps, principal: Principal): void {
  const { org } = principal;
  if (!deps.standing.enabled || waking.has(org)) return;
  waking.add(org);
  setTimeout(() => {
    waking.delete(org);
    wake(deps, principal).catch((error: unknown) => {
      deps.logger.warn({ err: error, org }, 'memories will be taken a little later');
    });
  }, WAKE_APART_MS).unref();
}

async function wake(deps: ApiDeps, principal: Principal): Promise<void> {
  const run = await ensure(deps, principal);
  await startSoon(deps, run);
  await deps.workflows.signal(run._id, 'wake');
}

async function ensure(deps: ApiDeps, { org, id }: Principal): Promise<Run> {
  const _id = standingRunId(deps, org);
  const known = await deps.store.runs.find(org, _id);
  if (known === undefined) {
    const options = {
      concurrency: MEMORIES_AT_ONCE,
      maxRetries: DEFAULT_MAX_RETRIES,
      skipExisting: false,
      regenerateAll: false,
      model: deps.defaultModel,
    };
    const facts = { org, kind: STANDING_KIND, input: {}, options, requestHash: STANDING_KIND };
    return (await deps.store.runs.create({ _id, ...facts, triggeredBy: { id } })).run;
  }
  if (!isEnded(known.state)) return known;
  // Somebody has ended its workflow from outside: another round goes on where it was.
  return (await deps.store.runs.openRound(org, _id, known.round)) ?? known;
}
