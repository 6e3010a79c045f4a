import type { Connection } from 'mongoose';
import type { Budget } from '../domain/budgets/budget.ts';
import { scopeKeyOf } from '../domain/budgets/scope.ts';
import { groupBy } from '../domain/group-by.ts';
import { createBatch } from './batch.ts';
import type { Collections } from './collections.ts';
import { type Acquired, type AcquireRequest, type Claim, holdOf, tightest } from './hold-claims.ts';
import { isDuplicate } from './model.ts';
import { Leave, transact } from './transaction.ts';

/** A request, and the budgets of its organization as they were looked at. */
export interface Seen {
  request: AcquireRequest & { budgetsVersion: number };
  budgets: Budget[];
}

interface Parts extends Pick<Collections, 'budgetPeriods' | 'holds'> {
  claimsOf(request: AcquireRequest, budgets: Budget[]): Promise<Claim[]>;
  /** One request by itself, whatever it needs. */
  take(seen: Seen): Promise<Acquired>;
  inTurn<T>(org: string, work: () => Promise<T>): Promise<T>;
}

/**
 * Carries out what comes together for the same budgets in one transaction, as far as it fits in full: racers
 * for one budget wait for one another's transactions otherwise. What does not fit, and what has a way past a
 * budget or meets a breaker, goes one after another.
 */
export function createAcquireTogether(connection: Connection, parts: Parts) {
  async function takeAll(group: Seen[]): Promise<Map<Seen, Acquired>> {
    const results = new Map<Seen, Acquired>();
    for (let rest = group; rest.length > 0; rest = rest.filter((seen) => !results.has(seen))) {
      const [first] = rest;
      if (first === undefined) break;
      const claims = rest.length > 1 ? await parts.claimsOf(first.request, first.budgets) : [];
      const joined = fitting(rest, claims);
      const granted = joined.length > 1 && (await grantAll(joined, claims));
      for (const [index, seen] of (granted ? joined : [first]).entries()) {
        const hold = granted ? granted[index] : undefined;
        results.set(seen, hold === undefined ? await parts.take(seen) : { granted: hold });
      }
    }
    return results;
  }

  /** @returns the holds, or false where not all could be granted: then none was. */
  async function grantAll(joined: Seen[], claims: Claim[]) {
    const holds = joined.map(({ request }) => holdOf(request, claims, request.amount));
    const sum = holds.reduce((total, { amount }) => total + amount, 0);
    const updates = claims.map(({ period }) => ({
      updateOne: {
        filter: { _id: period._id, left: { $gte: sum }, breaker: { $exists: false } },
        update: { $inc: { committed: sum, left: -sum } },
      },
    }));
    try {
      return await transact(connection, async (session) => {
        const { matchedCount } = await parts.budgetPeriods.model.collection.bulkWrite(updates as never, {
          session,
          ordered: true,
        });
        if (matchedCount < claims.length) throw new Leave(false as const);
        await parts.holds.model.collection.insertMany(holds as never, { session });
        return holds;
      });
    } catch (error) {
      // One of them is there already.
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  return createBatch(async (all: Seen[]): Promise<Acquired[]> => {
    const groups = groupBy(all, ({ request: { org, scope, budgetsVersion } }) =>
      JSON.stringify([org, budgetsVersion, scopeKeyOf(scope)]),
    );
    const done = await Promise.all(
      [...groups.values()].map((group) => parts.inTurn(group[0]?.request.org ?? '', () => takeAll(group))),
    );
    const results = new Map(done.flatMap((each) => [...each]));
    return all.map((seen) => results.get(seen) as Acquired);
  });
}

/** The first ones that are plain, fall under these very periods, and find room together. */
function fitting(group: Seen[], claims: Claim[]): Seen[] {
  const plain = claims.length > 0 && claims.every(({ period, past }) => !past && !period.breaker);
  if (!plain) return [];
  let room = tightest(claims)?.period.left ?? 0;
  const joined: Seen[] = [];
  for (const seen of group) {
    const { cap, bypass, emergency, at, amount } = seen.request;
    const within = claims.every(({ period }) => period.start <= at && at < period.end);
    if (cap !== undefined || bypass !== undefined || emergency !== undefined || !within) break;
    if (amount > room) break;
    room -= amount;
    joined.push(seen);
  }
  return joined;
}
