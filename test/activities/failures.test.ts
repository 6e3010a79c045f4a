import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import mongoose from 'mongoose';
import { toActivityFailure, toAppError } from '../../activities/failures.ts';
import { AppError } from '../../domain/errors.ts';

test('an outage of the database is no bug, so it never counts as an attempt', async () => {
  const { MongoClient } = mongoose.mongo;
  const client = new MongoClient('mongodb://127.0.0.1:1/x?directConnection=true', {
    serverSelectionTimeoutMS: 100,
  });
  const thrown = await client.connect().catch((error: unknown) => error);
  expect(toAppError(thrown).code).toBe('services_unavailable');
  const driver = mongoose.mongo;
  const notThere = [
    new driver.MongoNetworkError('connection 3 to 127.0.0.1:27017 closed'),
    new driver.MongoNotConnectedError('Client must be connected before running operations'),
    new driver.MongoTopologyClosedError('Topology is closed'),
    new driver.MongoServerError({
      message: 'shutting down',
      code: 91,
      errorLabels: ['RetryableWriteError'],
    }),
    // An update of many documents, which the driver does not repeat, so that the answer has no such label.
    new driver.MongoServerError({ message: 'not primary', code: 10107 }),
    new driver.MongoBulkWriteError(new driver.MongoNetworkError('read ECONNRESET'), {} as never),
  ];
  expect(notThere.map((error) => toAppError(error).code)).toEqual(Array(6).fill('services_unavailable'));
});

test('what an outage or a provider says stays out of the failure that histories carry', () => {
  const secret = 'mongodb://user:secret@host';
  const outage = toActivityFailure(new mongoose.mongo.MongoNetworkError(`connect ${secret}`));
  expect(outage).toMatchObject({ type: 'services_unavailable', nonRetryable: false });
  const refused = toActivityFailure(new AppError('llm_bad_request', 'refused', { cause: new Error(secret) }));
  expect(refused).toMatchObject({ type: 'llm_bad_request', nonRetryable: true, message: 'refused' });
  for (const failure of [outage, refused]) {
    expect(failure.cause).toBeUndefined();
    expect(`${failure.message} ${JSON.stringify(failure)}`).not.toContain('secret');
  }
});

test('what may go away is tried again, and cancellations and failures of ours pass unchanged', () => {
  expect(toActivityFailure(new AppError('llm_unavailable', 'down'))).toMatchObject({ nonRetryable: false });
  expect(toActivityFailure(new AppError('llm_key_missing', 'none'))).toMatchObject({ nonRetryable: true });
  for (const thrown of [new CancelledFailure('asked'), ApplicationFailure.nonRetryable('no')])
    expect(toActivityFailure(thrown)).toBe(thrown);
});
