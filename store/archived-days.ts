import type { Model, mongo, QueryFilter } from 'mongoose';
import { besideDay } from '../domain/retention.ts';
import type { JobDayMark } from './job-day-marks.ts';

/** Days whose jobs are in the archive, by the marks of days. */
export function createArchivedDays(model: Model<JobDayMark>) {
  const idsOf = (org: string, days: string[]) => [...new Set(days)].map((day) => `${org}|${day}`);

  return {
    /**
     * Part of the transaction that changes jobs. @param days of the jobs as they are and will be
     * @param fresh days of jobs that are not known: in another time zone they may have been dated beside it
     * @returns those that are archived
     */
    async archivedIn(
      session: mongo.ClientSession,
      { org, timeZone }: { org: string; timeZone: string },
      days: string[],
      fresh: string[],
    ): Promise<string[]> {
      const ids = idsOf(org, [...days, ...[...new Set(fresh)].flatMap(besideDay)]);
      const filter = { _id: { $in: ids }, org, archivedAt: { $exists: true } } as never;
      const found = (await model.collection.find(filter, { session }).toArray()) as unknown as JobDayMark[];
      const own = new Set(days);
      return found
        .filter(({ day, archivedZone }) => own.has(day) || archivedZone !== timeZone)
        .map(({ day }) => day);
    },
    /** Of some days those that are archived. */
    async archivedOf(org: string, days: string[]): Promise<string[]> {
      const filter = { _id: { $in: idsOf(org, days) }, org, archivedAt: { $exists: true } };
      return (await model.find(filter, { day: 1 }).lean<JobDayMark[]>()).map(({ day }) => day);
    },
    /** How many days of a time, both ends inclusive, are archived. */
    async countArchived(org: string, start: string, end: string): Promise<number> {
      return model.countDocuments({
        org,
        archivedAt: { $gt: new Date(0) },
        day: { $gte: start, $lte: end },
      });
    },
    /** Days before one that may be archived, the oldest first: of those restored, what was so before. */
    async archivable(org: string, before: string, restoredBefore: Date, limit: number): Promise<string[]> {
      const restored = [{ restoredAt: { $exists: false } }, { restoredAt: { $lt: restoredBefore } }];
      const filter = { org, archivedAt: null, day: { $lt: before }, $or: restored };
      const found = model.find(filter as QueryFilter<JobDayMark>, { day: 1 });
      return (await found.sort({ day: 1 }).limit(limit).lean<JobDayMark[]>()).map(({ day }) => day);
    },
    async findDay(org: string, day: string): Promise<JobDayMark | undefined> {
      return (await model.findOne({ _id: `${org}|${day}`, org }).lean<JobDayMark>()) ?? undefined;
    },
    /** Part of a transaction: nobody changes its jobs from now on. @returns false: its roll-up is behind */
    async archiveIn(
      session: mongo.ClientSession,
      { org, day }: { org: string; day: string },
      archivedZone: string,
      at: Date,
    ): Promise<boolean> {
      const filter = { _id: `${org}|${day}`, org, dirtySince: { $exists: false } } as never;
      // One that goes on with what another one has begun leaves that as it is.
      const since = { $ifNull: ['$archivedAt', at] };
      const zone = { $ifNull: ['$archivedZone', { $literal: archivedZone }] };
      const update = [{ $set: { archivedAt: since, archivedZone: zone } }, { $unset: ['restoredAt'] }];
      const { matchedCount } = await model.collection.updateOne(filter, update as never, { session });
      return matchedCount === 1;
    },
    /** Part of a transaction: its jobs are at hand. */
    async unarchiveIn(
      session: mongo.ClientSession,
      { org, day }: { org: string; day: string },
      restoredAt?: Date,
    ): Promise<void> {
      const update = {
        $unset: { archivedAt: 1, archivedZone: 1 },
        ...(restoredAt && { $set: { restoredAt } }),
      };
      await model.collection.updateOne({ _id: `${org}|${day}`, org } as never, update, { session });
    },
  };
}
