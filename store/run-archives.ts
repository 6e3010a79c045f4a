import mongoose, { type Connection, type Model } from 'mongoose';
import { fromLine, packLines, toLine, unpackLines } from './archive-lines.ts';
import { collectionModel, insertEach, Mixed } from './model.ts';

/** A part of the details of an ended run: rows of one collection as JSON lines, compressed. */
export interface RunArchive {
  /** run:collection:a new id, so that no part ever takes the place of another. */
  _id: string;
  org: string;
  run: string;
  of: string;
  rows: number;
  /** Gzip of lines of MongoDB Extended JSON. */
  bytes: Buffer;
  at: Date;
}

const FIELDS = {
  _id: String,
  org: String,
  run: String,
  of: String,
  rows: Number,
  bytes: Mixed,
  at: Date,
};

/** A document may have 16 MB; rows are a few KB, at most one accepted answer. */
const PART_ROWS = 500;
const PART_BYTES = 8_000_000;

type Row = { _id: string };

/**
 * The archive of ended runs. What dies between two steps loses nothing: rows are deleted when their part is
 * stored; one that is in two parts is brought back once, under its own id.
 */
export function runArchiveStore(connection: Connection) {
  const model = collectionModel<RunArchive>(connection, 'run_archives', FIELDS, [
    [{ org: 1, run: 1, _id: 1 }],
  ]);

  /** @returns how many rows went into the part; 0: there are no more */
  async function movePart(of: Model<never>, org: string, run: string, at: Date): Promise<number> {
    const { lines, ids } = await nextRows(of, org, run);
    if (ids.length === 0) return 0;
    const collection = of.collection.name;
    const _id = `${run}:${collection}:${new mongoose.Types.ObjectId()}`;
    const bytes = await packLines(lines);
    await model.create({ _id, org, run, of: collection, rows: ids.length, bytes, at });
    await of.collection.deleteMany({ org, run, _id: { $in: ids } } as never);
    return ids.length;
  }

  return {
    model,
    /** Brings all rows of a run into the archive. @returns how many */
    async move(of: Model<never>, org: string, run: string, at: Date): Promise<number> {
      for (let sum = 0; ; ) {
        const rows = await movePart(of, org, run, at);
        if (rows === 0) return sum;
        sum += rows;
      }
    },
    /** Brings what is archived of a run back into a collection. @returns how many rows */
    async restore(of: Model<never>, org: string, run: string): Promise<number> {
      let rows = 0;
      const filter = {
        org,
        run,
        _id: { $gt: `${run}:${of.collection.name}:`, $lt: `${run}:${of.collection.name};` },
      };
      for await (const { bytes } of model.collection.find(filter as never)) {
        const documents = (await unpackLines(bytes)).map(fromLine);
        rows += documents.length;
        await insertEach(of as unknown as Model<Row>, documents);
      }
      await model.deleteMany(filter);
      return rows;
    },
  };
}

/** The next rows of a run as lines, as many as one part may hold. */
async function nextRows(of: Model<never>, org: string, run: string) {
  const [lines, ids]: [string[], string[]] = [[], []];
  let size = 0;
  const found = of.collection.find({ org, run } as never).limit(PART_ROWS);
  for await (const row of found) {
    const line = toLine(row);
    size += line.length;
    if (lines.length > 0 && size > PART_BYTES) break;
    lines.push(line);
    ids.push((row as unknown as Row)._id);
  }
  return { lines, ids };
}
