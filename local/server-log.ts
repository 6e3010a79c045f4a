import { closeSync, openSync, readSync, statSync } from 'node:fs';

const TAIL_BYTES = 16_384;

/**
 * The size of the log now, so that `tailOf` can leave out what an earlier run wrote. 0 when there is none.
 */
export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last lines of a log, at most 16 KiB, written after the position `from`. */
export function tailOf(file: string, lines: number, from = 0): string {
  const size = sizeOf(file);
  const start = Math.max(size < from ? 0 : from, size - TAIL_BYTES);
  if (size === 0) return '(the log is empty)';
  const buffer = Buffer.alloc(size - start);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, buffer, 0, buffer.length, start);
  } finally {
    closeSync(descriptor);
  }
  const text = buffer.toString('utf8').trim();
  return text === '' ? '(the log is empty)' : text.split('\n').slice(-lines).join('\n');
}
