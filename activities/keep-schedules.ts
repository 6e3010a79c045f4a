import { heartbeat } from '@temporalio/activity';
import { translating } from './failures.ts';
import type { ActivityDeps } from './index.ts';

const AT_ONCE = 500;

/**
 * Brings Temporal's schedules in line with the stored ones: changes that it has not heard of, and all of them
 * where it has lost its store.
 */
export function createKeepSchedules({ store, schedules }: Pick<ActivityDeps, 'store' | 'schedules'>) {
  return translating(async (): Promise<void> => {
    let marks = await store.schedules.marksAfter('', AT_ONCE);
    const known = marks.length === 0 ? new Set<string>() : await schedules.known();
    while (marks.length > 0) {
      for (const mark of marks.filter(({ _id, version, applied }) => applied < version || !known.has(_id))) {
        heartbeat();
        const schedule = await store.schedules.find(mark.org, mark._id);
        if (schedule === undefined) continue;
        await schedules.apply(schedule);
        await store.schedules.setApplied(schedule);
      }
      marks = await store.schedules.marksAfter(marks.at(-1)?._id ?? '', AT_ONCE);
    }
  });
}
