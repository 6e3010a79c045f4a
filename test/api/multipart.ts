import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buildZip } from '../kinds/documentation/read/zip-builder.ts';
import type { Bursar } from '../support/bursar.ts';
import type { ErrorBody } from './second-organization.ts';

const BOUNDARY = 'bursar-test-boundary';

/** A zip of the files of a folder below a folder of its name, as people make it. */
export function zipOf(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return buildZip(
    files.map((file) => {
      const path = join(file.parentPath, file.name);
      return { name: `project/${relative(folder, path)}`, content: readFileSync(path) };
    }),
  );
}

/** Uploads parts that are given as they are. */
export async function uploadParts(
  bursar: Bursar,
  parts: Record<string, string | Buffer>,
  texts: Record<string, string> = {},
) {
  const form = new FormData();
  for (const [part, content] of Object.entries(parts))
    form.append(part, new Blob([new Uint8Array(Buffer.from(content))]), part);
  for (const [part, text] of Object.entries(texts)) form.append(part, text);
  return bursar.client.send<ErrorBody & { id: string }>('POST', '/documentation/projects', form);
}

export function partHead(name: string, file = true): string {
  const filename = file ? `; filename="${name}"\r\ncontent-type: application/octet-stream` : '';
  return `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"${filename}\r\n\r\n`;
}
export const END = `\r\n--${BOUNDARY}--\r\n`;

/** Sends a body piece by piece, as it is made. */
export async function uploadStream(
  bursar: Bursar,
  pieces: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
) {
  const encoder = new TextEncoder();
  async function* bytes() {
    for await (const piece of pieces) yield typeof piece === 'string' ? encoder.encode(piece) : piece;
  }
  const response = await fetch(`${bursar.client.url}/api/v1/documentation/projects`, {
    method: 'POST',
    headers: { 'x-api-key': bursar.key, 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    body: ReadableStream.from(bytes()),
    duplex: 'half',
  } as RequestInit);
  return { status: response.status, body: (await response.json()) as ErrorBody };
}

/** That many megabytes of zeros. */
export function* megabytes(count: number): Iterable<Uint8Array> {
  const piece = new Uint8Array(1024 * 1024);
  for (let sent = 0; sent < count; sent += 1) yield piece;
}
