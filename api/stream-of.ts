/** So much is sent at a time. */
const CHUNK_BYTES = 64 * 1024;

/**
 * A body of chunks as they are made, no faster than they are taken. A failure before the first of them is
 * thrown, so that it gets its answer; a later one breaks the connection off: what was sent must not look
 * whole.
 */
export async function streamOf(chunks: AsyncIterable<string | Uint8Array>): Promise<ReadableStream> {
  const pieces = inPieces(chunks);
  let next = await pieces.next();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (next.done === true) return controller.close();
      controller.enqueue(next.value);
      next = await pieces.next();
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
    const part = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk);
    parts.push(part);
    bytes += part.length;
    if (bytes < CHUNK_BYTES) continue;
    yield Buffer.concat(parts);
    [parts, bytes] = [[], 0];
  }
  if (bytes > 0) yield Buffer.concat(parts);
}
