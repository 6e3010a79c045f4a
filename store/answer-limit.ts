import mongoose from 'mongoose';

/** Longer than the driver looks for a server (15 s) before it gives up by itself. */
const LIMIT_MS = 20_000;

const CALLS = [
  'findOne',
  'findOneAndUpdate',
  'insertOne',
  'insertMany',
  'updateOne',
  'updateMany',
  'replaceOne',
  'deleteOne',
  'deleteMany',
  'bulkWrite',
  'distinct',
  'countDocuments',
];
const CURSORS = ['find', 'aggregate'];

type Call = (...input: unknown[]) => unknown;
type Methods = Record<string, unknown>;

/**
 * Bounds how long each call to a collection may take. The driver (7.8) loses a call for ever that is written
 * to a socket just as the server closes it: it waits for the drain of a socket that is gone (`writeCommand`
 * in its connection.ts), and its own `timeoutMS` has no effect any more. Whoever waits for that call, and
 * whatever queues behind it, would stand still until the process is started again.
 * @throws MongoNetworkTimeoutError from the call, in place of no answer.
 */
export function limitAnswers(collection: object, limitMs = LIMIT_MS): void {
  const methods = collection as Methods;
  for (const name of CALLS) limit(methods, name, limitMs);
  for (const name of CURSORS) {
    const open = methods[name];
    if (typeof open !== 'function') continue;
    methods[name] = (...input: unknown[]) => {
      const cursor = (open as Call).apply(collection, input);
      return cursor instanceof Promise ? cursor.then(limitCursor) : limitCursor(cursor);
    };
  }
  function limitCursor(cursor: unknown): unknown {
    for (const name of ['toArray', 'next']) limit(cursor as Methods, name, limitMs);
    return cursor;
  }
}

function limit(owner: Methods, name: string, limitMs: number): void {
  const call = owner[name];
  if (typeof call !== 'function') return;
  owner[name] = (...input: unknown[]) => answerOf((call as Call).apply(owner, input), name, limitMs);
}

async function answerOf(answer: unknown, name: string, limitMs: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `${name} was not answered within ${limitMs / 1000} s`;
      reject(new mongoose.mongo.MongoNetworkTimeoutError(message));
    }, limitMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
