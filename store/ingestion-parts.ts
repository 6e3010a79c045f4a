import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Connection } from 'mongoose';
import { collectionModel, Mixed } from './model.ts';

interface IngestionPart {
  /** of:the number of its first row, counted from 0. */
  _id: string;
  org: string;
  /** What the parts of one file have in common. */
  of: string;
  from: number;
  /** The number of the row behind its last one. */
  to: number;
  /** Gzip of lines. */
  bytes: Buffer;
}

const FIELDS = { _id: String, org: String, of: String, from: Number, to: Number, bytes: Mixed };
const [pack, unpack] = [promisify(gzip), promisify(gunzip)];
const WIDTH = 12;

/** The rows of files on their way in, one line of text a row, compressed. */
export function ingestionPartStore(connection: Connection) {
  const model = collectionModel<IngestionPart>(connection, 'ingestion_parts', FIELDS, [
    [{ org: 1, of: 1, to: 1 }],
  ]);
  return {
    model,
    /** @param lines without line breaks, of a few MB together at most. */
    async add(org: string, of: string, from: number, lines: string[]): Promise<void> {
      const _id = `${of}:${String(from).padStart(WIDTH, '0')}`;
      const bytes = await pack(lines.join('\n'));
      await model.collection.insertOne({ _id, org, of, from, to: from + lines.length, bytes } as never);
    },
    /** The lines behind so many rows, as far as they lie in one part; none where there are no more. */
    async behind(org: string, of: string, rows: number): Promise<string[]> {
      const part = await model
        .findOne({ org, of, to: { $gt: rows } })
        .sort({ to: 1 })
        .lean<IngestionPart>();
      if (part === null) return [];
      const text = await unpack((part.bytes as unknown as { buffer: Buffer }).buffer);
      return text
        .toString('utf8')
        .split('\n')
        .slice(rows - part.from);
    },
    async drop(org: string, of: string): Promise<void> {
      await model.deleteMany({ org, of });
    },
  };
}
