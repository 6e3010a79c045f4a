import type { Model } from 'mongoose';
import { groupBy } from '../domain/group-by.ts';
import { createBatch } from './batch.ts';
import type { Hold, OpenDraw } from './holds.ts';

interface DrawCall {
  hold: string;
  now: Date;
  open: OpenDraw;
}

interface CloseCall {
  hold: string;
  draw: string;
  /** What goes back: worst − cost; below 0 where the provider billed more than the call's maximum. */
  back: number;
}

type Call = DrawCall | CloseCall;

/** How long a draw that may be closed soon waits for the next draw on its hold, to go with it. */
const SOON_MS = 20;

/**
 * Draws on holds and their settlement: one single-document update each, and one for many that come together,
 * for they mostly come for the same hold.
 */
export function createDraws(model: Model<Hold>) {
  const updates = createUpdates(model);

  /** All of a hold at once where that is possible, else what can be done of it. */
  async function carryOutOn(hold: string, calls: Call[], results: Map<Call, boolean>): Promise<void> {
    const draws = calls.filter((call) => 'open' in call);
    const closes = calls.filter((call) => 'draw' in call);
    const unique = new Set(closes.map(({ draw }) => draw)).size === closes.length;
    const set = (group: Call[], done: boolean) => {
      for (const call of group) results.set(call, done);
    };
    if (draws.length > 0 && closes.length > 0 && unique && (await updates.exchange(hold, closes, draws)))
      return set(calls, true);
    if (closes.length > 0 && unique && (await updates.give(hold, closes))) set(closes, true);
    else for (const call of closes) set([call], await updates.give(hold, [call]));
    if (draws.length > 0 && (await updates.take(hold, draws))) set(draws, true);
    else for (const call of draws) set([call], draws.length > 1 && (await updates.take(hold, [call])));
  }

  const carryOut = createBatch(async (calls: Call[]): Promise<boolean[]> => {
    const results = new Map<Call, boolean>();
    const groups = [...groupBy(calls, ({ hold }) => hold)];
    await Promise.all(groups.map(([hold, group]) => carryOutOn(hold, group, results)));
    return calls.map((call) => results.get(call) === true);
  });

  /** Closings that wait for company, by hold. */
  const waiting = new Map<string, { calls: CloseCall[]; timer: NodeJS.Timeout }>();

  /** What cannot be closed now is found open by whoever releases the hold: its entry is stored. */
  function closeWaiting(hold: string): void {
    const { calls, timer } = waiting.get(hold) ?? { calls: [], timer: undefined };
    waiting.delete(hold);
    clearTimeout(timer);
    for (const call of calls) carryOut(call).catch(() => {});
  }

  return {
    /**
     * Sets the worst case of one call aside, under a fresh id. @returns false where the hold is not open, not
     * valid any more, or has too little left.
     */
    draw(hold: string, open: OpenDraw): Promise<boolean> {
      closeWaiting(hold);
      return carryOut({ hold, open, now: open.at });
    },
    /**
     * Closes a draw whose entry is stored (or that was not billed), also on a closed hold. @returns false
     * where it was closed before.
     */
    closeDraw: (hold: string, draw: string, back: number): Promise<boolean> => carryOut({ hold, draw, back }),
    /**
     * The same with the next draw on the hold, or in a moment: for a draw whose entry is stored, which
     * nobody counts twice, and which whoever releases the hold would close too.
     */
    closeDrawSoon(hold: string, draw: string, back: number): void {
      const group = waiting.get(hold);
      if (group !== undefined) group.calls.push({ hold, draw, back });
      else {
        const timer = setTimeout(closeWaiting, SOON_MS, hold);
        waiting.set(hold, { calls: [{ hold, draw, back }], timer });
      }
    },
  };
}

/** Each is one update of one document, whose guards are what keeps a hold from being overdrawn. */
function createUpdates(model: Model<Hold>) {
  const holds = model.collection;
  const sumOf = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0);
  const idsOf = (calls: DrawCall[]) => calls.map(({ open }) => open.draw);
  const worstOf = (calls: DrawCall[]) => sumOf(calls.map(({ open }) => open.worst));
  const backOf = (calls: CloseCall[]) => sumOf(calls.map(({ back }) => back));
  const valid = (hold: string, draws: DrawCall[]) => {
    // The latest clock of the group: what is valid then was valid for the others too.
    const now = new Date(Math.max(...draws.map((call) => call.now.getTime())));
    return { _id: hold, state: 'open', validUntil: { $gt: now } };
  };

  async function update(filter: object, change: object): Promise<boolean> {
    return (await holds.updateOne(filter as never, change as never)).modifiedCount === 1;
  }

  return {
    /** Takes all of the draws or none. */
    take: (hold: string, draws: DrawCall[]): Promise<boolean> =>
      update(
        { ...valid(hold, draws), left: { $gte: worstOf(draws) }, 'open.draw': { $nin: idsOf(draws) } },
        { $inc: { left: -worstOf(draws) }, $push: { open: { $each: draws.map(({ open }) => open) } } },
      ),
    /** Gives back all of the draws or none. */
    give(hold: string, closes: CloseCall[]): Promise<boolean> {
      const ids = closes.map(({ draw }) => draw);
      return update(
        { _id: hold, 'open.draw': { $all: ids } },
        { $pull: { open: { draw: { $in: ids } } }, $inc: { left: backOf(closes) } },
      );
    },
    /** Gives back the ones and takes the others, all or none. */
    exchange(hold: string, closes: CloseCall[], draws: DrawCall[]): Promise<boolean> {
      const ids = closes.map(({ draw }) => draw);
      const needed = worstOf(draws) - backOf(closes);
      const kept = {
        $filter: {
          input: '$open',
          as: 'each',
          cond: { $not: [{ $in: ['$$each.draw', { $literal: ids }] }] },
        },
      };
      const taken = { $literal: draws.map(({ open }) => open) };
      return update(
        { ...valid(hold, draws), left: { $gte: needed }, 'open.draw': { $all: ids, $nin: idsOf(draws) } },
        [{ $set: { left: { $subtract: ['$left', needed] }, open: { $concatArrays: [kept, taken] } } }],
      );
    },
  };
}
