import { DEFAULT_PRIORITY } from '../domain/budgets/budget.ts';
import type { Scope } from '../domain/budgets/scope.ts';
import { groupBy } from '../domain/group-by.ts';
import type { Batch } from '../store/batches.ts';
import type { Denial } from '../store/hold-claims.ts';
import type { Run } from '../store/run-record.ts';
import { holdIdOf, isGood, lineOf } from './batch-pools.ts';
import { type ActivityDeps, callScope } from './index.ts';

/** How often the holds of a batch may change under it before something must be wrong. */
const MAX_CHANGES = 100;

interface Pool {
  line: string;
  scope: Scope;
  amount: number;
}

/** What a batch's money is reckoned from. */
type Parked = Pick<Run, 'kind' | 'scope' | 'options' | 'estimate' | 'capNanoUsd'>;

/** The p90 of runs that have not begun, by the scope of their calls. */
function poolsFor(batch: string, parked: Parked[]): Pool[] {
  // Who may pass budgets takes money by itself, so that it does.
  const asked = parked.filter(({ options }) => options.emergencyReason === undefined);
  const priced = asked.map(({ kind, scope: own, options, estimate, capNanoUsd }) => {
    const scope = callScope({ ...own, kind }, options.model);
    const amount = Math.min(estimate?.costNanoUsd.p90 ?? 0, capNanoUsd ?? Number.MAX_SAFE_INTEGER);
    return { line: lineOf(batch, scope), scope, amount };
  });
  return [...groupBy(priced, ({ line }) => line).values()].flatMap((group) => {
    const amount = group.reduce((sum, each) => sum + each.amount, 0);
    const [first] = group;
    return first === undefined || amount === 0 ? [] : [{ ...first, amount }];
  });
}

/**
 * The money of a whole batch, taken before its first run starts: for each scope that its runs' calls have, a
 * hold of all that they will probably cost. Runs fill their own holds from it (`batch-pools.ts`).
 */
export function createBatchHold(deps: ActivityDeps) {
  const { store } = deps;

  /** @param whole also what was added to the batch since is to be in it. */
  async function take(
    batch: Batch,
    { line, scope, amount }: Pool,
    whole: boolean,
  ): Promise<Denial | undefined> {
    const { org } = batch;
    for (let turn = 0; turn < MAX_CHANGES; turn += 1) {
      const newest = await store.holds.newest(org, line);
      if (newest !== undefined && (await isGood(deps, newest))) {
        const missing = amount - newest.left;
        if (!whole || missing <= 0) return undefined;
        const result = await store.extend(newest, { amount: missing, least: missing }, deps.now());
        if (typeof result !== 'string') return result.denied;
        continue;
      }
      if (newest !== undefined) await store.release(newest, deps.now());
      const number = (newest?.number ?? 0) + 1;
      const result = await store.acquire({
        ...{ org, id: holdIdOf(batch._id, line, number), owner: batch._id, scope, line, number },
        ...{ amount, least: amount, priority: DEFAULT_PRIORITY, at: deps.now() },
      });
      if ('denied' in result) return result.denied;
    }
    throw new Error(`the holds of ${line} change without end`);
  }

  /** Gives back what the batch's holds keep; those of its runs are theirs. Resolves to how much that was. */
  async function giveBack({ org, _id }: Pick<Batch, 'org' | '_id'>): Promise<number> {
    let freed = 0;
    for (const hold of await store.holds.unsettledOf(org, _id))
      freed += await store.release(hold, deps.now());
    return freed;
  }

  async function areGood({ org }: Batch, pools: Pool[]): Promise<boolean> {
    for (const { line } of pools) {
      const newest = await store.holds.newest(org, line);
      if (newest === undefined || !(await isGood(deps, newest))) return false;
    }
    return true;
  }

  return {
    async release(batch: Batch): Promise<void> {
      if ((await giveBack(batch)) > 0) await deps.starter.wake(batch.org);
    },
    /**
     * All of the money or none: before the first runs start, and again where what they would take theirs from
     * is not good any more. Resolves to the budget that says no: then the batch keeps nothing.
     */
    async take(batch: Batch, next: Run[]): Promise<Denial | undefined> {
      const { org, _id, estimate } = batch;
      const whole = batch.held !== estimate?.hash;
      if (!whole && (await areGood(batch, poolsFor(_id, next)))) return undefined;
      for (const pool of poolsFor(_id, await store.runs.moneyOfParked(org, _id))) {
        const denied = await take(batch, pool, whole);
        if (denied === undefined) continue;
        // Told to nobody: two that each get a part would wake each other without end.
        await giveBack(batch);
        return denied;
      }
      if (whole && estimate !== undefined) await store.batches.note(org, _id, { held: estimate.hash });
      return undefined;
    },
  };
}
