import type { ServerResponse } from 'node:http';
import type { Context } from 'hono';
import type { Logger } from '../config/logger.ts';

/** So much is sent at a time. */
const CHUNK_BYTES = 64 * 1024;

/**
 * A body of chunks as they are made, no faster than they are taken. A failure before the first of them is
 * thrown, so that it gets its answer; a later one breaks the connection off, for what was sent must not look
 * whole. (Were the stream to fail instead, the server would write the error's text and end the body.)
 */
export async function streamOf(
  c: Context,
  logger: Logger,
  chunks: AsyncIterable<string | Uint8Array>,
): Promise<ReadableStream> {
  const pieces = inPieces(chunks);
  let next = await pieces.next();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (next.done === true) return controller.close();
      controller.enqueue(next.value);
      try {
        next = await pieces.next();
      } catch (error) {
        logger.error({ err: error, path: c.req.path }, 'an answer was broken off');
        (c.env as { outgoing: ServerResponse }).outgoing.destroy();
        controller.close();
      }
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
}

async function* inPieces(chunks: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    const part = Buffer.from(chunk);
    parts.push(part);
    bytes += part.length;
    if (bytes < CHUNK_BYTES) continue;
    yield Buffer.concat(parts);
    [parts, bytes] = [[], 0];
  }
  if (bytes > 0) yield Buffer.concat(parts);
}
