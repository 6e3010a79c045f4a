import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import mongoose from 'mongoose';

/** A document may have 16 MB; rows are a few KB. */
const PART_BYTES = 8_000_000;
const { EJSON } = mongoose.mongo.BSON;
const [pack, unpack] = [promisify(gzip), promisify(gunzip)];

/** A row as one line of MongoDB Extended JSON, which keeps the types of its fields. */
export function toLine(row: object): string {
  return EJSON.stringify(row, { relaxed: false });
}

export function fromLine(line: string): { _id: string } {
  return EJSON.parse(line) as { _id: string };
}

/** Gzip of the lines. */
export async function packLines(lines: string[]): Promise<Buffer> {
  return pack(lines.join('\n'));
}

/** @param bytes as the driver reads them */
export async function unpackLines(bytes: unknown): Promise<string[]> {
  const text = await unpack((bytes as { buffer: Buffer }).buffer);
  return text.toString('utf8').split('\n');
}

/** As many lines as one part may hold, one at least. */
export function fitting(lines: string[]): string[] {
  let size = 0;
  const end = lines.findIndex((line) => {
    size += line.length;
    return size > PART_BYTES;
  });
  return end === -1 ? lines : lines.slice(0, Math.max(1, end));
}
