import { readEvents, readLines } from '../../../cli/client/events.ts';

/** A body that arrives in pieces of any size. */
function bodyOf(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.subarray(at, at + size));
      controller.close();
    },
  });
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

const STREAM =
  ': still here\n\nevent: progress\ndata: {"a":1}\nid: 7\n\ndata: one\ndata: two\n\nevent: lost\n\n';

test.each([1, 2, 3, 7, 1000])('reads events that arrive in pieces of %i bytes', async (size) => {
  const events = await all(readEvents(bodyOf(Buffer.from(STREAM), size)));
  expect(events).toEqual([
    { event: 'progress', data: '{"a":1}', id: '7' },
    { event: 'message', data: 'one\ntwo' },
  ]);
});

test.each([1, 2, 5, 1000])(
  'reads lines with their umlauts in pieces of %i bytes, also the last one',
  async (size) => {
    const body = bodyOf(Buffer.from('größe\r\nzwei\n\ndrei'), size);
    expect(await all(readLines(body))).toEqual(['größe', 'zwei', '', 'drei']);
  },
);
