import type { Connection, mongo } from 'mongoose';
import type { Collections } from './collections.ts';
import type { AcquireRequest } from './hold-claims.ts';
import type { Hold } from './holds.ts';
import { isDuplicate } from './model.ts';
import { createQueue, Leave, transact } from './transaction.ts';

type Parts = Pick<Collections, 'holds' | 'budgetPeriods' | 'organizations'>;

/** How often somebody else may be faster with what was seen in a pool. */
const MAX_RACES = 30;

/**
 * A batch's hold is a pool that its runs' holds are filled from: money moves from one to the other in one
 * transaction, so that what its budget periods have committed stays as it was. It goes back to the pool when
 * a run's hold is released (`hold-settle.ts`).
 */
export function createPools(connection: Connection, parts: Parts) {
  const { holds, budgetPeriods, organizations } = parts;
  /** Those of one process go one after another: they would only be in each other's way. */
  const inTurn = createQueue();

  async function takeFrom(session: mongo.ClientSession, pool: string, amount: number, at: Date) {
    const filter = { _id: pool, state: 'open', validUntil: { $gt: at }, left: { $gte: amount } };
    const change = { $inc: { left: -amount } };
    const taken = await holds.model.collection.updateOne(filter as never, change as never, { session });
    if (taken.modifiedCount === 0) throw new Leave(undefined);
  }

  /** A run's own limit is no period of the pool. */
  async function takeFromCap(session: mongo.ClientSession, cap: string | undefined, amount: number) {
    if (cap === undefined) return;
    const filter = { _id: cap, left: { $gte: amount } };
    const change = { $inc: { committed: amount, left: -amount } };
    const { modifiedCount } = await budgetPeriods.model.collection.updateOne(filter as never, change, {
      session,
    });
    if (modifiedCount === 0) throw new Leave(undefined);
  }

  async function roomIn(pool: Hold, cap: string | undefined): Promise<number> {
    if (cap === undefined) return pool.left;
    const [period] = await budgetPeriods.findMany([cap]);
    return Math.min(pool.left, period?.left ?? 0);
  }

  async function grant(pool: Hold, request: AcquireRequest, amount: number): Promise<Hold | undefined> {
    const { id, org, owner, scope, line, number, price, cap, at } = request;
    const hold: Hold = {
      ...{ _id: id, org, owner, scope, line, number, amount, left: amount, open: [], state: 'open' },
      periods: [...pool.periods, ...(cap === undefined ? [] : [cap])],
      ...{
        pool: pool._id,
        budgetsVersion: pool.budgetsVersion,
        validUntil: pool.validUntil,
        past: pool.past,
      },
      ...(price && { price }),
      createdAt: at,
    };
    try {
      return await transact<Hold | undefined>(connection, async (session) => {
        await takeFrom(session, pool._id, amount, at);
        await takeFromCap(session, cap, amount);
        await holds.model.collection.insertOne(hold as never, { session });
        return hold;
      });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      return holds.find(org, id);
    }
  }

  async function acquireNow(poolId: string, request: AcquireRequest): Promise<Hold | undefined> {
    for (let race = 0; race < MAX_RACES; race += 1) {
      const pool = await holds.find(request.org, poolId);
      if (pool?.state !== 'open' || pool.validUntil <= request.at) return undefined;
      const amount = Math.min(request.amount, await roomIn(pool, request.cap));
      if (amount < request.least) return undefined;
      const hold = await grant(pool, request, amount);
      if (hold === undefined) continue;
      // A budget that changed between the look and the commit may concern the hold: it is acquired anew.
      if ((await organizations.budgetsVersion(request.org)) === pool.budgetsVersion) return hold;
      const open = { _id: hold._id, state: 'open' };
      await holds.model.collection.updateOne(open as never, { $set: { state: 'stale' } });
      return { ...hold, state: 'stale' };
    }
    return undefined;
  }

  async function extendNow(
    poolId: string,
    hold: Hold,
    by: { amount: number; least: number },
    at: Date,
  ): Promise<boolean> {
    const cap = hold.periods.find((period) => period.startsWith('cap:'));
    for (let race = 0; race < MAX_RACES; race += 1) {
      const [pool, now] = await Promise.all([poolId, hold._id].map((id) => holds.find(hold.org, id)));
      if (now?.amount !== hold.amount) return true;
      if (pool?.state !== 'open') return false;
      // The others are to have something as well.
      const wanted = Math.min(by.amount, Math.max(by.least, Math.ceil(pool.left / 10)));
      const amount = Math.min(wanted, await roomIn(pool, cap));
      if (amount < by.least) return false;
      const result = await transact<'extended' | 'raced' | undefined>(connection, async (session) => {
        const grown = await holds.model.collection.updateOne(
          { _id: hold._id, state: 'open', amount: hold.amount, validUntil: { $gt: at } } as never,
          { $inc: { amount, left: amount } } as never,
          { session },
        );
        if (grown.modifiedCount === 0) throw new Leave('raced');
        await takeFrom(session, poolId, amount, at);
        await takeFromCap(session, cap, amount);
        return 'extended';
      });
      if (result !== undefined) return true;
    }
    return false;
  }

  return {
    /**
     * Makes a run's hold out of its batch's, of what is left there, but at least of `least`. Undefined where
     * the pool has less, or is not open.
     */
    acquireFrom: (poolId: string, request: AcquireRequest): Promise<Hold | undefined> =>
      inTurn(poolId, () => acquireNow(poolId, request)),
    /**
     * Takes more for a run's hold out of its pool. Of many racers that have read the same `amount` one wins.
     * True: there is more now, by this call or by another's. False: the pool has too little, perhaps because
     * another was faster, which the caller finds out when it takes more from the budgets.
     */
    async extendFrom(hold: Hold, by: { amount: number; least: number }, at: Date): Promise<boolean> {
      const { pool } = hold;
      return pool !== undefined && inTurn(pool, () => extendNow(pool, hold, by, at));
    },
  };
}
