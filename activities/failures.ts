import { log } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { AppError, asAppError } from '../domain/errors.ts';
import { fingerprintOf } from '../domain/fingerprint.ts';
import { isOutage } from '../domain/outage.ts';
import type { Failure } from '../domain/run.ts';

/** An error in the form in which it is stored and shown. */
export function toFailure(error: AppError): Failure {
  const message = error.publicMessage;
  return { code: error.code, message, fingerprint: fingerprintOf(error.code, message) };
}

/** Any thrown thing as an AppError. An outage of MongoDB is nobody's failure: it must not count as one. */
export function toAppError(thrown: unknown): AppError {
  if (!isOutage(thrown)) return unexpected(thrown);
  return new AppError('services_unavailable', 'MongoDB did not answer.', { cause: thrown });
}

/** The log is the only place where the cause of a bug is told. */
function unexpected(thrown: unknown): AppError {
  if (!(thrown instanceof AppError))
    log.error('unexpected error', { error: (thrown as Error)?.stack ?? thrown });
  return asAppError(thrown);
}

/**
 * The one translation from our errors to Temporal's: the type is the code. What may go away is tried again,
 * the rest ends the activity. Causes stay here (in the log): histories carry no details that could be secret.
 */
export function toActivityFailure(thrown: unknown): Error {
  if (thrown instanceof CancelledFailure || thrown instanceof ApplicationFailure) return thrown;
  const error = toAppError(thrown);
  return ApplicationFailure.create({
    message: error.publicMessage,
    type: error.code,
    nonRetryable: !error.retryable && error.code !== 'unexpected',
  });
}

/** Wraps an activity so that whatever it throws is translated. */
export function translating<I extends unknown[], O>(activity: (...input: I) => Promise<O>) {
  return async (...input: I): Promise<O> => {
    try {
      return await activity(...input);
    } catch (thrown) {
      throw toActivityFailure(thrown);
    }
  };
}
