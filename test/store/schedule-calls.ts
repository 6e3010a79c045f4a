import type { Store } from '../../store/index.ts';
import { ORG } from './database.ts';

const at = new Date();
const request = { kind: 'documentation', input: {}, options: {} as never, scope: {} };
const terms = { name: 's', request, cron: '0 0 * * *', timeZone: 'UTC', overlap: 'skip' as const };
const schedule = { ...terms, _id: 'sch_1', org: ORG, catchupWindowSeconds: 60, paused: false };
const lastError = { at, scheduledAt: at, code: 'not_found', message: 'gone' };
const made = { createdBy: { id: 'key_1' }, requestHash: 'h' };
const mark = { _id: 'sch_1', org: ORG, version: 1, applied: 0 };

/** Every function of the repository of schedules. */
export const SCHEDULE_CALLS = {
  schedules: {
    create: async ({ schedules }: Store) => {
      await schedules.create({ ...schedule, ...made }, at);
      // Both of them are there already.
      await schedules.create({ ...schedule, ...made }, at);
      return schedules.create({ ...schedule, ...made, _id: 'sch_2' }, at);
    },
    find: ({ schedules }: Store) => schedules.find(ORG, 'sch_1'),
    findByName: ({ schedules }: Store) => schedules.findByName(ORG, 's'),
    list: ({ schedules }: Store) => schedules.list(ORG, { limit: 2 }),
    countOf: ({ schedules }: Store) => schedules.countOf(ORG),
    change: ({ schedules }: Store) => schedules.change(ORG, 'sch_1', { paused: true, note: null }, at),
    setApplied: ({ schedules }: Store) => schedules.setApplied(mark),
    setLastError: ({ schedules }: Store) => schedules.setLastError(ORG, 'sch_1', lastError),
    failing: ({ schedules }: Store) => schedules.failing(ORG),
    marksAfter: ({ schedules }: Store) => schedules.marksAfter('', 2),
    remove: ({ schedules }: Store) => schedules.remove(ORG, 'sch_1'),
  },
};
