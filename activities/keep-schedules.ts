import { heartbeat } from '@temporalio/activity';
import type { Schedule } from '../store/schedules.ts';
import { toAppError, translating } from './failures.ts';
import type { ActivityDeps } from './index.ts';

const AT_ONCE = 500;

/**
 * Brings Temporal's schedules in line with the stored ones: changes that it has not heard of, and all of them
 * where it has lost its store.
 */
export function createKeepSchedules(deps: Pick<ActivityDeps, 'store' | 'schedules' | 'warn'>) {
  const { store, schedules } = deps;

  /** One that cannot be brought in line leaves the others alone. */
  async function align(schedule: Schedule): Promise<void> {
    try {
      await schedules.apply(schedule);
      await store.schedules.setApplied(schedule);
    } catch (thrown) {
      const { code, publicMessage } = toAppError(thrown);
      deps.warn(`the schedule ${schedule._id} is not in line with Temporal: ${code}: ${publicMessage}`);
    }
  }

  return translating(async (): Promise<void> => {
    let marks = await store.schedules.marksAfter('', AT_ONCE);
    const known = marks.length === 0 ? new Set<string>() : await schedules.known();
    while (marks.length > 0) {
      for (const mark of marks.filter(({ _id, version, applied }) => applied < version || !known.has(_id))) {
        heartbeat();
        const schedule = await store.schedules.find(mark.org, mark._id);
        if (schedule !== undefined) await align(schedule);
      }
      marks = await store.schedules.marksAfter(marks.at(-1)?._id ?? '', AT_ONCE);
    }
  });
}
