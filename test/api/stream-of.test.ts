import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { afterEach, expect, test } from '@jest/globals';
import { Hono } from 'hono';
import { streamOf } from '../../api/stream-of.ts';
import { createLogger } from '../../config/logger.ts';

const LOGGER = createLogger('test', 'silent');
const LONG = 'x'.repeat(70_000);
let stop = () => {};
afterEach(() => stop());

/** A server of one route, which answers these chunks. */
async function serve(chunks: () => AsyncIterable<string>): Promise<string> {
  const app = new Hono().get('/', async (c) => c.body(await streamOf(c, LOGGER, chunks())));
  app.onError((_, c) => c.text('said', 503));
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stop = () => {
    server.close();
    (server as Server).closeAllConnections();
  };
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
}

test('a failure on the way breaks the connection off: what came never looks whole', async () => {
  const url = await serve(async function* () {
    yield LONG;
    yield LONG;
    throw new Error('the database is gone');
  });
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  const read = await answer.text().then(
    (text) => `whole, ${text.length} characters`,
    () => 'broken off',
  );
  expect(read).toBe('broken off');
});

test('a failure before anything was sent gets its answer', async () => {
  const url = await serve(async function* () {
    yield 'a head';
    throw new Error('the database is gone');
  });
  const answer = await fetch(url);
  expect([answer.status, await answer.text()]).toEqual([503, 'said']);
});

test('chunks are made no faster than they are taken, and no more once nobody takes them', async () => {
  let [made, isOver] = [0, false];
  const url = await serve(async function* () {
    try {
      for (;;) {
        made += 1;
        yield LONG;
      }
    } finally {
      isOver = true;
    }
  });
  const reader = (await fetch(url)).body?.getReader();
  await reader?.read();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const before = made;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(made).toBe(before);
  await reader?.cancel();
  while (!isOver) await new Promise((resolve) => setTimeout(resolve, 10));
});

test('of nothing there is an empty body', async () => {
  const answer = await fetch(await serve(async function* () {}));
  expect([answer.status, await answer.text()]).toEqual([200, '']);
});
