import type { Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { AppError, invalidInput } from '../../../domain/errors.ts';

const MEBIBYTE = 1024 * 1024;

/**
 * The largest file that is read, in bytes: beyond it, text and parsed JSON together would not fit a worker.
 */
export const MAX_FILE_BYTES = 200 * MEBIBYTE;

/** How much of a file is looked at for NUL bytes, in bytes. */
const BINARY_PROBE_BYTES = 8192;

/** An `invalid_input` about one file: the message begins with the file, and the detail names it. */
export function badFile(file: string, problem: string): AppError {
  return invalidInput(`${file}: ${problem}`, [{ field: file, problem }]);
}

/**
 * What the file system says of a path.
 * @param shown the path as people may see it
 * @throws AppError `invalid_input` where there is none, or where it may not be looked at
 */
export async function statPath(path: string, shown: string): Promise<Stats> {
  return stat(path).catch((error: unknown) => {
    throw fileSystemError(error, shown);
  });
}

/**
 * The text of a UTF-8 file. A byte order mark is dropped unless `keepMark`.
 * @throws AppError `too_large` over 200 MiB, told by its size before a byte is read; `invalid_input` where
 * it is a folder, a binary, UTF-16 or not UTF-8
 */
export async function readText(
  path: string,
  shown: string,
  options: { keepMark?: boolean } = {},
): Promise<string> {
  const info = await statPath(path, shown);
  if (!info.isFile()) throw badFile(shown, 'is not a regular file');
  refuseLarge(info.size, shown);
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fileSystemError(error, shown);
  });
  return decode(bytes, shown, options.keepMark ?? false);
}

/** @throws AppError `too_large` over the largest size of a file */
export function refuseLarge(bytes: number, shown: string): void {
  if (bytes <= MAX_FILE_BYTES) return;
  const size = `${Math.ceil(bytes / MEBIBYTE)} MB`;
  const problem = `is ${size} large; at most ${MAX_FILE_BYTES / MEBIBYTE} MB are read`;
  throw new AppError('too_large', `${shown}: ${problem}`, { details: [{ field: shown, problem }] });
}

function decode(bytes: Buffer, shown: string, keepMark: boolean): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  if (mark === 'fffe' || mark === 'feff') throw badFile(shown, 'is UTF-16; save it as UTF-8');
  if (bytes.subarray(0, BINARY_PROBE_BYTES).includes(0)) throw badFile(shown, 'is a binary file, not text');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: keepMark }).decode(bytes);
  } catch {
    throw badFile(shown, 'is not valid UTF-8; save it as UTF-8');
  }
}

const FILE_SYSTEM_PROBLEMS: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'there is no such file or folder',
  EACCES: 'may not be read: permission denied',
  EPERM: 'may not be read: permission denied',
  ELOOP: 'is a symbolic link that leads in a circle',
  ENAMETOOLONG: 'is too long for a path',
};

/**
 * What the file system refused, as an AppError that a person can act on; anything unknown is passed on as it
 * is.
 */
export function fileSystemError(error: unknown, shown: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  const problem = code === undefined ? undefined : FILE_SYSTEM_PROBLEMS[code];
  return problem === undefined ? error : badFile(shown, problem);
}
