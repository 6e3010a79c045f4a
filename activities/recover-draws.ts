import type { Entry } from '../store/entries.ts';
import type { GenerationLog } from '../store/generation-logs.ts';
import type { Hold, OpenDraw } from '../store/holds.ts';
import type { ActivityDeps } from './index.ts';
import type { Known } from './settlements.ts';

/**
 * Settles the calls that a run, or one of its items, has left open because a process died during them: at
 * what is known of them, else at their worst case, marked as assumed. To be called while nothing of it is
 * under way.
 */
export async function recoverDraws(
  deps: ActivityDeps,
  of: { org: string; run: string; seq?: number },
): Promise<void> {
  const { store } = deps;
  const holds = await store.holds.unsettledOf(of.org, of.run);
  for (const hold of holds) {
    const open = hold.open.filter(({ seq }) => of.seq === undefined || seq === of.seq);
    for (const draw of open)
      await deps.settlements.settle(hold, draw, await whatIsKnown(deps, of, hold, draw));
    // What a settlement after the end of a hold has freed goes back at once.
    if (open.length > 0 && hold.state === 'closed') await store.release(hold, deps.now());
  }
}

async function whatIsKnown(
  deps: ActivityDeps,
  of: { org: string; run: string },
  hold: Hold,
  draw: OpenDraw,
): Promise<Known> {
  const known = deps.settlements.known(draw.draw) ?? (await deps.store.entries.find(draw.draw));
  if (known !== undefined) return known;
  const logs = await deps.store.generationLogs.ofItem(of.org, of.run, draw.seq);
  const log = logs.find((each) => each.draw?.id === draw.draw);
  return entryOf(deps, hold, draw, log?.draw);
}

async function entryOf(
  deps: ActivityDeps,
  hold: Hold,
  { draw, step, worst, at }: OpenDraw,
  stored: GenerationLog['draw'],
): Promise<Entry> {
  const day = await deps.dayOf(hold.org, at);
  const facts = { id: draw, org: hold.org, hold: hold._id, step, at, day };
  if (stored === undefined) return { ...facts, costNanoUsd: worst, flag: 'assumed' };
  return { ...facts, costNanoUsd: stored.costNanoUsd, usage: stored.usage };
}
