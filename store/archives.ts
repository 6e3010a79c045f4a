import mongoose, { type Connection, type Model, type mongo } from 'mongoose';
import { given } from '../domain/given.ts';
import type { Retained } from '../domain/retention.ts';
import { fitting, fromLine, packLines, toLine, unpackLines } from './archive-lines.ts';
import { collectionModel, Mixed } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';
import { Leave, transact } from './transaction.ts';

/** The rows of one collection that belong together: jobs of a day, rows of a month. */
export interface Archive {
  /** org|of:key. */
  _id: string;
  org: string;
  of: Retained;
  /** The day or month, YYYY-MM-DD or YYYY-MM. */
  key: string;
  /** `archiving` and `restoring` are finished by whoever comes after a process that died. */
  state: 'archiving' | 'archived' | 'restoring' | 'restored';
  /** In its parts, of all collections. */
  rows: number;
  bytes: number;
  at: Date;
  restoredAt?: Date;
}

/** Rows of a collection as JSON lines, compressed. */
interface ArchivePart {
  _id: string;
  org: string;
  archive: string;
  collectionName: string;
  rows: number;
  /** Gzip of lines of MongoDB Extended JSON. */
  bytes: Buffer;
  /** Its rows are in their collection still: it does not count, and whoever finds it may drop it. */
  open?: boolean;
}

/** A collection, and its field of the organization. */
export interface Source {
  model: Model<never>;
  org: 'org' | 'o';
}

type ArchiveRef = Pick<Archive, '_id' | 'org'>;
type Row = { _id: string };

/** What one transaction moves. */
const PART_ROWS = 500;

const FIELDS = {
  ...{ _id: String, org: String, of: String, key: String, state: String },
  ...{ rows: Number, bytes: Number, at: Date, restoredAt: Date },
};
const PART_FIELDS = {
  ...{ _id: String, org: String, archive: String, collectionName: String },
  ...{ rows: Number, bytes: Mixed, open: Boolean },
};
const UNFINISHED: Archive['state'][] = ['archiving', 'restoring'];

export function archiveId(org: string, of: Retained, key: string): string {
  return `${org}|${of}:${key}`;
}

/**
 * Archives of rows. A part is stored and read back, and only then one transaction takes it into its archive
 * and the rows out of their collection, if they are what the part says. So each row is in one place at any
 * time, whoever dies; and on its way back likewise.
 */
export function archiveStore(connection: Connection) {
  const model = collectionModel<Archive>(connection, 'archives', FIELDS, [
    [{ org: 1, _id: -1 }],
    [{ org: 1, of: 1, _id: -1 }],
    [{ state: 1, at: 1 }],
  ]);
  const parts = collectionModel<ArchivePart>(connection, 'archive_parts', PART_FIELDS, [
    [{ org: 1, archive: 1, _id: 1 }],
  ]);
  const heads = model.collection;

  /** Counts rows in or out. @returns false where it is in another state */
  async function countIn(
    session: mongo.ClientSession,
    { _id, org }: ArchiveRef,
    state: Archive['state'],
    change: { rows: number; bytes: number },
  ): Promise<boolean> {
    const { matchedCount } = await heads.updateOne(
      { _id, org, state } as never,
      { $inc: change },
      { session },
    );
    return matchedCount === 1;
  }

  async function rowsOf(
    { model: of, org: field }: Source,
    org: string,
    ids: string[],
    session?: mongo.ClientSession,
  ): Promise<Row[]> {
    const filter = { [field]: org, _id: { $in: ids } } as never;
    const found = await of.collection.find(filter, given({ session })).toArray();
    return (found as unknown as Row[]).sort((a, b) => (a._id < b._id ? -1 : 1));
  }

  /** Stores rows as an open part. @returns it as it was read back; undefined: somebody has dropped it */
  async function storePart(archive: ArchiveRef, source: Source, rows: Row[]) {
    const lines = fitting(rows.map(toLine));
    const _id = `${archive._id}:${new mongoose.Types.ObjectId()}`;
    const bytes = await packLines(lines);
    const of = { org: archive.org, archive: archive._id, collectionName: source.model.collection.name };
    await parts.collection.insertOne({ _id, ...of, rows: lines.length, bytes, open: true } as never);
    const stored = await parts.collection.findOne({ _id, org: archive.org } as never);
    if (stored === null) return undefined;
    const ids = rows.slice(0, lines.length).map((row) => row._id);
    return { _id, size: bytes.length, ids, lines: await unpackLines(stored.bytes) };
  }

  async function movePart(archive: ArchiveRef, source: Source, wanted: string[]): Promise<number> {
    const { org } = archive;
    const rows = await rowsOf(source, org, wanted);
    if (rows.length === 0) return 0;
    const part = await storePart(archive, source, rows);
    if (part === undefined) return 0;
    const { _id, size, ids, lines } = part;
    const done = await transact(connection, async (session) => {
      if (!(await countIn(session, archive, 'archiving', { rows: ids.length, bytes: size })))
        throw new Leave(false);
      const now = (await rowsOf(source, org, ids, session)).map(toLine);
      if (now.join('\n') !== lines.join('\n')) throw new Leave(false);
      const gone = { [source.org]: org, _id: { $in: ids } } as never;
      await source.model.collection.deleteMany(gone, { session });
      const mine = { _id, org, open: true } as never;
      const closed = await parts.collection.updateOne(mine, { $unset: { open: 1 } }, { session });
      if (closed.matchedCount === 0) throw new Leave(false);
      return true;
    });
    if (!done) await parts.collection.deleteOne({ _id, org, open: true } as never);
    return done ? ids.length : 0;
  }

  async function restorePart(archive: ArchiveRef, source: Source, part: ArchivePart): Promise<void> {
    const rows = (await unpackLines(part.bytes)).map(fromLine);
    const { org } = archive;
    await transact(connection, async (session) => {
      const { deletedCount } = await parts.collection.deleteOne({ _id: part._id, org } as never, { session });
      const { length: size } = (part.bytes as unknown as { buffer: Buffer }).buffer;
      const change = { rows: -part.rows, bytes: -size };
      // Somebody else was faster.
      if (deletedCount === 0 || !(await countIn(session, archive, 'restoring', change)))
        throw new Leave(undefined);
      const ids = rows.map((row) => row._id);
      const there = new Set((await rowsOf(source, org, ids, session)).map((row) => row._id));
      const missing = rows.filter((row) => !there.has(row._id));
      if (missing.length > 0) await source.model.collection.insertMany(missing as never, { session });
    });
  }

  return {
    model,
    async find(org: string, id: string): Promise<Archive | undefined> {
      return (await model.findOne({ _id: id, org }).lean<Archive>()) ?? undefined;
    },
    /** Those of one collection together, the newest keys first. */
    async list(org: string, of: Retained | undefined, request: PageRequest): Promise<Page<Archive>> {
      const filter = given({ org, of });
      return pageOf<Archive>(model, filter, { field: '_id', order: -1 }, request);
    },
    /** Archives of a collection that hold rows. */
    async sums(org: string, of: Retained): Promise<{ archives: number; rows: number; bytes: number }> {
      const sum = (field: string) => ({ $sum: field });
      const [found] = await model.aggregate<{ archives: number; rows: number; bytes: number }>([
        { $match: { org, of, rows: { $gt: 0 } } },
        { $group: { _id: null, archives: { $sum: 1 }, rows: sum('$rows'), bytes: sum('$bytes') } },
      ]);
      const { archives = 0, rows = 0, bytes = 0 } = found ?? {};
      return { archives, rows, bytes };
    },
    /** Of all organizations or one: what somebody has begun, and may have died over. */
    async unfinished(org: string | undefined, limit: number): Promise<Archive[]> {
      const filter = given({ org, state: { $in: UNFINISHED } });
      return model.find(filter).sort({ at: 1 }).limit(limit).lean<Archive[]>();
    },
    /** Part of a transaction. @returns false while it is being restored */
    async beginIn(
      session: mongo.ClientSession,
      archive: Pick<Archive, '_id' | 'org' | 'of' | 'key'>,
      at: Date,
    ) {
      const { _id, ...of } = archive;
      const found = (await heads.findOne({ _id, org: of.org } as never, { session })) as Archive | null;
      if (found?.state === 'restoring') return false;
      const update = {
        $set: { ...of, state: 'archiving', at },
        $setOnInsert: { rows: 0, bytes: 0 },
        $unset: { restoredAt: 1 },
      };
      await heads.updateOne({ _id } as never, update, { session, upsert: true });
      return true;
    },
    /** Moves rows into an archive that was begun. @returns how many: fewer where some are not as they were */
    async move(archive: ArchiveRef, source: Source, ids: string[]): Promise<number> {
      let moved = 0;
      for (let from = 0; from < ids.length; ) {
        const rows = await movePart(archive, source, ids.slice(from, from + PART_ROWS));
        if (rows === 0) return moved;
        moved += rows;
        from += rows;
      }
      return moved;
    },
    /** All that belongs to it is in it. */
    async finish({ _id, org }: ArchiveRef): Promise<boolean> {
      const filter = { _id, org, state: 'archiving' } as never;
      return (await heads.updateOne(filter, { $set: { state: 'archived' } })).matchedCount === 1;
    },
    /** Parts whose rows were not taken out. */
    async dropOpen({ _id, org }: ArchiveRef): Promise<void> {
      await parts.collection.deleteMany({ org, archive: _id, open: true } as never);
    },
    /** Brings all rows of an archive back; many may do so at once. @returns false where there is none */
    async restore({ _id, org }: ArchiveRef, sources: Source[]): Promise<boolean> {
      const begun = { _id, org, state: { $ne: 'restored' } } as never;
      const { matchedCount } = await heads.updateOne(begun, { $set: { state: 'restoring' } });
      if (matchedCount === 0) return false;
      for (const source of sources) {
        const filter = { org, archive: _id, collectionName: source.model.collection.name, open: null };
        for await (const part of parts.collection.find(filter as never))
          await restorePart({ _id, org }, source, part as unknown as ArchivePart);
      }
      return true;
    },
    /** Part of a transaction: all rows are back. @param at missing: it may be archived again at once */
    async restoredIn(session: mongo.ClientSession, { _id, org }: ArchiveRef, at?: Date): Promise<boolean> {
      const set = given({ state: 'restored', restoredAt: at });
      const filter = { _id, org, state: 'restoring' } as never;
      return (await heads.updateOne(filter, { $set: set }, { session })).matchedCount === 1;
    },
  };
}
