import type { Model } from 'mongoose';
import { ENDED_STATES } from '../domain/run.ts';
import type { Run } from './run-record.ts';

const ENDED = [...ENDED_STATES];

/** What becomes of runs before they begin and after they have ended. */
export function createRunUpkeep(model: Model<Run>) {
  return {
    /** Open runs that were created before a time, oldest first, over all organizations: for housekeeping. */
    async openBefore(before: Date, limit: number): Promise<Run[]> {
      return model
        .find({ state: { $nin: ENDED }, createdAt: { $lt: before }, parked: { $ne: true } })
        .sort({ createdAt: 1 })
        .limit(limit)
        .lean<Run[]>();
    },
    /** Lets a parked run start. Resolves to undefined where it was not parked. */
    async letGo(org: string, id: string): Promise<Run | undefined> {
      const doc = await model
        .findOneAndUpdate(
          { org, _id: id, state: 'queued', parked: true },
          { $unset: { parked: 1 }, $inc: { version: 1 } },
          { returnDocument: 'after' },
        )
        .lean<Run>();
      return doc ?? undefined;
    },
    /**
     * Runs that ended before a time and whose details are at hand, the oldest first: of one organization, or
     * of all those that nobody has restored since `restoredBefore`.
     */
    async archivable(before: Date, limit: number, from: string | Date): Promise<Run[]> {
      const which =
        typeof from === 'string'
          ? { org: from }
          : { $or: [{ restoredAt: null as never }, { restoredAt: { $lt: from } }] };
      return model
        .find({ ...which, archivedAt: null as never, endedAt: { $lt: before } })
        .sort({ endedAt: 1 })
        .limit(limit)
        .lean<Run[]>();
    },
    /** Before the details of an ended run go to the archive: from now on it cannot be retried. */
    async claimForArchive(org: string, id: string, archivedAt: Date): Promise<boolean> {
      const filter = { org, _id: id, state: { $in: ENDED }, archivedAt: null as never };
      const result = await model.updateOne(filter, { $set: { archivedAt }, $inc: { version: 1 } });
      return result.modifiedCount === 1;
    },
    /** The details of a run are at hand again. */
    async unarchive(org: string, id: string, restoredAt: Date): Promise<void> {
      const update = { $unset: { archivedAt: 1 }, $set: { restoredAt }, $inc: { version: 1 } };
      await model.updateOne({ org, _id: id }, update);
    },
  };
}
