import type { Connection } from 'mongoose';
import type { Actor } from '../domain/run.ts';
import type { ScheduleTerms } from '../domain/schedules/schedule.ts';
import { collectionModel, isDuplicate, Mixed } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';

/** Why a schedule could not start a run. */
export interface ScheduleFailure {
  at: Date;
  /** When the run should have begun. */
  scheduledAt: Date;
  code: string;
  message: string;
}

/** What is to be started again and again. Temporal's schedule follows this document. */
export interface Schedule extends ScheduleTerms {
  _id: string;
  org: string;
  paused: boolean;
  /** Why it is paused, or was resumed. */
  note?: string;
  createdBy: Actor;
  createdAt: Date;
  updatedAt: Date;
  /** SHA-256 of the request that made it. */
  requestHash: string;
  /** 1, and one more with each change. */
  version: number;
  /** The last version that Temporal has; 0: none yet. */
  applied: number;
  /** Of the last time, where that came to nothing. */
  lastError?: ScheduleFailure;
  /** Time and id: unique, and the order of lists. */
  position: string;
}

/** What housekeeping compares with Temporal. */
export type ScheduleMark = Pick<Schedule, '_id' | 'org' | 'version' | 'applied'>;

export type ScheduleChange = Partial<Omit<ScheduleTerms, 'jitterSeconds' | 'startAt' | 'endAt'>> & {
  /** null takes away. */
  jitterSeconds?: number | null;
  startAt?: Date | null;
  endAt?: Date | null;
  paused?: boolean;
  note?: string | null;
};

const FIELDS = {
  _id: String,
  org: String,
  name: String,
  request: Mixed,
  cron: String,
  timeZone: String,
  overlap: String,
  catchupWindowSeconds: Number,
  jitterSeconds: Number,
  startAt: Date,
  endAt: Date,
  paused: Boolean,
  note: String,
  createdBy: Mixed,
  createdAt: Date,
  updatedAt: Date,
  requestHash: String,
  version: Number,
  applied: Number,
  lastError: Mixed,
  position: String,
};

/** The API lets no organization have more. */
const MOST = 1_000;

/** Schedules: the truth that Temporal's are made from. */
export function scheduleStore(connection: Connection) {
  const model = collectionModel<Schedule>(connection, 'schedules', FIELDS, [
    [{ org: 1, name: 1 }, { unique: true }],
    [{ org: 1, position: -1 }],
    [{ org: 1, _id: 1 }],
  ]);

  return {
    model,
    /**
     * Stores a new one. Resolves to the one that is there already under its id or name, if there is one.
     */
    async create(
      schedule: Omit<Schedule, 'createdAt' | 'updatedAt' | 'version' | 'applied' | 'position'>,
      at: Date,
    ): Promise<Schedule> {
      const { org, _id, name } = schedule;
      const made = { createdAt: at, updatedAt: at, version: 1, applied: 0 };
      const stored: Schedule = { ...schedule, ...made, position: `${at.toISOString()}:${_id}` };
      try {
        await model.create([stored]);
        return stored;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        const existing =
          (await model.findOne({ org, _id }).lean<Schedule>()) ??
          (await model.findOne({ org, name }).lean<Schedule>());
        if (existing === null) throw error;
        return existing;
      }
    },
    async find(org: string, id: string): Promise<Schedule | undefined> {
      return (await model.findOne({ org, _id: id }).lean<Schedule>()) ?? undefined;
    },
    async findByName(org: string, name: string): Promise<Schedule | undefined> {
      return (await model.findOne({ org, name }).lean<Schedule>()) ?? undefined;
    },
    /** The newest first. */
    async list(org: string, request: PageRequest): Promise<Page<Schedule>> {
      return pageOf<Schedule>(model, { org }, { field: 'position', order: -1 }, request);
    },
    async countOf(org: string): Promise<number> {
      return model.countDocuments({ org });
    },
    /**
     * Changes what is given. @returns the schedule as it is then; `taken` where another has the name;
     * undefined where there is none.
     */
    async change(
      org: string,
      id: string,
      change: ScheduleChange,
      at: Date,
    ): Promise<Schedule | 'taken' | undefined> {
      const fields = Object.entries(change);
      const set = Object.fromEntries(fields.filter(([, value]) => value !== null));
      const gone = Object.fromEntries(
        fields.filter(([, value]) => value === null).map(([name]) => [name, 1]),
      );
      const update = {
        $set: { ...set, updatedAt: at },
        $inc: { version: 1 },
        ...(Object.keys(gone).length > 0 && { $unset: gone }),
      };
      try {
        const after = { returnDocument: 'after' } as const;
        return (await model.findOneAndUpdate({ org, _id: id }, update, after).lean<Schedule>()) ?? undefined;
      } catch (error) {
        if (isDuplicate(error)) return 'taken';
        throw error;
      }
    },
    /** Temporal has this version, or a later one. */
    async setApplied({ org, _id, version }: ScheduleMark): Promise<void> {
      await model.updateOne({ org, _id }, { $max: { applied: version } });
    },
    /** How the last time came out; undefined: well. */
    async setLastError(org: string, id: string, lastError: ScheduleFailure | undefined): Promise<void> {
      const update = lastError === undefined ? { $unset: { lastError: 1 } } : { $set: { lastError } };
      await model.updateOne({ org, _id: id }, update);
    },
    /** Those whose last time came to nothing. */
    async failing(org: string): Promise<Schedule[]> {
      const all = await model.find({ org }).sort({ position: -1 }).limit(MOST).lean<Schedule[]>();
      return all.filter(({ lastError }) => lastError !== undefined);
    },
    /** @returns false where there was none. */
    async remove(org: string, id: string): Promise<boolean> {
      return (await model.deleteOne({ org, _id: id })).deletedCount === 1;
    },
    /** The next ones by id, over all organizations: for housekeeping. */
    async marksAfter(id: string, limit: number): Promise<ScheduleMark[]> {
      return model
        .find({ _id: { $gt: id } }, { org: 1, version: 1, applied: 1 })
        .sort({ _id: 1 })
        .limit(limit)
        .lean<ScheduleMark[]>();
    },
  };
}
