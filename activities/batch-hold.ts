import { DEFAULT_PRIORITY } from '../domain/budgets/budget.ts';
import { groupBy } from '../domain/group-by.ts';
import type { Batch } from '../store/batches.ts';
import type { Denial } from '../store/hold-claims.ts';
import type { Run } from '../store/run-record.ts';
import { holdIdOf, isGood, lineOf } from './batch-pools.ts';
import { type ActivityDeps, lineOf as callsOf, loadRun } from './index.ts';

/** How often the holds of a batch may change under it before something must be wrong. */
const MAX_CHANGES = 100;

type Pool = { line: string; scope: Awaited<ReturnType<typeof callsOf>>['scope']; amount: number };

/**
 * The money of a whole batch, taken before its first run starts: for each scope that its runs' calls have, a
 * hold of all that they will probably cost. Runs fill their own holds from it (`batch-pools.ts`).
 */
export function createBatchHold(deps: ActivityDeps) {
  const { store } = deps;

  /** The p90 of the runs that have not begun, by the scope of their calls. */
  async function poolsFor(batch: Batch, parked: Run[]): Promise<Pool[]> {
    const asked = parked.filter(({ options }) => options.emergencyReason === undefined);
    const priced = await Promise.all(
      asked.map(async (run) => {
        const { scope } = await callsOf(
          deps,
          await loadRun(deps, { org: run.org, runId: run._id }),
          run.options.model,
        );
        const amount = Math.min(
          run.estimate?.costNanoUsd.p90 ?? 0,
          run.capNanoUsd ?? Number.MAX_SAFE_INTEGER,
        );
        return { line: lineOf(batch._id, scope), scope, amount };
      }),
    );
    return [...groupBy(priced, ({ line }) => line).values()].flatMap((group) => {
      const amount = group.reduce((sum, each) => sum + each.amount, 0);
      const [first] = group;
      return first === undefined || amount === 0 ? [] : [{ ...first, amount }];
    });
  }

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

  return {
    async release(batch: Batch): Promise<void> {
      if ((await giveBack(batch)) > 0) await deps.starter.wake(batch.org);
    },
    /**
     * All of the money or none. Resolves to the budget that says no: then the batch keeps nothing.
     */
    async take(batch: Batch, parked: Run[]): Promise<Denial | undefined> {
      const whole = batch.held !== batch.estimate?.hash;
      for (const pool of await poolsFor(batch, parked)) {
        const denied = await take(batch, pool, whole);
        if (denied === undefined) continue;
        // Told to nobody: two that each get a part would wake each other without end.
        await giveBack(batch);
        return denied;
      }
      if (whole && batch.estimate !== undefined)
        await store.batches.note(batch.org, batch._id, { held: batch.estimate.hash });
      return undefined;
    },
  };
}
