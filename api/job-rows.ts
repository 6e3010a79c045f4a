import { Readable, Transform, type TransformCallback } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { fromHarmless } from '../domain/csv-text.ts';
import { AppError, invalidInput } from '../domain/errors.ts';
import type { Row } from '../domain/jobs/columns.ts';
import type { JobFormat } from '../domain/jobs/formats.ts';
import type { FileRow } from '../domain/jobs/ingest.ts';
import { FOCUS_NEEDS } from '../domain/jobs/read-focus.ts';
import { DISCARD_LIMIT_BYTES } from './body.ts';

const READERS: Record<JobFormat, (text: Readable) => AsyncGenerator<FileRow>> = {
  csv: (text) => csvRows(text, []),
  focus: (text) => csvRows(text, FOCUS_NEEDS),
  jsonl: jsonLines,
  json: jsonRows,
};

const MAX_ROW_BYTES = 1024 * 1024;
/** A JSON array is read whole; JSON lines and CSV are not. */
const MAX_JSON_BYTES = 8 * 1024 * 1024;
/** What unpacks to so many times its size, beyond a first part, is no file of jobs. */
const MAX_RATIO = 200;
const FREE_BYTES = 16 * 1024 * 1024;
const GZIP = [0x1f, 0x8b];

/**
 * The rows of a body as they come; what was read is forgotten. Gzip is found by its first bytes.
 * @throws AppError `too_large` for a zip bomb or a JSON array above 8 MB, `invalid_input` where reading
 * cannot go on.
 */
export async function* rowsOf(body: ReadableStream, format: JobFormat): AsyncGenerator<FileRow> {
  const source = Readable.fromWeb(body);
  const text = forwarding(await unpacked(source), utf8());
  const rows = READERS[format](text);
  try {
    yield* rows;
  } catch (error) {
    await readOn(source);
    const isGzip = String((error as { code?: unknown }).code).startsWith('Z_');
    throw isGzip ? invalidInput('the gzip is cut off or broken') : error;
  } finally {
    text.destroy();
    source.destroy();
  }
}

async function unpacked(source: Readable): Promise<Readable> {
  const counter = counting();
  const counted = source.pipe(counter.stream);
  source.on('error', (error) => counted.destroy(error));
  const first = await firstOf(counted);
  if (first?.[0] !== GZIP[0] || first?.[1] !== GZIP[1]) return counted;
  const gunzip = forwarding(counted, createGunzip());
  return forwarding(gunzip, bounded(counter.bytes));
}

/**
 * The rest is read, and forgotten: who is still sending does not see an answer, only a broken connection.
 */
async function readOn(source: Readable): Promise<void> {
  source.unpipe();
  if (source.destroyed || source.readableEnded) return;
  let bytes = 0;
  source.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > DISCARD_LIMIT_BYTES) source.destroy();
  });
  source.resume();
  await new Promise((resolve) => source.once('close', resolve));
}

/** Like `pipe`, but a failure is passed on, and the end of the reader ends the source. */
function forwarding<T extends Transform>(from: Readable, to: T): T {
  from.on('error', (error) => to.destroy(error));
  to.on('close', () => from.destroy());
  return from.pipe(to);
}

function counting() {
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, bytes: () => bytes };
}

function bounded(packedBytes: () => number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= FREE_BYTES || bytes <= packedBytes() * MAX_RATIO) return done(null, chunk);
      const limit = `the file unpacks to more than ${MAX_RATIO} times its size`;
      done(new AppError('too_large', `${limit}; send it unpacked if that is right`));
    },
  });
}

/** The first bytes, which stay to be read. */
async function firstOf(stream: Readable): Promise<Buffer | undefined> {
  await new Promise<void>((resolve, reject) => {
    stream.once('readable', resolve);
    stream.once('end', resolve);
    stream.once('error', reject);
  });
  const chunk = stream.read() as Buffer | null;
  if (chunk === null) return undefined;
  stream.unshift(chunk);
  return chunk;
}

/** Refuses what is not UTF-8, and takes a byte order mark away. */
function utf8(): Transform {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let lines = 1;
  const decode = (chunk: Buffer | undefined, done: TransformCallback) => {
    try {
      const text = decoder.decode(chunk, { stream: chunk !== undefined });
      for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1;
      done(null, text);
    } catch {
      done(invalidInput(`the file is not UTF-8, at line ${lines} or soon after it`));
    }
  };
  return new Transform({
    readableObjectMode: false,
    encoding: 'utf8',
    transform: (chunk: Buffer, _encoding, done) => decode(chunk, done),
    flush: (done) => decode(undefined, done),
  });
}

async function* csvRows(text: Readable, needed: readonly string[]): AsyncGenerator<FileRow> {
  const skipped: FileRow[] = [];
  const parser = forwarding(
    text,
    parse({
      columns: (head: string[]) => namesOf(head, needed),
      info: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      max_record_size: MAX_ROW_BYTES,
    }),
  );
  parser.on('skip', (error: CsvError) => {
    skipped.push({ line: Number(error.lines ?? 0), problem: problemOf(error) });
  });
  try {
    for await (const { info, record } of parser as AsyncIterable<{ info: { lines: number }; record: Row }>) {
      yield* skipped.splice(0);
      yield { line: info.lines, row: withoutHarm(record) };
    }
  } catch (error) {
    throw error instanceof CsvError ? invalidInput(`the CSV ends unreadable: ${wordsOf(error)}`) : error;
  }
  yield* skipped;
}

function namesOf(head: string[], needed: readonly string[]): string[] {
  const names = head.map((name) => name.trim());
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw invalidInput(`the column "${twice.slice(0, 60)}" stands twice in the head`);
  const missing = needed.filter((name) => !names.includes(name));
  if (missing.length > 0) throw invalidInput(`this is no FOCUS file: it lacks ${missing.join(', ')}`);
  return names;
}

/** What an export has made harmless is what it was. */
function withoutHarm(row: Row): Row {
  for (const [name, value] of Object.entries(row))
    if (typeof value === 'string' && value.startsWith("'")) row[name] = fromHarmless(value);
  return row;
}

function problemOf(error: CsvError): string {
  if (error.code === 'CSV_MAX_RECORD_SIZE') return 'has more than 1 MB; a quote may be left open';
  return wordsOf(error);
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message.slice(0, 200) : 'no CSV');

async function* jsonLines(text: Readable): AsyncGenerator<FileRow> {
  let [rest, line, isTooLong] = ['', 0, false];
  for await (const chunk of text as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const each of lines) {
      line += 1;
      if (isTooLong) yield { line, problem: 'has more than 1 MB' };
      else if (each.trim() !== '') yield jsonRow(each, line);
      isTooLong = false;
    }
    // Of a line that is too long nothing is kept but that it is.
    isTooLong ||= rest.length > MAX_ROW_BYTES;
    if (isTooLong) rest = '';
  }
  if (isTooLong) yield { line: line + 1, problem: 'has more than 1 MB' };
  else if (rest.trim() !== '') yield jsonRow(rest, line + 1);
}

function jsonRow(text: string, line: number): FileRow {
  if (text.length > MAX_ROW_BYTES) return { line, problem: 'has more than 1 MB' };
  try {
    return asRow(JSON.parse(text), line);
  } catch {
    return { line, problem: 'is no JSON' };
  }
}

function asRow(value: unknown, line: number): FileRow {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? { line, row: value as Row } : { line, problem: 'must be a JSON object' };
}

async function* jsonRows(text: Readable): AsyncGenerator<FileRow> {
  let all = '';
  for await (const chunk of text as AsyncIterable<string>) {
    all += chunk;
    if (all.length > MAX_JSON_BYTES)
      throw new AppError(
        'too_large',
        'a JSON array may have 8 MB; send JSON lines, which may be of any size',
      );
  }
  const rows = parsed(all);
  for (const [at, value] of rows.entries()) yield asRow(value, at + 1);
}

function parsed(text: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidInput('the body is no JSON');
  }
  const rows = typeof value === 'object' && value !== null && 'jobs' in value ? value.jobs : value;
  if (!Array.isArray(rows)) throw invalidInput('send a JSON array of jobs, or {"jobs": [...]}');
  return rows;
}
