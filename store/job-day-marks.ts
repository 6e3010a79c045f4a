import type { Connection, mongo } from 'mongoose';
import { createArchivedDays } from './archived-days.ts';
import { collectionModel } from './model.ts';

export interface JobDayMark {
  /** org|day. */
  _id: string;
  org: string;
  day: string;
  /** Counts every transaction that has changed jobs of the day; never starts anew. */
  version: number;
  /** Since when the day's roll-up is behind its jobs; missing where it is not. */
  dirtySince?: Date;
  changedAt: Date;
  /** The first day on which a job that ended on this one has used GPUs. */
  gpusSince?: string;
  /** Jobs of this day use GPUs still. */
  isOpen?: boolean;
  /** Since when its jobs are in the archive, or on their way; they cannot be changed there. */
  archivedAt?: Date;
  /** The time zone that they were dated in. */
  archivedZone?: string;
  restoredAt?: Date;
}

/** The day that a job counts on, and what it says of the use of GPUs. */
export interface DayOfJobs {
  day: string;
  gpusSince?: string;
  isOpen?: boolean;
}

const FIELDS = {
  _id: String,
  org: String,
  day: String,
  version: Number,
  dirtySince: Date,
  changedAt: Date,
  gpusSince: String,
  isOpen: Boolean,
  archivedAt: Date,
  archivedZone: String,
  restoredAt: Date,
};

/** A day that nobody has written to for so long is rolled up. */
const QUIET_MS = 3_000;
/** However busy it is, a day waits no longer than that: whoever asks for it meanwhile rolls it up first. */
const LONGEST_MS = 5 * 60_000;
const AT_ONCE = 400;

/** Which days have jobs that their roll-up does not have yet. */
export function jobDayMarkStore(connection: Connection) {
  const model = collectionModel<JobDayMark>(connection, 'job_day_marks', FIELDS, [
    [{ dirtySince: 1 }, { sparse: true }],
    [{ org: 1, day: 1 }, { partialFilterExpression: { dirtySince: { $exists: true } } }],
    [{ org: 1, archivedAt: 1, day: 1 }],
  ]);
  return {
    model,
    ...createArchivedDays(model),
    /** Part of the transaction that writes the jobs, of the days that they are of now and were of before. */
    async markIn(session: mongo.ClientSession, org: string, jobs: DayOfJobs[], at: Date): Promise<void> {
      // Sorted, so that two writers wait for one another instead of for ever.
      const updates = daysOf(jobs).map(({ day, gpusSince, isOpen }) => ({
        updateOne: {
          filter: { _id: `${org}|${day}` },
          update: {
            $set: { org, day, changedAt: at, ...(isOpen && { isOpen }) },
            $min: { dirtySince: at, ...(gpusSince !== undefined && { gpusSince }) },
            $inc: { version: 1 },
          },
          upsert: true,
        },
      }));
      if (updates.length === 0) return;
      await model.collection.bulkWrite(updates as never, { session, ordered: true });
    },
    /** The days that may have jobs which used GPUs on a day: those end later, or have not ended yet. */
    async usingGpusOn(org: string, day: string): Promise<string[]> {
      const all = { _id: { $gte: `${org}|`, $lt: `${org}}` }, org };
      const marks = await model
        .find({
          ...all,
          $or: [
            { day: { $gte: day }, gpusSince: { $lte: day } },
            { day: { $lte: day }, isOpen: true },
          ],
        })
        .lean<JobDayMark[]>();
      return marks.map((mark) => mark.day);
    },
    /** The version of a day whose roll-up is behind; undefined where it is not. */
    async behind(org: string, day: string): Promise<number | undefined> {
      const mark = await model.findOne({ org, _id: `${org}|${day}` }).lean<JobDayMark>();
      return mark?.dirtySince === undefined ? undefined : mark.version;
    },
    /** Days of a time, both ends inclusive, whose roll-up is behind. */
    async daysBehind(org: string, start: string, end: string): Promise<string[]> {
      const filter = { org, day: { $gte: start, $lte: end }, dirtySince: { $exists: true } };
      const marks = await model.find(filter, { day: 1 }).sort({ day: 1 }).lean<JobDayMark[]>();
      return marks.map(({ day }) => day);
    },
    /** Of all organizations, those that are not being written to, or are behind for long. */
    async due(now: Date): Promise<{ org: string; day: string }[]> {
      const marks = await model
        .find({ dirtySince: { $gt: new Date(0) } })
        .sort({ dirtySince: 1 })
        .limit(AT_ONCE)
        .lean<(JobDayMark & { dirtySince: Date })[]>();
      const age = (time: Date) => now.getTime() - time.getTime();
      return marks.filter(
        ({ changedAt, dirtySince }) => age(changedAt) >= QUIET_MS || age(dirtySince) >= LONGEST_MS,
      );
    },
    /** Part of the transaction that rolls a day up. @returns false where it was written to since. */
    async clearIn(
      session: mongo.ClientSession,
      { org, day, version }: { org: string; day: string; version: number },
    ): Promise<boolean> {
      const { matchedCount } = await model.collection.updateOne(
        { _id: `${org}|${day}`, org, version, dirtySince: { $exists: true } } as never,
        { $unset: { dirtySince: 1 } },
        { session },
      );
      return matchedCount === 1;
    },
  };
}

/** Each day once, in their order. */
function daysOf(jobs: DayOfJobs[]): DayOfJobs[] {
  const days = new Map<string, DayOfJobs>();
  for (const { day, gpusSince, isOpen } of jobs) {
    const known = days.get(day) ?? { day };
    if (isOpen) known.isOpen = true;
    if (gpusSince !== undefined && gpusSince < (known.gpusSince ?? '9')) known.gpusSince = gpusSince;
    days.set(day, known);
  }
  return [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
}
