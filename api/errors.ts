import type { ErrorHandler, NotFoundHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from '../config/logger.ts';
import { AppError, asAppError, type ErrorCode } from '../domain/errors.ts';
import { isOutage } from '../domain/outage.ts';
import type { ApiEnv } from './deps.ts';

/**
 * The status of every error; what the provider of a model says reaches people through runs, not through a
 * status.
 */
export const STATUS_OF: Record<ErrorCode, ContentfulStatusCode> = {
  invalid_input: 400,
  not_authenticated: 401,
  not_allowed: 403,
  too_many_attempts: 429,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  services_unavailable: 503,
  worker_missing: 503,
  budget_exceeded: 409,
  circuit_open: 409,
  price_unknown: 400,
  llm_key_missing: 502,
  llm_key_rejected: 502,
  llm_model_unknown: 400,
  llm_rate_limited: 429,
  llm_unavailable: 502,
  llm_bad_request: 502,
  llm_refused: 502,
  llm_output_invalid: 502,
  item_crashed: 500,
  unexpected: 500,
};

/** Answers every error in one form; only bugs are logged with their cause. */
export function errorHandler(logger: Logger): ErrorHandler<ApiEnv> {
  return (thrown, context) => {
    const error = fromThrown(thrown);
    const requestId = context.get('requestId') ?? '';
    if (error.code === 'unexpected') logger.error({ err: error.cause, requestId }, 'a request failed');
    else if (STATUS_OF[error.code] >= 500) logger.warn({ code: error.code, requestId }, error.publicMessage);
    const details = error.details.length === 0 ? {} : { details: error.details };
    if (error.retryAfterMs !== undefined)
      context.header('Retry-After', String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))));
    const body = { error: { code: error.code, message: error.publicMessage, requestId, ...details } };
    return context.json(body, STATUS_OF[error.code]);
  };
}

export const notFoundHandler: NotFoundHandler<ApiEnv> = (context) => {
  const requestId = context.get('requestId') ?? '';
  const message = `there is no route ${context.req.method} ${context.req.path}`;
  return context.json({ error: { code: 'not_found', message, requestId } }, 404);
};

function fromThrown(thrown: Error): AppError {
  if (thrown instanceof HTTPException) return fromHttpException(thrown);
  if (isHeldUp(thrown))
    return new AppError('services_unavailable', 'MongoDB was held up by another transaction; try again.', {
      cause: thrown,
    });
  if (isOutage(thrown))
    return new AppError('services_unavailable', 'MongoDB does not answer; see `bursar doctor`.', {
      cause: thrown,
    });
  return asAppError(thrown);
}

/**
 * A transaction that was given up after many attempts. A process that dies in the middle of one keeps others
 * from the same documents until the server ends it, which takes a minute unless it is told otherwise.
 */
function isHeldUp(thrown: Error): boolean {
  const { errorLabels } = thrown as { errorLabels?: unknown };
  if (thrown.name !== 'MongoServerError') return false;
  return Array.isArray(errorLabels) && errorLabels.includes('TransientTransactionError');
}

/** Hono's own: a body that is no JSON, for instance. */
function fromHttpException(exception: HTTPException): AppError {
  const bad = exception.status >= 400 && exception.status < 500;
  if (!bad) return new AppError('unexpected', 'Something went wrong inside Bursar.', { cause: exception });
  return new AppError('invalid_input', exception.message || 'the request is not valid');
}
