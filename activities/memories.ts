import { MEMORIES_AT_ONCE, type TakenOutcome } from '../domain/memory.ts';
import type { ItemResult } from '../workflows/messages.ts';
import { translating } from './failures.ts';
import type { ActivityDeps, RunRef } from './index.ts';

/** What the standing run of memories does between its items. All can be repeated. */
export function createMemories(deps: ActivityDeps) {
  const { memories, runItems, budgets } = deps.store;

  /** An item for each memory, the same one whenever it is taken. */
  async function itemOf({ org, runId }: RunRef, memory: { id: string; user: string; seq?: number }) {
    if (memory.seq !== undefined) return memory.seq;
    const item = { key: memory.id, name: memory.id, user: memory.user };
    const { seq, isNew } = await runItems.append(org, runId, item);
    await memories.noteItem(org, memory.id, seq);
    if (isNew) await deps.countProgress({ org, runId }, { total: 1 });
    return seq;
  }

  async function reasonOf(
    org: string,
    blocked: Extract<ItemResult, { outcome: 'blocked' }>,
  ): Promise<string> {
    if (blocked.reason === 'circuit_open') return 'circuit_open';
    const [budget] = await budgets.findMany([blocked.budget]);
    return budget?.per === 'user' && budget.org === org ? 'per_user_limit' : 'budget';
  }

  return {
    /** The next memories, as items of the run; and when there will be more, where there are none now. */
    takeMemories: translating(async (of: RunRef): Promise<{ seqs: number[]; nextDueAt?: number }> => {
      const taken = await memories.take(of.org, MEMORIES_AT_ONCE, deps.now());
      const seqs: number[] = [];
      // One after another: each gets the next number.
      for (const memory of taken) seqs.push(await itemOf(of, memory));
      const due = seqs.length > 0 ? undefined : await memories.nextDue(of.org);
      return { seqs, ...(due && { nextDueAt: due.getTime() }) };
    }),
    /** Why a memory that a budget has stopped is deferred. */
    deferralOf: translating(
      async (of: RunRef & { blocked: Extract<ItemResult, { outcome: 'blocked' }> }): Promise<string> =>
        reasonOf(of.org, of.blocked),
    ),
    /** Stores what became of those that were taken; what is done has ended itself. */
    settleMemories: translating(async (of: RunRef & { outcomes: TakenOutcome[] }): Promise<void> => {
      for (const taken of of.outcomes) {
        if (taken.outcome === 'deferred')
          await memories.defer(of.org, taken.seq, taken.reason, new Date(taken.dueAt));
        if (taken.outcome !== 'failed') continue;
        const item = await runItems.find(of.org, of.runId, taken.seq);
        const { code = 'unexpected', message = 'it failed' } = item?.failure ?? {};
        await memories.fail(of.org, taken.seq, code, message);
      }
    }),
  };
}
