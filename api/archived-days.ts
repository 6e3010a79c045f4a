import type { Context } from 'hono';
import type { Store } from '../store/index.ts';

const ARCHIVED_DAYS = 'X-Archived-Days';
const EVER = { start: '0000-01-01', end: '9999-12-31' };

export const ARCHIVED_DAYS_HINT =
  'Jobs of days that are archived are not in it; where there are such days, the header ' +
  `${ARCHIVED_DAYS} says how many.`;

/** Says in the answer of how many days the jobs are in the archive; both ends inclusive. */
export async function tellArchivedDays(
  c: Pick<Context, 'header'>,
  { jobDayMarks }: Pick<Store, 'jobDayMarks'>,
  org: string,
  { start, end } = EVER,
): Promise<void> {
  const days = await jobDayMarks.countArchived(org, start, end);
  if (days > 0) c.header(ARCHIVED_DAYS, String(days));
}
