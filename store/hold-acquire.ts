import type { Connection, mongo } from 'mongoose';
import type { Budget } from '../domain/budgets/budget.ts';
import { matchesScope } from '../domain/budgets/scope.ts';
import { createAcquireTogether } from './acquire-together.ts';
import type { Collections } from './collections.ts';
import {
  type Acquired,
  type AcquireRequest,
  breakerGuard,
  type Claim,
  type Denial,
  denialOf,
  holdOf,
  offerOf,
  pastOf,
  tightest,
} from './hold-claims.ts';
import type { Hold } from './holds.ts';
import { isDuplicate } from './model.ts';
import { createQueue, Leave, transact } from './transaction.ts';

type Parts = Pick<Collections, 'budgets' | 'budgetPeriods' | 'holds' | 'organizations' | 'auditLog'> & {
  /** @returns whether a period that blocks may go on from now on for a while. */
  startGrace(budget: Budget, period: string, at: Date): Promise<boolean>;
};

/** How often somebody else may be faster with the rest that was seen. */
const MAX_RACES = 30;
/** A probe of a half-open breaker is given up after this time. */
const PROBE_LEASE_MS = 60_000;

/**
 * Takes money out of every budget period that a scope falls under and makes a hold of it, in one transaction,
 * or does nothing. Requests of one organization go one after another within the process, or together.
 */
export function createAcquire(connection: Connection, parts: Parts) {
  const inTurn = createQueue();
  const budgetsOf = cachedBudgets(parts);
  const together = createAcquireTogether(connection, {
    ...parts,
    claimsOf,
    take: ({ request, budgets }) => take(request, budgets),
    inTurn,
  });

  async function acquire(request: AcquireRequest): Promise<Acquired> {
    const { org } = request;
    const version = await parts.organizations.budgetsVersion(org);
    const budgets = await budgetsOf(org, version);
    const result = await together({ request: { ...request, budgetsVersion: version }, budgets });
    if ('granted' in result) await settleVersion(org, version, result.granted);
    return result;
  }

  async function take(request: Versioned, budgets: Budget[]): Promise<Acquired> {
    for (let race = 0; ; race += 1) {
      const claims = await claimsOf(request, budgets);
      const offer = offerOf(request, claims);
      if ('denied' in offer) {
        if (await graceBegins(claims, offer.denied, request.at)) continue;
        // What is missing may be what the hold of this id has taken itself.
        const taken = await parts.holds.find(request.org, request.id);
        return taken === undefined ? offer : { taken };
      }
      const result = await grant(request, claims, offer.amount);
      if (result === undefined && race < MAX_RACES) continue;
      return result ?? { denied: denialOf(request, tightest(claims), 'budget') };
    }
  }

  async function graceBegins(claims: Claim[], { reason, period }: Denial, at: Date): Promise<boolean> {
    const claim = claims.find((each) => each.period._id === period);
    if (reason !== 'budget' || claim?.budget === undefined || claim.period.graceUntil !== undefined)
      return false;
    return parts.startGrace(claim.budget, period, at);
  }

  async function claimsOf(request: AcquireRequest, budgets: Budget[]): Promise<Claim[]> {
    const ids = new Map<string, Budget | undefined>();
    for (const budget of budgets) {
      if (!matchesScope(budget.scope, request.scope)) continue;
      if (budget.per === 'user' && request.scope.user === undefined) continue;
      const user = budget.per === 'user' ? request.scope.user : undefined;
      const period = await parts.budgetPeriods.at(budget, user, request.at);
      if (period === undefined) continue;
      ids.set(period.id, budget);
    }
    if (request.cap !== undefined) ids.set(request.cap, undefined);
    const periods = await parts.budgetPeriods.findMany([...ids.keys()]);
    if (periods.length < ids.size) throw new Error(`a period of ${[...ids.keys()]} is not there`);
    return periods
      .sort(byId)
      .map((period) => ({ period, budget: ids.get(period._id), past: pastOf(request, ids.get(period._id)) }));
  }

  /** @returns undefined where somebody was faster: look again. */
  async function grant(request: Versioned, claims: Claim[], amount: number): Promise<Acquired | undefined> {
    const hold = holdOf(request, claims, amount);
    try {
      return await transact(connection, async (session) => {
        if (claims.length > 0 && !(await takeFrom(session, claims, hold))) throw new Leave(undefined);
        await parts.holds.model.collection.insertOne(hold as never, { session });
        await tellPast(session, request, hold);
        return { granted: hold };
      });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      const taken = await parts.holds.find(request.org, request.id);
      if (taken === undefined) throw error;
      return { taken };
    }
  }

  async function takeFrom(session: mongo.ClientSession, claims: Claim[], hold: Hold): Promise<boolean> {
    const { amount, createdAt: at } = hold;
    const updates = claims.map(({ period, past }) => ({
      updateOne: {
        filter: {
          _id: period._id,
          ...(past === undefined && { left: { $gte: amount } }),
          ...(past === undefined && breakerGuard(period)),
        },
        update: {
          $inc: { committed: amount, left: -amount },
          ...(past === undefined &&
            period.breaker !== undefined && {
              $set: {
                'breaker.state': 'half_open',
                'breaker.probe': hold._id,
                'breaker.leaseUntil': new Date(at.getTime() + PROBE_LEASE_MS),
              },
            }),
        },
      },
    }));
    // Those that passed their guards: an amount of nothing, as calls without a price have, changes none.
    const { matchedCount } = await parts.budgetPeriods.model.collection.bulkWrite(updates as never, {
      session,
      ordered: true,
    });
    return matchedCount === claims.length;
  }

  async function tellPast(session: mongo.ClientSession, request: AcquireRequest, hold: Hold): Promise<void> {
    const told = hold.past.filter(({ way }) => way === 'emergency' || way === 'bypass');
    if (told.length === 0) return;
    const rows = told.map(({ way, budget, reason }) => {
      const _id = `${hold._id}:${budget}:${way}`;
      const facts = {
        org: hold.org,
        budget,
        subject: hold._id,
        by: request.createdBy ?? request.owner,
        reason,
        at: request.at,
      };
      const event = way === 'bypass' ? 'bypassed' : 'emergency';
      return {
        _id,
        ...facts,
        event,
        details: { amountNanoUsd: hold.amount },
        position: positionOf(request.at, _id),
      };
    });
    await parts.auditLog.model.collection.insertMany(rows as never, { session });
  }

  /** A budget that changed between the look and the commit may concern the hold: it is acquired anew. */
  async function settleVersion(org: string, version: number, hold: Hold): Promise<void> {
    if ((await parts.organizations.budgetsVersion(org)) === version) return;
    await parts.holds.model.collection.updateOne({ _id: hold._id, state: 'open' } as never, {
      $set: { state: 'stale' },
    });
    hold.state = 'stale';
  }

  /**
   * Takes more for an open hold. Of many racers that have read the same `amount` one wins.
   * @returns whether there is more now, by this call or by another's.
   */
  async function extend(hold: Hold, by: { amount: number; least: number }, at: Date) {
    return inTurn(hold.org, () => extendNow(hold, by, at));
  }

  async function extendNow(hold: Hold, by: { amount: number; least: number }, at: Date): Promise<Extended> {
    for (let race = 0; ; race += 1) {
      const ways = new Map(hold.past.map((past) => [past.budget, past]));
      const periods = (await parts.budgetPeriods.findMany(hold.periods)).sort(byId);
      const claims = periods.map((period) => ({ period, budget: undefined, past: ways.get(period.budget) }));
      const guarded = claims.filter(({ past }) => past === undefined);
      const shut = guarded.find(({ period }) => period.breaker !== undefined);
      if (shut !== undefined) return { denied: await named(shut, by.least, 'circuit_open') };
      const rest = Math.min(by.amount, ...guarded.map(({ period }) => period.left));
      const narrow = tightest(guarded);
      if (narrow !== undefined && (rest < by.least || race > MAX_RACES))
        return { denied: await named(narrow, by.least, 'budget') };
      const result = await transact<Extended | undefined>(connection, async (session) => {
        const grown = await parts.holds.model.collection.updateOne(
          { _id: hold._id, state: 'open', amount: hold.amount, validUntil: { $gt: at } } as never,
          { $inc: { amount: rest, left: rest } } as never,
          { session },
        );
        if (grown.modifiedCount === 0) throw new Leave('raced');
        const taken = { ...hold, amount: rest, createdAt: at };
        if (claims.length > 0 && !(await takeFrom(session, claims, taken))) throw new Leave(undefined);
        return 'extended';
      });
      if (result !== undefined) return result;
    }
  }

  async function named(claim: Claim, least: number, reason: Denial['reason']): Promise<Denial> {
    const [budget] = await parts.budgets.findMany([claim.period.budget]);
    return denialOf({ least }, { ...claim, budget }, reason);
  }

  return {
    /** @returns the hold, the one that has its id already, or the budget that says no. */
    acquire,
    extend,
  };
}

type Versioned = AcquireRequest & { budgetsVersion: number };
type Extended = 'extended' | 'raced' | { denied: Denial };

/** A fixed order, so that no two transactions wait for each other. */
function byId(a: { _id: string }, b: { _id: string }): number {
  return a._id < b._id ? -1 : 1;
}

function positionOf(at: Date, id: string): string {
  return `${at.toISOString()}:${id}`;
}

/** The budgets of an organization do not change without its version. */
function cachedBudgets(parts: Parts) {
  const known = new Map<string, { version: number; budgets: Budget[] }>();
  return async (org: string, version: number): Promise<Budget[]> => {
    const before = known.get(org);
    if (before?.version === version) return before.budgets;
    const budgets = await parts.budgets.active(org);
    known.set(org, { version, budgets });
    return budgets;
  };
}
