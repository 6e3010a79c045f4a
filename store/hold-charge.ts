import type { Connection, mongo } from 'mongoose';
import type { Usage } from '../domain/money.ts';
import type { Collections } from './collections.ts';
import type { Entry } from './entries.ts';
import type { Hold } from './holds.ts';
import { isDuplicate } from './model.ts';
import { createQueue, Leave, transact } from './transaction.ts';

type Parts = Pick<Collections, 'holds' | 'entries' | 'budgetPeriods' | 'auditLog'> & {
  dayOf(org: string, at: Date): Promise<string>;
};
type HoldRef = Pick<Hold, '_id' | 'org'>;

/** A cost that has arisen elsewhere, under a hold that was asked for before. */
export interface Charge {
  /** Of the entry, made by the caller: the same id again is the same cost. */
  id: string;
  costNanoUsd: number;
  usage?: Usage;
  step?: string;
  /** Who brings it; an API key's id. */
  by: string;
  at: Date;
}

export interface Charged {
  hold: Hold;
  entry: Entry;
  /** False: an entry of this id was there, and nothing has changed. */
  isNew: boolean;
}

/**
 * Settles costs whose amount is known from the start. Between drawing and settling there is nothing to wait
 * for, so both are one transaction: no process can die in between and leave money set aside that nobody
 * settles.
 */
export function createCharge(connection: Connection, parts: Parts) {
  const { holds, entries } = parts;
  // Charges of one hold would only disturb each other's transactions.
  const inTurn = createQueue();

  /**
   * Takes a cost out of what a hold has left and makes its entry, whatever the hold's state: the cost has
   * happened. What the hold does not have is taken from its periods, past their limits, and told as an
   * overrun.
   * @returns undefined where there is no such hold.
   */
  async function charge(ref: HoldRef, cost: Charge): Promise<Charged | undefined> {
    const day = await parts.dayOf(ref.org, cost.at);
    const { by: _by, ...facts } = cost;
    const entry: Entry = { ...facts, org: ref.org, hold: ref._id, day };
    try {
      return await transact(connection, (session) => write(session, ref, cost, entry));
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      const [hold, known] = await Promise.all([holds.find(ref.org, ref._id), entries.find(cost.id)]);
      if (hold === undefined || known === undefined) throw error;
      return { hold, entry: known, isNew: false };
    }
  }

  async function write(
    session: mongo.ClientSession,
    { _id, org }: HoldRef,
    cost: Charge,
    entry: Entry,
  ): Promise<Charged> {
    const found = await holds.model.collection.findOne({ _id, org } as never, { session });
    if (found === null) throw new Leave(undefined);
    const hold = found as unknown as Hold;
    const missing = Math.max(0, cost.costNanoUsd - hold.left);
    const stored: Entry = missing > 0 ? { ...entry, flag: 'overrun' } : entry;
    await entries.insertIn(session, stored);
    const less = cost.costNanoUsd - missing;
    await holds.model.collection.updateOne({ _id } as never, { $inc: { left: -less } } as never, { session });
    if (missing > 0) await overrun(session, hold, cost, missing);
    return { hold: { ...hold, left: hold.left - less }, entry: stored, isNew: true };
  }

  async function overrun(session: mongo.ClientSession, hold: Hold, cost: Charge, missing: number) {
    await parts.budgetPeriods.model.collection.updateMany(
      { _id: { $in: hold.periods } } as never,
      { $inc: { committed: missing, left: -missing } } as never,
      { session },
    );
    await parts.auditLog.addIn(session, {
      _id: `${cost.id}:overrun`,
      org: hold.org,
      budget: '',
      subject: hold._id,
      event: 'overrun',
      by: cost.by,
      details: { costNanoUsd: cost.costNanoUsd, beyondNanoUsd: missing },
      at: cost.at,
    });
  }

  return (hold: HoldRef, cost: Charge): Promise<Charged | undefined> =>
    inTurn(hold._id, () => charge(hold, cost));
}
