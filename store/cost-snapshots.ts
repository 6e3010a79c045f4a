import type { Connection, mongo } from 'mongoose';
import type { NewAuditRow } from './audit-log.ts';
import { collectionModel, Mixed } from './model.ts';
import { transact } from './transaction.ts';

/** What all GPUs of a type have cost at a provider on one day. */
export interface NewSnapshot {
  /** Of organization, date, provider and type. */
  id: string;
  /** In the organization's time zone, YYYY-MM-DD. */
  date: string;
  /** Lower-case, as is `gpuType`. */
  provider: string;
  gpuType: string;
  costNanoUsd: number;
  /** GPU-hours that were paid for, used or not; where it is not known, all were used. */
  gpuHours?: number;
}

/** How the cost of a snapshot is split; the three parts add up to it. Nano-dollars. */
export interface Allocated {
  at: Date;
  /** Of jobs that had no cost of their own. */
  jobsNanoUsd: number;
  /** The share of jobs whose cost is known otherwise: it is not theirs twice. */
  coveredNanoUsd: number;
  idleNanoUsd: number;
  jobs: number;
  usedGpuHours: number;
  /** The dearest first. */
  teams: { team: string; jobs: number; costNanoUsd: number }[];
}

export interface Snapshot extends Omit<NewSnapshot, 'id'> {
  _id: string;
  org: string;
  at: Date;
  /** Counts every change of it, and of the jobs that have a share in it. */
  version: number;
  /** Since when its parts are behind; missing where they are not. */
  dirtySince?: Date;
  /** Jobs of a transaction that began before it came may be seen only then. */
  lookAgainAt?: Date;
  /** It will be gone when nobody has a share in it any more. */
  removed?: boolean;
  /** Counts the transactions that write its parts. */
  touches?: number;
  allocated?: Allocated;
}

/** GPUs of a type, from the first to the last day on which they were used. */
export interface GpuSpan {
  provider: string;
  gpuType: string;
  start: string;
  end: string;
}

const FIELDS = {
  _id: String,
  org: String,
  date: String,
  provider: String,
  gpuType: String,
  costNanoUsd: Number,
  gpuHours: Number,
  at: Date,
  version: Number,
  dirtySince: Date,
  lookAgainAt: Date,
  removed: Boolean,
  touches: Number,
  allocated: Mixed,
};

/** Longer than a transaction may take. */
const LOOK_AGAIN_MS = 90_000;
const AT_ONCE = 100;

/** Costs of GPUs by day, provider and type, each once. */
export function costSnapshotStore(
  connection: Connection,
  audit: { addIn(session: mongo.ClientSession, row: NewAuditRow): Promise<void> },
) {
  const model = collectionModel<Snapshot>(connection, 'cost_snapshots', FIELDS, [
    [{ org: 1, provider: 1, gpuType: 1, date: 1 }, { unique: true }],
    [{ org: 1, date: 1, _id: 1 }],
    [{ dirtySince: 1 }, { sparse: true }],
    [{ lookAgainAt: 1 }, { sparse: true }],
  ]);
  const { collection } = model;

  return {
    model,
    /** At most 1,000 at a time, each once; the later one of a day, provider and type counts. */
    async put(org: string, snapshots: NewSnapshot[], now: Date) {
      return transact(connection, async (session) => {
        const ids = snapshots.map(({ id }) => id);
        const found = await collection.find({ _id: { $in: ids }, org } as never, { session }).toArray();
        const before = new Map((found as unknown as Snapshot[]).map((each) => [each._id, each]));
        const changed = snapshots.filter((each) => !isSame(before.get(each.id), each));
        if (changed.length > 0)
          await collection.bulkWrite(changed.map((each) => putOf(org, each, now)) as never, { session });
        const updated = changed.filter(({ id }) => before.get(id) !== undefined).length;
        return {
          inserted: changed.length - updated,
          updated,
          unchanged: snapshots.length - changed.length,
        };
      });
    },
    /** Its parts are taken back, then it is gone. @returns false where there is none. */
    async remove(org: string, id: string, by: string, at: Date): Promise<boolean> {
      return transact(connection, async (session) => {
        const filter = { _id: id, org, removed: { $ne: true } } as never;
        const update = { $set: { removed: true, dirtySince: at }, $inc: { version: 1 } };
        const doc = (await collection.findOneAndUpdate(filter, update, { session })) as Snapshot | null;
        if (doc === null) return false;
        const { date, provider, gpuType, costNanoUsd } = doc;
        const details = { removed: { date, provider, gpuType, costNanoUsd } };
        const row = { _id: `${id}:removed:${at.getTime()}`, org, budget: '', subject: id, by, details, at };
        await audit.addIn(session, { ...row, event: 'cost_snapshot' });
        return true;
      });
    },
    async find(org: string, id: string): Promise<Snapshot | undefined> {
      return (await model.findOne({ _id: id, org }).lean<Snapshot>()) ?? undefined;
    },
    /** In the order of days. */
    async list(
      org: string,
      { start, end }: { start: string; end: string },
      { limit, skip }: { limit: number; skip: number },
    ): Promise<{ snapshots: Snapshot[]; total: number }> {
      const filter = { org, date: { $gte: start, $lte: end }, removed: null as never };
      const [snapshots, total] = await Promise.all([
        model.find(filter).sort({ date: 1, _id: 1 }).skip(skip).limit(limit).lean<Snapshot[]>(),
        model.countDocuments(filter),
      ]);
      return { snapshots, total };
    },
    /** Ids of those of a time whose parts are behind. */
    async behind(org: string, start: string, end: string): Promise<string[]> {
      const filter = { org, date: { $gte: start, $lte: end }, dirtySince: { $exists: true } };
      const found = await model.find(filter, { _id: 1 }).sort({ date: 1, _id: 1 }).lean<{ _id: string }[]>();
      return found.map(({ _id }) => _id);
    },
    /**
     * Whoever has read jobs of that time, both days inclusive, before the call writes no parts of it after.
     * @returns false where parts are behind, or may be
     */
    async fence(org: string, start: string, end: string): Promise<boolean> {
      const filter = { org, date: { $gte: start, $lte: end } };
      const behind = [{ dirtySince: { $exists: true } }, { lookAgainAt: { $exists: true } }];
      if ((await collection.findOne({ ...filter, $or: behind } as never)) !== null) return false;
      await collection.updateMany(filter as never, { $inc: { version: 1 } });
      return true;
    },
    /** Of all organizations: those whose parts are behind for a while, and those to look at again. */
    async due(now: Date, quietMs: number): Promise<Pick<Snapshot, '_id' | 'org'>[]> {
      const before = { dirtySince: { $lte: new Date(now.getTime() - quietMs) } };
      const [behind, again] = await Promise.all(
        [before, { lookAgainAt: { $lte: now } }].map((of) =>
          model.find(of, { org: 1 }).limit(AT_ONCE).lean<Pick<Snapshot, '_id' | 'org'>[]>(),
        ),
      );
      return [...(behind ?? []), ...(again ?? [])];
    },
    /** Part of the transaction that changes jobs. */
    async staleIn(session: mongo.ClientSession, org: string, spans: GpuSpan[], at: Date): Promise<void> {
      const updates = spans.map(({ provider, gpuType, start, end }) => ({
        updateMany: {
          filter: { org, provider, gpuType, date: { $gte: start, $lte: end } },
          update: { $min: { dirtySince: at }, $inc: { version: 1 } },
        },
      }));
      await collection.bulkWrite(updates as never, { session, ordered: true });
    },
    /**
     * Part of a transaction that writes some of its parts: of two that do so one comes first.
     * @returns false where it has changed since.
     */
    async touchIn(session: mongo.ClientSession, { _id, org, version }: Snapshot): Promise<boolean> {
      const filter = { _id, org, version } as never;
      const { matchedCount } = await collection.updateOne(filter, { $inc: { touches: 1 } }, { session });
      return matchedCount === 1;
    },
    /** Part of the transaction that writes the last part. @returns false where it has changed since. */
    async settleIn(
      session: mongo.ClientSession,
      { _id, org, version, removed, lookAgainAt }: Snapshot,
      allocated: Allocated,
    ): Promise<boolean> {
      const filter = { _id, org, version } as never;
      if (removed) return (await collection.deleteOne(filter, { session })).deletedCount === 1;
      const isLast = lookAgainAt !== undefined && lookAgainAt <= allocated.at;
      const update = { $set: { allocated }, $unset: { dirtySince: 1, ...(isLast && { lookAgainAt: 1 }) } };
      return (await collection.updateOne(filter, update, { session })).matchedCount === 1;
    },
  };
}

function putOf(org: string, { id, gpuHours, ...rest }: NewSnapshot, at: Date) {
  const lookAgainAt = new Date(at.getTime() + LOOK_AGAIN_MS);
  const fields = { ...rest, at, dirtySince: at, lookAgainAt, ...(gpuHours !== undefined && { gpuHours }) };
  const gone = { removed: 1, ...(gpuHours === undefined && { gpuHours: 1 }) };
  const update = { $set: fields, $unset: gone, $inc: { version: 1 } };
  return { updateOne: { filter: { _id: id, org }, update, upsert: true } };
}

function isSame(old: Snapshot | undefined, snapshot: NewSnapshot): boolean {
  if (old === undefined || old.removed) return false;
  return old.costNanoUsd === snapshot.costNanoUsd && old.gpuHours === snapshot.gpuHours;
}
