import type { Connection, mongo } from 'mongoose';
import { localDay } from '../domain/budgets/zones.ts';
import { dateOf, type Job } from '../domain/jobs/job.ts';
import type { Collections } from './collections.ts';
import { createJobEntries } from './job-entries.ts';
import { type JobDoc, toJobDoc } from './jobs.ts';
import { transact } from './transaction.ts';

export interface WrittenJobs {
  inserted: number;
  updated: number;
  unchanged: number;
}

type Parts = Pick<Collections, 'budgets' | 'budgetPeriods' | 'entries' | 'jobs' | 'jobDayMarks'> & {
  timeZoneOf(org: string): Promise<string>;
};

/** What a transaction does besides, when the jobs are written. What it throws undoes them. */
type Step = (session: mongo.ClientSession, written: WrittenJobs) => Promise<void>;

/**
 * Writes jobs from elsewhere with all that follows from them, in one transaction: their costs in the ledger,
 * and the marks of the days whose roll-ups are behind. So the same jobs again change nothing, and a process
 * may die anywhere. At most 1,000 jobs at a time, each id once.
 */
export function createJobWriter(connection: Connection, parts: Parts) {
  return async function writeJobs(org: string, jobs: Job[], now: Date, step?: Step): Promise<WrittenJobs> {
    const timeZone = await parts.timeZoneOf(org);
    const docs = jobs.map((job) => {
      const at = dateOf(job, now);
      return toJobDoc(org, job, at, localDay(at, timeZone));
    });
    const budgets = await parts.budgets.active(org);
    const write = async (session: mongo.ClientSession) => {
      const before = await storedOf(session, docs);
      const changes = docs.filter((doc) => !isSame(before.get(doc._id), doc));
      const fresh = changes.filter(({ _id }) => !before.has(_id));
      const changed = changes.filter(({ _id }) => before.has(_id));
      const { collection } = parts.jobs.model;
      if (fresh.length > 0) await collection.insertMany(fresh as never, { session });
      if (changed.length > 0)
        await collection.bulkWrite(
          changed.map((doc) => ({
            replaceOne: { filter: { _id: doc._id, o: org }, replacement: doc },
          })) as never,
          { session },
        );
      const ledger = createJobEntries(org, budgets, parts.budgetPeriods);
      for (const doc of changes) {
        const old = before.get(doc._id);
        if (old !== undefined) await ledger.takeBack(old);
        await ledger.bring(doc);
      }
      const entries = ledger.entries();
      if (entries.length > 0) await parts.entries.insertManyIn(session, entries);
      const days = changes.flatMap((doc) => [doc.d, before.get(doc._id)?.d ?? doc.d]);
      await parts.jobDayMarks.markIn(session, org, days, now);
      const unchanged = docs.length - changes.length;
      const written = { inserted: fresh.length, updated: changed.length, unchanged };
      await step?.(session, written);
      return written;
    };
    return transact(connection, write);
  };

  async function storedOf(session: mongo.ClientSession, docs: JobDoc[]): Promise<Map<string, JobDoc>> {
    const ids = docs.map(({ _id }) => _id);
    const found = await parts.jobs.model.collection
      .find({ _id: { $in: ids } } as never, { session })
      .toArray();
    return new Map((found as unknown as JobDoc[]).map((doc) => [doc._id, doc]));
  }
}

function isSame(old: JobDoc | undefined, doc: JobDoc): boolean {
  if (old === undefined) return false;
  // What has no time of its own is dated by when it first came.
  if (doc.s === undefined && doc.e === undefined && old.s === undefined && old.e === undefined)
    Object.assign(doc, { t: old.t, d: old.d });
  const names = new Set([...Object.keys(old), ...Object.keys(doc)]) as Set<keyof JobDoc>;
  const plain = (value: unknown) => (value instanceof Date ? value.getTime() : value);
  return [...names].every((name) => plain(old[name]) === plain(doc[name]));
}
