import type { mongo } from 'mongoose';
import type { Budget } from '../domain/budgets/budget.ts';
import { localDay } from '../domain/budgets/zones.ts';
import type { Collections } from './collections.ts';
import type { GpuSpan } from './cost-snapshots.ts';
import type { DayOfJobs } from './job-day-marks.ts';
import { createJobEntries } from './job-entries.ts';
import type { JobDoc } from './jobs.ts';

/** A job as it is stored and as it will be; one of the two may be missing. */
export interface JobChange {
  old?: JobDoc | undefined;
  doc?: JobDoc | undefined;
}

export interface JobContext {
  org: string;
  budgets: Budget[];
  timeZone: string;
  now: Date;
}

/** Jobs of these days are to be restored first. */
export class ArchivedDays extends Error {
  readonly days: string[];
  constructor(days: string[]) {
    super('jobs of these days are archived');
    this.days = days;
  }
}

type Parts = Pick<
  Collections,
  'budgets' | 'budgetPeriods' | 'entries' | 'jobs' | 'jobDayMarks' | 'costSnapshots'
> & { timeZoneOf(org: string): Promise<string> };

/** Changes jobs with all that follows from them: entries of the ledger, roll-ups, allocated costs. */
export function createJobChanges(parts: Parts) {
  return {
    async contextOf(org: string, now: Date): Promise<JobContext> {
      const [budgets, timeZone] = await Promise.all([parts.budgets.active(org), parts.timeZoneOf(org)]);
      return { org, budgets, timeZone, now };
    },
    /**
     * Part of a transaction: writes the jobs, posts the difference of their costs, and marks the days whose
     * roll-ups are behind. At most 1,000 jobs at a time.
     * @throws ArchivedDays: what is known of jobs of these days is in the archive
     */
    async changeIn(session: mongo.ClientSession, context: JobContext, changes: JobChange[]): Promise<void> {
      const { org, budgets, now } = context;
      const days = daysOf(context, changes);
      const unknown = changes.flatMap(({ old, doc }) => (old === undefined && doc ? [doc.d] : []));
      const all = days.map(({ day }) => day);
      const archived = await parts.jobDayMarks.archivedIn(session, context, all, unknown);
      if (archived.length > 0) throw new ArchivedDays(archived);
      const { collection } = parts.jobs.model;
      const fresh = changes.flatMap(({ old, doc }) => (old === undefined ? (doc ?? []) : []));
      if (fresh.length > 0) await collection.insertMany(fresh as never, { session });
      const others = changes.flatMap(({ old, doc }) =>
        old === undefined ? [] : [writeOf(org, old._id, doc)],
      );
      if (others.length > 0) await collection.bulkWrite(others as never, { session });
      const ledger = createJobEntries(org, budgets, parts.budgetPeriods);
      for (const { old, doc } of changes) {
        if (old !== undefined) await ledger.takeBack(old);
        if (doc !== undefined) await ledger.bring(doc);
      }
      const entries = ledger.entries();
      if (entries.length > 0) await parts.entries.insertManyIn(session, entries);
      await parts.jobDayMarks.markIn(session, org, days, now);
    },
    /**
     * Part of a transaction: the snapshots whose costs these jobs have a share in, before or after the
     * change, are to be allocated again.
     */
    async staleIn(session: mongo.ClientSession, context: JobContext, changes: JobChange[]): Promise<void> {
      const spans = spansOf(context, changes);
      if (spans.length > 0) await parts.costSnapshots.staleIn(session, context.org, spans, context.now);
    },
  };
}

function writeOf(o: string, _id: string, doc: JobDoc | undefined) {
  if (doc === undefined) return { deleteOne: { filter: { _id, o } } };
  return { replaceOne: { filter: { _id, o }, replacement: doc } };
}

function docsOf(changes: JobChange[]): JobDoc[] {
  return changes.flatMap(({ old, doc }) => [...(old ? [old] : []), ...(doc ? [doc] : [])]);
}

function daysOf({ timeZone }: JobContext, changes: JobChange[]): DayOfJobs[] {
  return docsOf(changes).map(({ d: day, g, s, e }) => {
    if (g === undefined || s === undefined) return { day };
    return e === undefined ? { day, isOpen: true } : { day, gpusSince: localDay(s, timeZone) };
  });
}

/** From the first to the last day on which GPUs of a type were used. */
function spansOf({ timeZone, now }: JobContext, changes: JobChange[]): GpuSpan[] {
  const spans = new Map<string, GpuSpan>();
  for (const { p: provider, g: gpuType, s, e } of docsOf(changes)) {
    if (gpuType === undefined || s === undefined) continue;
    const key = JSON.stringify([provider, gpuType]);
    const [start, end] = [localDay(s, timeZone), localDay(e ?? now, timeZone)];
    const span = spans.get(key) ?? { provider, gpuType, start, end };
    if (start < span.start) span.start = start;
    if (end > span.end) span.end = end;
    spans.set(key, span);
  }
  // In one order, so that two writers wait for one another instead of for ever.
  return [...spans].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, span]) => span);
}
