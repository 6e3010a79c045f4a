import type { Model } from 'mongoose';
import { createBatch } from './batch.ts';
import type { Hold, OpenDraw } from './holds.ts';

interface DrawCall {
  hold: string;
  now: Date;
  open: OpenDraw;
}

interface SettleCall {
  hold: string;
  draw: string;
  /** What goes back: worst − cost; below 0 where the provider billed more than the call's maximum. */
  back: number;
}

/**
 * Draws on holds and their settlement: one single-document update each, and one for many that come together,
 * for they mostly come for the same hold.
 */
export function createDraws(model: Model<Hold>) {
  const holds = model.collection;

  /** Takes all of the draws or none. The guards are what keeps a hold from being overdrawn. */
  async function take(hold: string, draws: OpenDraw[], now: Date): Promise<boolean> {
    const worst = draws.reduce((sum, draw) => sum + draw.worst, 0);
    const result = await holds.updateOne(
      {
        _id: hold,
        state: 'open',
        validUntil: { $gt: now },
        left: { $gte: worst },
        'open.draw': { $nin: draws.map(({ draw }) => draw) },
      } as never,
      { $inc: { left: -worst }, $push: { open: { $each: draws } } } as never,
    );
    return result.modifiedCount === 1;
  }

  async function takeMany(calls: DrawCall[]): Promise<boolean[]> {
    const results = new Map<DrawCall, boolean>();
    await Promise.all(
      [...groupBy(calls, ({ hold }) => hold)].map(async ([hold, group]) => {
        // The latest clock of the group: what is valid then was valid for the others too.
        const now = new Date(Math.max(...group.map((call) => call.now.getTime())));
        const draws = group.map(({ open }) => open);
        const all = await take(hold, draws, now);
        for (const call of group)
          results.set(call, all || (group.length > 1 && (await take(hold, [call.open], call.now))));
      }),
    );
    return calls.map((call) => results.get(call) === true);
  }

  /** Gives back all of the draws or none. */
  async function give(hold: string, calls: SettleCall[]): Promise<boolean> {
    const draws = calls.map(({ draw }) => draw);
    const back = calls.reduce((sum, call) => sum + call.back, 0);
    const result = await holds.updateOne(
      { _id: hold, 'open.draw': { $all: draws } } as never,
      { $pull: { open: { draw: { $in: draws } } }, $inc: { left: back } } as never,
    );
    return result.modifiedCount === 1;
  }

  async function giveMany(calls: SettleCall[]): Promise<boolean[]> {
    const results = new Map<SettleCall, boolean>();
    await Promise.all(
      [...groupBy(calls, ({ hold }) => hold)].map(async ([hold, group]) => {
        const unique = [...new Map(group.map((call) => [call.draw, call])).values()];
        const all = unique.length === group.length && (await give(hold, group));
        for (const call of group) results.set(call, all || (group.length > 1 && (await give(hold, [call]))));
      }),
    );
    return calls.map((call) => results.get(call) === true);
  }

  const drawn = createBatch(takeMany);
  const given = createBatch(giveMany);
  return {
    /**
     * Sets the worst case of one call aside, under a fresh id. @returns false where the hold is not open, not
     * valid any more, or has too little left.
     */
    draw: (hold: string, open: OpenDraw): Promise<boolean> => drawn({ hold, open, now: open.at }),
    /**
     * Closes a draw whose entry is stored (or that was not billed), also on a closed hold. @returns false
     * where it was closed before.
     */
    closeDraw: (hold: string, draw: string, back: number): Promise<boolean> => given({ hold, draw, back }),
  };
}

function groupBy<T>(values: T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return groups;
}
