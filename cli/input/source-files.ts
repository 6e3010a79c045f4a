import { isUtf8 } from 'node:buffer';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { invalidInput } from '../../domain/errors.ts';
import type { NewSource } from '../client/intelligence.ts';

const FORMATS: Record<string, NewSource['format']> = {
  '.txt': 'text',
  '.md': 'markdown',
  '.markdown': 'markdown',
  '.html': 'html',
  '.htm': 'html',
  '.pdf': 'pdf',
};
/** What one request carries; in base64 a PDF grows by a third. */
const MAX_BYTES = 6_000_000;
const MAX_FILES = 200;

/**
 * The documents of a folder, or one file, in the order of their names.
 * @throws AppError `invalid_input` where there are none, or one is too large.
 */
export function readSourceFiles(path: string): NewSource[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw wrong(path, 'is not there');
  const files = stats.isDirectory()
    ? readdirSync(path)
        .filter((name) => extname(name).toLowerCase() in FORMATS)
        .sort()
        .map((name) => join(path, name))
    : [path];
  if (files.length === 0) throw wrong(path, 'holds no .md, .txt, .html or .pdf file');
  if (files.length > MAX_FILES) throw wrong(path, `holds more than ${MAX_FILES} documents`);
  return files.map(readSource);
}

function readSource(path: string): NewSource {
  const format = FORMATS[extname(path).toLowerCase()];
  if (format === undefined) throw wrong(path, 'must be a .md, .txt, .html or .pdf file');
  const bytes = readFileSync(path);
  if (bytes.length === 0) throw wrong(path, 'is empty');
  if (bytes.length > MAX_BYTES) throw wrong(path, `has more than ${MAX_BYTES / 1_000_000} MB`);
  return {
    title: basename(path, extname(path)).replace(/[-_]+/g, ' '),
    format,
    content: format === 'pdf' ? bytes.toString('base64') : textOf(path, bytes),
  };
}

/** Another encoding would be stored with replacement characters, and be cited so. */
function textOf(path: string, bytes: Buffer): string {
  if (!isUtf8(bytes)) throw wrong(path, 'is not UTF-8: save it in that encoding');
  return bytes.toString('utf8');
}

function wrong(path: string, problem: string) {
  return invalidInput(`${path} ${problem}`, [{ field: path, problem }]);
}
