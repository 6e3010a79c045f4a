import type { Connection } from 'mongoose';
import { given } from '../domain/given.ts';
import {
  archivedBefore,
  RETAINED,
  type Retained,
  type RetentionDays,
  restoredBefore,
} from '../domain/retention.ts';
import type { Archive } from './archives.ts';
import type { Collections } from './collections.ts';
import type { createJobAnalytics } from './job-analytics.ts';
import type { JobArchive } from './job-archive.ts';
import { createMonthArchives } from './month-archives.ts';

type Parts = Collections & JobArchive & Pick<ReturnType<typeof createJobAnalytics>, 'rollUpJobDay'>;

/** Rows that were brought into the archive; whether to go on. */
export type Archived = Record<Retained, number> & { more: boolean };

export interface RetentionStatus {
  of: Retained;
  /** Missing where they are kept for ever. */
  days?: number;
  rows: number;
  /** A day, or a time. */
  oldest?: string;
  archives: { archives: number; rows: number; bytes: number };
  /** How many are old enough, whether they may go yet or not: days of jobs, else rows. */
  due: number;
}

/** What one round may move, so that it ends in time. */
const MOST_ROWS = 20_000;
const MOST_DAYS = 50;
const UNFINISHED = 20;
const MOST_DUE = 10_000;

/**
 * Brings old rows into the archive, and back. What was begun and not finished is finished first. The ledger,
 * budgets and their periods are never archived.
 */
export function createRetention(connection: Connection, parts: Parts) {
  const { archives, alerts, auditLog, jobs, jobDayMarks } = parts;
  const months = createMonthArchives(connection, parts);

  async function restore({ org, of, key }: Archive, at: Date): Promise<void> {
    if (of === 'jobs') await parts.restoreJobDay(org, key, at);
    else await months.restoreMonth(org, of, key, at);
  }

  async function goOn(archive: Archive, at: Date, most: number): Promise<number> {
    const { org, of, key, state } = archive;
    if (state === 'restoring') await restore(archive, at);
    else if (of === 'jobs') return (await parts.archiveJobDay(org, key, at, most)) ?? 0;
    else {
      // Rows that are left are found by their age.
      await archives.dropOpen(archive);
      await archives.finish(archive);
    }
    return 0;
  }

  async function archiveJobs(org: string, before: Date, at: Date, most: number): Promise<number> {
    const last = before.toISOString().slice(0, 10);
    let moved = 0;
    for (const day of await jobDayMarks.archivable(org, last, restoredBefore(at), MOST_DAYS)) {
      if (moved >= most) break;
      await parts.rollUpJobDay(org, day);
      moved += (await parts.archiveJobDay(org, day, at, most - moved)) ?? 0;
    }
    return moved;
  }

  const archiveOf = {
    jobs: archiveJobs,
    alerts: months.archiveAlerts,
    audit_log: months.archiveAudit,
  };
  const dueOf: Record<Retained, (org: string, before: Date, at: Date) => Promise<number>> = {
    jobs: async (org, before, at) => {
      const last = before.toISOString().slice(0, 10);
      return (await jobDayMarks.archivable(org, last, restoredBefore(at), MOST_DUE)).length;
    },
    alerts: async (org, before) => (await alerts.archivable(org, before, MOST_DUE)).length,
    audit_log: async (org, before) => (await auditLog.before(org, before, '', MOST_DUE)).length,
  };
  const extentOf: Record<Retained, (org: string) => Promise<{ rows: number; oldest?: string | Date }>> = {
    jobs: jobs.extent,
    alerts: alerts.extent,
    audit_log: auditLog.extent,
  };

  async function statusOf(org: string, of: Retained, days: number | undefined, at: Date) {
    const [{ rows, oldest }, sums] = await Promise.all([extentOf[of](org), archives.sums(org, of)]);
    const due = days === undefined ? 0 : await dueOf[of](org, archivedBefore(days, at), at);
    const first = oldest instanceof Date ? oldest.toISOString() : oldest;
    return given({ of, days, rows, oldest: first, archives: sums, due }) as RetentionStatus;
  }

  return {
    /** Archives what is older than it is kept, of one organization or of all; so many rows a call. */
    async archiveOld(days: RetentionDays, at: Date, only?: string, most = MOST_ROWS): Promise<Archived> {
      const moved: Record<Retained, number> = { jobs: 0, alerts: 0, audit_log: 0 };
      const left = () => most - moved.jobs - moved.alerts - moved.audit_log;
      for (const archive of await archives.unfinished(only, UNFINISHED))
        if (left() > 0) moved[archive.of] += await goOn(archive, at, left());
      for (const org of only === undefined ? await parts.organizations.ids() : [only])
        for (const name of RETAINED) {
          const kept = days[name];
          if (kept === undefined || left() <= 0) continue;
          moved[name] += await archiveOf[name](org, archivedBefore(kept, at), at, left());
        }
      return { ...moved, more: left() <= 0 };
    },
    async retentionStatus(org: string, days: RetentionDays, at: Date): Promise<RetentionStatus[]> {
      return Promise.all(RETAINED.map((of) => statusOf(org, of, days[of], at)));
    },
    /** Brings what an archive has back; repeatable. */
    restoreArchive: restore,
  };
}
