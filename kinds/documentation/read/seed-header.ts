import { open } from 'node:fs/promises';
import { fileSystemError } from './text-file.ts';

/** A header is read from the first 64 KiB of a seed: the rows behind it are not looked at. */
const HEADER_BYTES = 64 * 1024;
const MAX_COLUMNS = 5000;

/** The column names in the first line of a csv file; quotes and a byte order mark are taken off. */
export async function readSeedHeader(path: string, shown: string): Promise<string[]> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
      return splitHeader(buffer.subarray(0, bytesRead).toString('utf8'));
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileSystemError(error, shown);
  }
}

function splitHeader(text: string): string[] {
  const line = /^\uFEFF?((?:"(?:[^"]|"")*"|[^"\r\n])*)/.exec(text)?.[1] ?? '';
  const fields = [...line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"|([^,]*))/g)];
  return fields
    .map((field) => (field[1]?.replaceAll('""', '"') ?? field[2] ?? '').trim())
    .filter((name) => name !== '')
    .slice(0, MAX_COLUMNS);
}
