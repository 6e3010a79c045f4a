import { ENDED_INGESTIONS } from '../domain/jobs/ingestion.ts';
import type { Ingestion } from '../store/ingestions.ts';
import { translating } from './failures.ts';
import type { ActivityDeps } from './index.ts';

/** A request needs a moment from storing a file to starting its workflow: younger ones are left alone. */
const LEAVE_ALONE_MS = 30_000;
/** Of a file of which nothing has come for so long, nothing will. */
const SILENT_MS = 5 * 60_000;
const PER_SWEEP = 500;

/**
 * Brings together what a crash has left apart: a file that has arrived and whose workflow never started is
 * started, one whose workflow was ended from outside has failed, as has one that never arrived whole; what
 * has ended leaves no parts.
 */
export function createSweepIngestions(deps: ActivityDeps) {
  return translating(async (): Promise<void> => {
    const before = new Date(deps.now().getTime() - LEAVE_ALONE_MS);
    for (const resting of await deps.store.ingestions.restingSince(before, PER_SWEEP))
      if (await isOver(deps, resting)) {
        await deps.store.ingestionParts.drop(resting.org, resting.parts);
        await deps.store.ingestions.emptied(resting);
      }
  });
}

async function isOver(deps: ActivityDeps, { state, movedAt, ...of }: Ingestion): Promise<boolean> {
  const { ingestions } = deps.store;
  const fails = async (failure: string) =>
    (await ingestions.end(of, [state], { state: 'failed', failure })) !== undefined;
  if (ENDED_INGESTIONS.includes(state)) return true;
  if (state === 'receiving') {
    if (deps.now().getTime() - movedAt.getTime() < SILENT_MS) return false;
    return fails('the file did not arrive whole: send it again');
  }
  const status = await deps.ingestions.statusOf(of._id);
  if (status === 'missing') await deps.ingestions.start(of.org, of._id);
  return status === 'closed' && fails('its workflow was ended from outside (terminated or timed out)');
}
