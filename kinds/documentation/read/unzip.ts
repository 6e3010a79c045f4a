import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { AppError } from '../../../domain/errors.ts';
import { badFile, fileSystemError, MAX_FILE_BYTES } from './text-file.ts';

interface ZipLimits {
  maxEntries: number;
  /** Unpacked, all files together. */
  maxTotalBytes: number;
  /** Unpacked, each file. */
  maxFileBytes: number;
}

/** For what people upload: 20,000 entries, 1 GiB unpacked, 200 MiB a file. */
export const ZIP_LIMITS: ZipLimits = {
  maxEntries: 20_000,
  maxTotalBytes: 1024 ** 3,
  maxFileBytes: MAX_FILE_BYTES,
};

const MAX_PATH_LENGTH = 1000;
const FILE_TYPE_MASK = 0o170000;
const REGULAR_FILE = 0o100000;
const FOLDER = 0o040000;

/**
 * Unpacks a zip into a folder that does not exist yet or is empty; the folder around it must exist. It is
 * unpacked beside it and moved when complete, so that a failure leaves nothing behind.
 * @throws AppError `invalid_input` for what is no zip, and for entries that are encrypted, links, or lead
 * out of the folder; `too_large` beyond the limits, which are held while inflating, whatever sizes the
 * archive claims
 */
export async function extractZip(
  zipPath: string,
  targetFolder: string,
  limits: ZipLimits = ZIP_LIMITS,
): Promise<{ files: number; bytes: number }> {
  const shown = basename(zipPath);
  const partial = await mkdtemp(join(dirname(targetFolder), '.unzip-'));
  try {
    const zip = await openZip(zipPath, shown);
    const result = await extractAll(zip, partial, shown, limits).finally(() => zip.close());
    await rename(partial, targetFolder);
    return result;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

async function openZip(zipPath: string, shown: string): Promise<ZipFile> {
  const options = { lazyEntries: true, autoClose: false, validateEntrySizes: true, strictFileNames: true };
  return new Promise((resolve, reject) => {
    yauzl.open(zipPath, options, (error, zip) => (error ? reject(zipError(error, shown)) : resolve(zip)));
  });
}

async function extractAll(zip: ZipFile, folder: string, shown: string, limits: ZipLimits) {
  if (zip.entryCount > limits.maxEntries) throw tooLarge(shown, `holds over ${limits.maxEntries} entries`);
  const count = { files: 0, bytes: 0 };
  let entries = 0;
  for await (const entry of entriesOf(zip, shown)) {
    if (++entries > limits.maxEntries) throw tooLarge(shown, `holds over ${limits.maxEntries} entries`);
    refuseEntry(entry, shown);
    const path = join(folder, entry.fileName);
    if (entry.fileName.endsWith('/')) {
      await mkdir(path, { recursive: true }).catch((error: unknown) => refuseClash(error, entry, shown));
      continue;
    }
    await mkdir(dirname(path), { recursive: true }).catch((error: unknown) =>
      refuseClash(error, entry, shown),
    );
    await extractFile(zip, entry, path, shown, limits, count);
    count.files++;
  }
  return count;
}

/** The entries one after another: the next one's header is read when the one before is done with. */
async function* entriesOf(zip: ZipFile, shown: string): AsyncGenerator<Entry> {
  try {
    yield* zip.eachEntry();
  } catch (error) {
    throw error instanceof AppError ? error : zipError(error as Error, shown);
  }
}

function refuseEntry(entry: Entry, shown: string): void {
  const name = JSON.stringify(entry.fileName.slice(0, 200));
  // yauzl refuses absolute paths, drive letters, backslashes and `..` by itself; a second look costs nothing.
  if (entry.fileName.split('/').includes('..') || entry.fileName.includes('\0')) {
    throw badFile(shown, `the entry ${name} leads out of the archive`);
  }
  if (entry.fileName.length > MAX_PATH_LENGTH)
    throw badFile(shown, `the path of the entry ${name} is too long`);
  if (entry.isEncrypted()) throw badFile(shown, `the entry ${name} is encrypted`);
  const type = (entry.externalFileAttributes >>> 16) & FILE_TYPE_MASK;
  if (type !== 0 && type !== REGULAR_FILE && type !== FOLDER) {
    throw badFile(shown, `the entry ${name} is a link or a device; only files and folders are unpacked`);
  }
}

async function extractFile(
  zip: ZipFile,
  entry: Entry,
  path: string,
  shown: string,
  limits: ZipLimits,
  count: { bytes: number },
): Promise<void> {
  let fileBytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      fileBytes += chunk.length;
      count.bytes += chunk.length;
      if (fileBytes > limits.maxFileBytes) {
        done(tooLarge(shown, `the entry ${entry.fileName} is over ${limits.maxFileBytes} bytes unpacked`));
      } else if (count.bytes > limits.maxTotalBytes) {
        done(tooLarge(shown, `is over ${limits.maxTotalBytes} bytes unpacked`));
      } else done(null, chunk);
    },
  });
  try {
    const stream = await zip.openReadStreamPromise(entry);
    await pipeline(stream, meter, createWriteStream(path, { flags: 'wx' }));
  } catch (error) {
    refuseClash(error, entry, shown);
  }
}

/**
 * Turns what went wrong with one entry into words: a name that is there twice, or data that does not
 * inflate.
 */
function refuseClash(error: unknown, entry: Entry, shown: string): never {
  if (error instanceof AppError) throw error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const name = JSON.stringify(entry.fileName.slice(0, 200));
  if (/^(EEXIST|EISDIR|ENOTDIR)$/.test(code)) throw badFile(shown, `the entry ${name} is there twice`);
  if (code === '' || code.startsWith('Z_')) throw badFile(shown, `the entry ${name} is damaged`);
  throw fileSystemError(error, shown);
}

function zipError(error: Error, shown: string): unknown {
  if ((error as NodeJS.ErrnoException).code !== undefined) return fileSystemError(error, shown);
  if (/relative path|absolute path|invalid characters in fileName/.test(error.message)) {
    return badFile(shown, `an entry leads out of the archive (${error.message.slice(0, 200)})`);
  }
  return badFile(shown, 'is not a zip archive, or a damaged one');
}

function tooLarge(shown: string, problem: string): AppError {
  return new AppError('too_large', `${shown}: ${problem}`, { details: [{ field: shown, problem }] });
}
