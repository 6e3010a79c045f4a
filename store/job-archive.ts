import type { Connection } from 'mongoose';
import { archiveId, type Source } from './archives.ts';
import type { Collections } from './collections.ts';
import { ArchivedDays } from './job-changes.ts';
import { Leave, transact } from './transaction.ts';

type Parts = Pick<Collections, 'archives' | 'jobs' | 'jobDayMarks' | 'costSnapshots'> & {
  timeZoneOf(org: string): Promise<string>;
};

export type JobArchive = ReturnType<typeof createJobArchive>;

/** Each attempt restores all that the one before has found archived. */
const ATTEMPTS = 20;
const AT_ONCE = 500;

/**
 * Jobs of a day in the archive. What was made of them stays: their entries in the ledger, the day's roll-up,
 * the parts of snapshots. The mark of the day says that they are not at hand: whoever would change one, or
 * needs to see all, restores them first. Jobs that may still change stay where they are.
 */
export function createJobArchive(connection: Connection, parts: Parts) {
  const { archives, jobs, jobDayMarks, costSnapshots } = parts;
  const source: Source = { model: jobs.model as never, org: 'o' };
  const archiveOf = (org: string, day: string) => ({ _id: archiveId(org, 'jobs', day), org });

  async function begin(org: string, day: string, at: Date): Promise<boolean> {
    const timeZone = await parts.timeZoneOf(org);
    return transact(connection, async (session) => {
      const archive = { ...archiveOf(org, day), of: 'jobs' as const, key: day };
      if (!(await archives.beginIn(session, archive, at))) throw new Leave(false);
      if (!(await jobDayMarks.archiveIn(session, { org, day }, timeZone, at))) throw new Leave(false);
      return true;
    });
  }

  /** @param at missing: as if it had never been archived */
  async function restoreJobDay(org: string, day: string, at?: Date): Promise<void> {
    const archive = archiveOf(org, day);
    if (!(await archives.restore(archive, [source]))) return;
    await transact(connection, async (session) => {
      if (!(await archives.restoredIn(session, archive, at))) throw new Leave(undefined);
      await jobDayMarks.unarchiveIn(session, { org, day }, at);
    });
  }

  async function restoreJobDays(org: string, days: string[], at: Date): Promise<void> {
    for (const day of days) await restoreJobDay(org, day, at);
  }

  return {
    restoreJobDay,
    restoreJobDays,
    /**
     * Archives the jobs of a day, or goes on with it; `most` of them at a time.
     * @returns how many; undefined where the day has to wait: its roll-up or costs of GPUs are behind
     */
    async archiveJobDay(org: string, day: string, at: Date, most: number): Promise<number | undefined> {
      const mark = await jobDayMarks.findDay(org, day);
      const since = mark?.gpusSince ?? day;
      if (!(await costSnapshots.fence(org, since, day))) return undefined;
      if (!(await begin(org, day, at))) return undefined;
      // Again: those who come from now on see the mark, those who came before write no more.
      if (!(await costSnapshots.fence(org, since, day))) {
        await restoreJobDay(org, day);
        return undefined;
      }
      const archive = archiveOf(org, day);
      await archives.dropOpen(archive);
      let moved = 0;
      while (moved < most) {
        const ids = await jobs.endedOn(org, day, AT_ONCE);
        if (ids.length === 0) {
          await archives.finish(archive);
          return moved;
        }
        const rows = await archives.move(archive, source, ids);
        if (rows === 0) return moved;
        moved += rows;
      }
      return moved;
    },
    /** Carries work out, and again with the archived days restored that it would change. */
    async withArchivedDays<T>(org: string, at: Date, work: () => Promise<T>): Promise<T> {
      for (let attempt = 1; ; attempt += 1)
        try {
          return await work();
        } catch (error) {
          if (!(error instanceof ArchivedDays) || attempt === ATTEMPTS) throw error;
          await restoreJobDays(org, error.days, at);
        }
    },
  };
}
