import { createDaySummer } from '../../domain/analytics/day-sums.ts';
import type { Store } from '../../store/index.ts';
import { ORG } from './database.ts';

const DAY = '2026-01-05';
const id = { org: ORG, day: DAY, version: '000000000001-a' };

function rowsOfOneJob() {
  const summer = createDaySummer(1);
  const rows = summer.add({ team: 'ops', model: 'm', provider: 'p', costNanoUsd: 1 });
  if (rows === undefined) throw new Error('one row is a part here');
  return rows;
}

async function drain(rows: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of rows);
}

/** Every function of the repositories of jobs and of what was rolled up of them. */
export const JOB_CALLS = {
  jobs: {
    list: ({ jobs }: Store) => jobs.list(ORG, { team: 'ops' }, { limit: 10, skip: 0 }),
    each: ({ jobs }: Store) => drain(jobs.each(ORG, { start: DAY, end: DAY })),
  },
  teams: {
    ensure: ({ teams }: Store) => teams.ensure(ORG, [{ _id: 'team_1', name: 'ops' }]),
    find: ({ teams }: Store) => teams.find(ORG, 'team_1'),
  },
  jobDayMarks: {
    behind: ({ jobDayMarks }: Store) => jobDayMarks.behind(ORG, DAY),
    daysBehind: ({ jobDayMarks }: Store) => jobDayMarks.daysBehind(ORG, DAY, DAY),
    due: ({ jobDayMarks }: Store) => jobDayMarks.due(new Date()),
  },
  jobDays: {
    addRows: ({ jobDays }: Store) => jobDays.addRows(id, 0, rowsOfOneJob()),
    sums: ({ jobDays }: Store) => jobDays.sums(ORG, DAY, DAY, 'team'),
    eachRows: ({ jobDays }: Store) => jobDays.eachRows(ORG, DAY, DAY, ['team', 'model'], () => {}),
    dropRows: ({ jobDays }: Store) =>
      jobDays.dropRows(ORG, DAY, { below: '000000000002', keep: '000000000001-b' }),
    dropVersion: ({ jobDays }: Store) => jobDays.dropVersion(id),
  },
};
