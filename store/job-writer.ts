import type { Connection, mongo } from 'mongoose';
import { localDay } from '../domain/budgets/zones.ts';
import { given } from '../domain/given.ts';
import { dateOf, type Job } from '../domain/jobs/job.ts';
import type { Collections } from './collections.ts';
import type { JobArchive } from './job-archive.ts';
import type { createJobChanges } from './job-changes.ts';
import { type JobDoc, toJobDoc } from './jobs.ts';
import { transact } from './transaction.ts';

export interface WrittenJobs {
  inserted: number;
  updated: number;
  unchanged: number;
}

type Parts = Pick<Collections, 'jobs'> & {
  jobChanges: ReturnType<typeof createJobChanges>;
  withArchivedDays: JobArchive['withArchivedDays'];
};

/** What a transaction does besides, when the jobs are written. What it throws undoes them. */
type Step = (session: mongo.ClientSession, written: WrittenJobs) => Promise<void>;

/**
 * Writes jobs from elsewhere with all that follows from them, in one transaction: their costs in the ledger,
 * and the marks of the days whose roll-ups are behind. So the same jobs again change nothing, and a process
 * may die anywhere. Archived days of theirs are restored first. At most 1,000 jobs at a time, each id once.
 */
export function createJobWriter(connection: Connection, parts: Parts) {
  const { model } = parts.jobs;
  const { jobChanges } = parts;

  return async function writeJobs(org: string, jobs: Job[], now: Date, step?: Step): Promise<WrittenJobs> {
    const context = await jobChanges.contextOf(org, now);
    const docs = jobs.map((job) => {
      const at = dateOf(job, now);
      return toJobDoc(org, job, at, localDay(at, context.timeZone));
    });
    const write = async (session: mongo.ClientSession) => {
      const before = await storedOf(session, docs);
      const all = docs.map((doc) => {
        const old = before.get(doc._id);
        return { old, doc: old === undefined ? doc : inPlaceOf(old, doc) };
      });
      const changes = all.filter(({ old, doc }) => old === undefined || !isSame(old, doc));
      if (changes.length > 0) {
        await jobChanges.changeIn(session, context, changes);
        await jobChanges.staleIn(session, context, changes);
      }
      const inserted = changes.filter(({ old }) => old === undefined).length;
      const updated = changes.length - inserted;
      const written = { inserted, updated, unchanged: all.length - changes.length };
      await step?.(session, written);
      return written;
    };
    return parts.withArchivedDays(org, now, () => transact(connection, write));
  };

  async function storedOf(session: mongo.ClientSession, docs: JobDoc[]): Promise<Map<string, JobDoc>> {
    const ids = docs.map(({ _id }) => _id);
    const found = await model.collection.find({ _id: { $in: ids } } as never, { session }).toArray();
    return new Map((found as unknown as JobDoc[]).map((doc) => [doc._id, doc]));
  }
}

/** What a job that comes again is stored as: what is known of its cost besides is not forgotten. */
function inPlaceOf(old: JobDoc, doc: JobDoc): JobDoc {
  const hasTime = [old, doc].some(({ s, e }) => s !== undefined || e !== undefined);
  // What has no time of its own is dated by when it first came.
  const dated = hasTime ? doc : { ...doc, t: old.t, d: old.d };
  const { b, c, al, lp } = old;
  // Our own answer comes back, as an export is read in again.
  if (doc.b === 'g' && b !== 'g' && doc.c === c) return given({ ...dated, b, al, lp });
  // Its share of what the GPUs have cost stays, as long as it has used them alike.
  const isListed = doc.b === 'h' || doc.b === 'n';
  if (b !== 'a' || !isListed || !usesAlike(old, doc)) return dated;
  return given({ ...dated, b, c, al, lp: doc.b === 'h' ? doc.c : undefined });
}

function usesAlike(old: JobDoc, doc: JobDoc): boolean {
  return (['p', 'g', 's', 'e', 'n', 'st'] as const).every((name) => plain(old[name]) === plain(doc[name]));
}

function isSame(old: JobDoc, doc: JobDoc): boolean {
  const names = new Set([...Object.keys(old), ...Object.keys(doc)]) as Set<keyof JobDoc>;
  return [...names].every((name) => plain(old[name]) === plain(doc[name]));
}

function plain(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (typeof value !== 'object' || value === null) return value;
  return JSON.stringify(Object.entries(value).sort());
}
