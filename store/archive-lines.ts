import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import mongoose from 'mongoose';

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
