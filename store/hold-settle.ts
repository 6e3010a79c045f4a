import type { Connection, mongo } from 'mongoose';
import type { Collections } from './collections.ts';
import type { Entry } from './entries.ts';
import type { Hold, OpenDraw } from './holds.ts';
import { isDuplicate } from './model.ts';
import { Leave, transact } from './transaction.ts';

type Parts = Pick<Collections, 'holds' | 'entries' | 'budgetPeriods' | 'auditLog'>;
type HoldRef = Pick<Hold, '_id' | 'org'>;
type DrawRef = Pick<OpenDraw, 'draw' | 'worst'>;

/**
 * What happens to money that was set aside: a draw becomes an entry, or goes back; the rest of a hold goes
 * back to its periods. Each may be repeated after a crash, by anybody.
 */
export function createSettle(connection: Connection, parts: Parts) {
  const { holds, entries } = parts;

  /**
   * Settles one draw at its true cost. The entry's id is the draw's: of a late attempt and its successor one
   * inserts it, and where a worst case was assumed meanwhile, the difference becomes a correction.
   * @param soon the entry is stored when this resolves, and the draw may be closed a moment later.
   */
  async function settle(hold: HoldRef, draw: DrawRef, entry: Entry, soon = false): Promise<void> {
    if (entry.flag === 'assumed' && (await assume(hold, draw, entry))) return;
    const overrun = entry.costNanoUsd > draw.worst && entry.flag === undefined;
    const stored: Entry = overrun ? { ...entry, flag: 'overrun' } : entry;
    const isNew = entry.flag !== 'assumed' && (await entries.insert(stored));
    const known = isNew ? stored : await entries.find(entry.id);
    if (known === undefined) throw new Error(`entry ${entry.id} is there and is not`);
    // Told before the draw is closed: as long as it is open somebody comes back to it.
    const past = [stored, known].find(({ flag }) => flag === 'overrun');
    if (past !== undefined) await tellOverrun(hold, draw, past);
    const back = draw.worst - known.costNanoUsd;
    if (soon && isNew) holds.closeDrawSoon(hold._id, draw.draw, back);
    else await holds.closeDraw(hold._id, draw.draw, back);
    if (known.flag === 'assumed' && entry.flag !== 'assumed') await correct(hold, known, entry);
  }

  /**
   * Counts a call whose cost nobody knows, if its draw is open still: one that was given back meanwhile,
   * because the provider has refused the call, costs nothing.
   * @returns false where the draw has an entry already.
   */
  async function assume(hold: HoldRef, { draw, worst }: DrawRef, entry: Entry): Promise<boolean> {
    try {
      return await transact(connection, async (session) => {
        const closed = await holds.model.collection.updateOne(
          { _id: hold._id, 'open.draw': draw } as never,
          { $pull: { open: { draw } }, $inc: { left: worst - entry.costNanoUsd } } as never,
          { session },
        );
        if (closed.modifiedCount === 0) throw new Leave(true);
        await entries.insertIn(session, entry);
        return true;
      });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      return false;
    }
  }

  /** The ledger keeps what was assumed, and an entry beside it for the difference. */
  async function correct(hold: HoldRef, assumed: Entry, known: Entry): Promise<void> {
    const difference = known.costNanoUsd - assumed.costNanoUsd;
    const entry: Entry = { ...known, id: `${assumed.id}:c`, costNanoUsd: difference, flag: 'correction' };
    try {
      await transact(connection, async (session) => {
        await entries.insertIn(session, entry);
        await holds.model.collection.updateOne(
          { _id: hold._id } as never,
          { $inc: { left: -difference } } as never,
          { session },
        );
      });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
  }

  async function tellOverrun(hold: HoldRef, draw: DrawRef, entry: Entry): Promise<void> {
    const details = { worstNanoUsd: draw.worst, costNanoUsd: entry.costNanoUsd };
    const row = { _id: `${draw.draw}:overrun`, org: hold.org, budget: '', subject: hold._id };
    await parts.auditLog.add([{ ...row, event: 'overrun', by: 'system', details, at: entry.at }]);
  }

  /** Gives what is left back to the periods and closes the hold. @returns how much that was. */
  async function release(hold: HoldRef, at: Date): Promise<number> {
    return transact(connection, async (session) => {
      const before = (await holds.model.collection.findOne({ _id: hold._id, org: hold.org } as never, {
        session,
      })) as unknown as Hold | null;
      if (before === null || (before.state === 'closed' && before.left === 0)) throw new Leave(0);
      await holds.model.collection.updateOne(
        { _id: hold._id } as never,
        { $set: { left: 0, state: 'closed', closedAt: before.closedAt ?? at } },
        { session },
      );
      const periods = parts.budgetPeriods.model.collection;
      const mine = { _id: { $in: before.periods } };
      const back = await periodsBack(session, before);
      if (before.left !== 0 && back.length > 0)
        await periods.updateMany(
          { _id: { $in: back } } as never,
          { $inc: { committed: -before.left, left: before.left } },
          { session },
        );
      // A probe that came to its end without tripping the breaker again closes it.
      await periods.updateMany(
        { ...mine, 'breaker.probe': hold._id, 'breaker.state': 'half_open' } as never,
        { $unset: { breaker: 1 }, $set: { burnSince: at } },
        { session },
      );
      return before.left;
    });
  }

  /** What came from the hold of a batch goes back there while that is open: no change to its periods. */
  async function periodsBack(session: mongo.ClientSession, { pool, left, periods }: Hold): Promise<string[]> {
    if (pool === undefined || left === 0) return periods;
    const filled = (await holds.model.collection.findOneAndUpdate(
      { _id: pool, state: 'open' } as never,
      { $inc: { left } } as never,
      { session },
    )) as unknown as Hold | null;
    return filled === null ? periods : periods.filter((period) => !filled.periods.includes(period));
  }

  return { settle, release };
}
