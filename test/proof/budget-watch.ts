import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../../store/index.ts';

const SAMPLE_EVERY_MS = 50;

/** Looks at the counters again and again, as somebody else would. */
export function watchBudget(store: Store, budget: string) {
  let most = Number.NEGATIVE_INFINITY;
  let samples = 0;
  let stopped = false;
  const looking = (async () => {
    for (; !stopped; await sleep(SAMPLE_EVERY_MS)) {
      const periods = await store.budgetPeriods.ofBudget('default', budget, 1).catch(() => []);
      for (const { committed, ceiling } of periods) {
        samples += 1;
        most = Math.max(most, committed - ceiling);
      }
    }
  })();
  return {
    async stop() {
      stopped = true;
      await looking;
      return { samples, most };
    },
  };
}
