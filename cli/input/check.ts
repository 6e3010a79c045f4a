import { open, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { AppError, invalidInput } from '../../domain/errors.ts';
import { MANIFEST_IN_FOLDER, projectFiles } from './folder-zip.ts';

/** What the user named, after the checks that cost nothing. */
export type CheckedInput =
  | { form: 'manifest'; path: string }
  | { form: 'archive'; path: string }
  | { form: 'folder'; path: string }
  /** One file of SQL, to be zipped alone; `name` is its folder's. */
  | { form: 'sql'; path: string; name: string };

const MAX_BYTES = 200 * 1024 * 1024;
const LOOKED_AT_BYTES = 8192;
const ZIP_MARK = Buffer.from('PK\u0003\u0004', 'latin1');

/**
 * Refuses what cannot be right before any service is started.
 * @throws AppError `invalid_input`, `too_large`; the message names the path
 */
export async function checkInput(path: string): Promise<CheckedInput> {
  const info = await statOf(path);
  if (info.isDirectory()) {
    await checkFolder(path);
    return { form: 'folder', path };
  }
  const start = await checkFile(path, info);
  if (start.subarray(0, 4).equals(ZIP_MARK)) return { form: 'archive', path };
  const extension = extname(path).toLowerCase();
  if (extension === '.zip') throw wrong(path, 'is not a zip archive, or a damaged one');
  if (start.includes(0))
    throw wrong(path, 'is a binary file; a dbt manifest (JSON), a folder, a zip or a .sql file is needed');
  if (extension === '.sql') return { form: 'sql', path, name: basename(dirname(resolve(path))) };
  if (extension === '.yml' || extension === '.yaml')
    throw wrong(path, 'is one yml file; name the folder of the project');
  await checkJson(path, 'a dbt manifest (JSON)');
  return { form: 'manifest', path };
}

/** @throws AppError for a catalog that cannot be read as JSON */
export async function checkCatalog(path: string): Promise<void> {
  const info = await statOf(path);
  if (info.isDirectory()) throw wrong(path, 'is a folder; a dbt catalog.json is needed');
  const start = await checkFile(path, info);
  if (start.includes(0)) throw wrong(path, 'is a binary file; a dbt catalog.json is needed');
  await checkJson(path, 'a dbt catalog (JSON)');
}

/** The text of a small file that the user named. @throws AppError */
export async function readSmallText(path: string, maximumBytes: number): Promise<string> {
  const info = await statOf(path);
  if (info.isDirectory()) throw wrong(path, 'is a folder; a text file is needed');
  if (info.size > maximumBytes) throw tooLarge(path, info.size, maximumBytes);
  const bytes = await readFile(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (bytes.includes(0)) throw wrong(path, 'is a binary file; text is needed');
  return bytes.toString('utf8');
}

async function checkFolder(path: string): Promise<void> {
  const paths = await projectFiles(path).catch((error: unknown) => {
    throw error instanceof AppError ? error : unreadable(path, error);
  });
  if (!paths.some((found) => found.endsWith('.sql') || found === MANIFEST_IN_FOLDER))
    throw wrong(path, `holds no .sql file and no ${MANIFEST_IN_FOLDER}: nothing to document`);
}

async function checkFile(path: string, info: { size: number; isFile(): boolean }): Promise<Buffer> {
  if (!info.isFile()) throw wrong(path, 'is neither a file nor a folder');
  if (info.size === 0) throw wrong(path, 'is empty');
  if (info.size > MAX_BYTES) throw tooLarge(path, info.size, MAX_BYTES);
  return startOf(path);
}

async function statOf(path: string) {
  return stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
}

async function startOf(path: string): Promise<Buffer> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LOOKED_AT_BYTES), 0, LOOKED_AT_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function checkJson(path: string, wanted: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (text.trim() === '') throw wrong(path, 'is empty');
  if (!/^\uFEFF?\s*\{/.test(text)) throw wrong(path, `is not ${wanted}: it does not start with {`);
  try {
    JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw wrong(path, `is not valid JSON: ${jsonProblem(text, error as Error)}`);
  }
}

/** The parser's words with line and column instead of its offset and its excerpt. */
function jsonProblem(text: string, error: Error): string {
  const offset = /position (\d+)/.exec(error.message)?.[1];
  if (/end of JSON input|Unterminated string/.test(error.message) || Number(offset) >= text.trimEnd().length)
    return `it ends in the middle, in line ${text.trimEnd().split('\n').length} (was it cut off?)`;
  const problem = error.message.replace(
    /,? in JSON at position.*| \(line.*|, ".*is not valid JSON$|, \.\.\..*$/s,
    '',
  );
  if (offset === undefined) return problem;
  const before = text.slice(0, Number(offset)).split('\n');
  return `${problem} at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

function wrong(path: string, problem: string): AppError {
  return invalidInput(`${path} ${problem}`, [{ field: path, problem }]);
}

function tooLarge(path: string, bytes: number, maximum: number): AppError {
  const megabytes = (count: number) => `${Math.round(count / 1024 / 1024)} MB`;
  const problem = `has ${megabytes(bytes)}; at most ${megabytes(maximum)} can be read`;
  return new AppError('too_large', `${path} ${problem}`, { details: [{ field: path, problem }] });
}

function unreadable(path: string, error: unknown): AppError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return wrong(path, 'does not exist');
  if (code === 'EACCES' || code === 'EPERM') return wrong(path, 'may not be read (permission denied)');
  return wrong(path, `cannot be read: ${message}`);
}
