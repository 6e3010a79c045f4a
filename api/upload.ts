import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { AppError, asAppError, invalidInput } from '../domain/errors.ts';

const UPLOAD_LIMIT_BYTES = 200 * 1024 * 1024;
const TEXT_LIMIT_BYTES = 100_000;

export interface Upload {
  /** Path on disk by part name. */
  files: Map<string, string>;
  texts: Map<string, string>;
}

/**
 * Streams a multipart upload to a folder of its own, hands it on, and removes it whatever happens.
 * @throws AppError `too_large` above 200 MB a file, `invalid_input` for a body that is no multipart form or
 * has parts which are not known.
 */
export async function withUpload<T>(
  request: Request,
  into: { folder: string; files: string[]; texts: string[] },
  use: (upload: Upload, folder: string) => Promise<T>,
): Promise<T> {
  const type = request.headers.get('content-type') ?? '';
  if (!type.startsWith('multipart/form-data') || request.body === null)
    throw invalidInput(`send multipart/form-data with one of the parts ${into.files.join(', ')}`, [
      { field: 'content-type', problem: type === '' ? 'is missing' : `is ${type.slice(0, 100)}` },
    ]);
  await mkdir(into.folder, { recursive: true });
  const folder = await mkdtemp(join(into.folder, 'upload-'));
  try {
    return await use(await receive(request.body, type, folder, into), folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function receive(
  body: NonNullable<Request['body']>,
  type: string,
  folder: string,
  known: { files: string[]; texts: string[] },
): Promise<Upload> {
  const upload: Upload = { files: new Map(), texts: new Map() };
  const open: { stream: BusboyFileStream; saved: Promise<void> }[] = [];
  let problem: AppError | undefined;
  const parser = openParser(type);
  parser.on('file', (name, stream) => {
    if (!known.files.includes(name) || upload.files.has(name)) {
      problem ??= wrongPart(name, known);
      stream.resume();
      return;
    }
    upload.files.set(name, join(folder, name));
    // A part that cannot be saved is answered for at the end; the parts behind it have to be read first.
    const saved = save(name, stream, join(folder, name)).catch((error: unknown) => {
      problem ??= asAppError(error);
    });
    open.push({ stream, saved });
  });
  parser.on('field', (name, text, _nameTruncated, truncated) => {
    if (!known.texts.includes(name)) problem ??= wrongPart(name, known);
    if (truncated)
      problem ??= new AppError('too_large', `the part ${name} has more than ${TEXT_LIMIT_BYTES} bytes`);
    upload.texts.set(name, text);
  });
  try {
    await pipeline(Readable.fromWeb(body as ReadableStream), parser);
  } catch (cause) {
    problem ??= new AppError('invalid_input', 'the upload is cut off or no multipart form', { cause });
    // What was being written will never come to its end by itself.
    for (const { stream } of open) stream.destroy();
  }
  await Promise.all(open.map(({ saved }) => saved));
  if (problem !== undefined) throw problem;
  return upload;
}

function openParser(type: string): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': type },
      limits: { fileSize: UPLOAD_LIMIT_BYTES, fieldSize: TEXT_LIMIT_BYTES, files: 3, fields: 10, parts: 12 },
    });
  } catch (cause) {
    throw new AppError('invalid_input', 'the upload is no multipart form', { cause });
  }
}

async function save(name: string, stream: BusboyFileStream, path: string): Promise<void> {
  await pipeline(stream, createWriteStream(path));
  if (stream.truncated)
    throw new AppError('too_large', `the part ${name} is larger than 200 MB`, {
      details: [{ field: name, problem: 'may have at most 200 MB' }],
    });
}

function wrongPart(name: string, known: { files: string[]; texts: string[] }): AppError {
  const names = [...known.files, ...known.texts].join(', ');
  const part = name.slice(0, 100);
  if (known.files.includes(name))
    return invalidInput(`the part ${part} must come once, and as a file (with a filename)`, [
      { field: part, problem: 'came twice, or as a text field instead of a file' },
    ]);
  if (known.texts.includes(name))
    return invalidInput(`the part ${part} must be a text field, not a file`, [
      { field: part, problem: 'came as a file instead of a text field' },
    ]);
  return invalidInput(`the part ${part} is not known; known: ${names}`, [
    { field: part, problem: `must be one of: ${names}` },
  ]);
}
