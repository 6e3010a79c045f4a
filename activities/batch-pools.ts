import { createHash } from 'node:crypto';
import { type Scope, scopeKeyOf } from '../domain/budgets/scope.ts';
import type { AcquireRequest } from '../store/hold-claims.ts';
import type { Hold } from '../store/holds.ts';
import type { Store } from '../store/index.ts';

interface Deps {
  store: Pick<Store, 'holds' | 'acquireFrom' | 'extendFrom' | 'release' | 'organizations'>;
  now(): Date;
}

/** The holds of one owner, a run or a batch, for one scope: each has a number. */
export function lineOf(owner: string, scope: Scope): string {
  return `${owner}:${scopeKeyOf(scope)}`;
}

/** Entries and holds are many: their ids are short. */
export function holdIdOf(owner: string, line: string, number: number): string {
  return `${owner}:${createHash('sha256').update(line).digest('base64url').slice(0, 6)}:${number}`;
}

/**
 * Whether another process's hold can be drawn from; one whose maker died may not know of a changed budget.
 */
export async function isGood({ store, now }: Pick<Deps, 'store' | 'now'>, hold: Hold): Promise<boolean> {
  if (hold.state !== 'open' || hold.validUntil <= now()) return false;
  return hold.budgetsVersion === (await store.organizations.budgetsVersion(hold.org));
}

/** What the runs of a batch have of the batch's holds: one for each scope of their calls. */
export function createBatchPools(deps: Deps) {
  const { store } = deps;
  return {
    /** A run's hold out of its batch's. Undefined where that has too little or budgets have changed. */
    async acquire(batch: string | undefined, request: AcquireRequest): Promise<Hold | undefined> {
      if (batch === undefined || request.bypass !== undefined) return undefined;
      const pool = await store.holds.newest(request.org, lineOf(batch, request.scope));
      if (pool === undefined || pool.state === 'closed') return undefined;
      if (await isGood(deps, pool)) return store.acquireFrom(pool._id, request);
      await store.release(pool, deps.now());
      return undefined;
    },
    /** More for a run's hold. Resolves to whether there is. */
    extend: (hold: Hold, by: { amount: number; least: number }): Promise<boolean> =>
      store.extendFrom(hold, by, deps.now()),
    /**
     * A run must not wait for money that its own batch holds: gives back what the batch keeps of a period.
     * Resolves to whether it was something.
     */
    async free(org: string, batch: string | undefined, period: string): Promise<boolean> {
      if (batch === undefined) return false;
      const pools = await store.holds.unsettledOf(org, batch);
      const keeping = pools.filter(({ left, periods }) => left > 0 && periods.includes(period));
      for (const pool of keeping) await store.release(pool, deps.now());
      return keeping.length > 0;
    },
  };
}
