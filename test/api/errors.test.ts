import { Hono } from 'hono';
import mongoose from 'mongoose';
import type { ApiEnv } from '../../api/deps.ts';
import { errorHandler, STATUS_OF } from '../../api/errors.ts';
import { createLogger } from '../../config/logger.ts';
import { AppError, ERRORS, type ErrorCode } from '../../domain/errors.ts';

async function answerTo(thrown: Error) {
  const app = new Hono<ApiEnv>();
  app.onError(errorHandler(createLogger('test', 'silent')));
  app.get('/', () => {
    throw thrown;
  });
  const response = await app.request('/');
  return {
    status: response.status,
    body: (await response.json()) as { error: { code: string; message: string } },
  };
}

test('every code has a status, and every status a code', async () => {
  expect(Object.keys(STATUS_OF).toSorted()).toEqual(Object.keys(ERRORS).toSorted());
  for (const [code, status] of Object.entries(STATUS_OF)) {
    expect(status).toBeGreaterThanOrEqual(400);
    const answer = await answerTo(new AppError(code as ErrorCode, 'what happened'));
    expect(answer).toEqual({ status, body: { error: { code, message: 'what happened', requestId: '' } } });
  }
});

test('a bug is answered without its words', async () => {
  const { status, body } = await answerTo(new TypeError('password=hunter2 is not a function'));
  expect([status, body.error.code]).toEqual([500, 'unexpected']);
  expect(JSON.stringify(body)).not.toContain('hunter2');
});

test('a database that does not answer is no bug: 503, and nothing of its address', async () => {
  const options = { serverSelectionTimeoutMS: 50, connectTimeoutMS: 50 };
  const error = await mongoose
    .createConnection('mongodb://127.0.0.1:1/x', options)
    .asPromise()
    .then(
      () => new Error('connected'),
      (thrown: Error) => thrown,
    );
  const { status, body } = await answerTo(error);
  expect([status, body.error.code]).toEqual([503, 'services_unavailable']);
  expect(JSON.stringify(body)).not.toContain('127.0.0.1');
});

test('a connection that the database has just closed is no bug: 503', async () => {
  const closed = Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' });
  const { status, body } = await answerTo(closed);
  expect([status, body.error.code]).toEqual([503, 'services_unavailable']);
});

test('a transaction that others kept from its documents is no bug: it may be tried again', async () => {
  const conflict = { errorLabels: ['TransientTransactionError'], code: 112 };
  const { status, body } = await answerTo(new mongoose.mongo.MongoServerError(conflict));
  expect([status, body.error.code]).toEqual([503, 'services_unavailable']);
});
