import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { AppError, invalidInput } from '../domain/errors.ts';
import type { ApiEnv } from './deps.ts';

/** Far above the largest run: 10,000 object ids of 500 characters. */
const JSON_LIMIT_BYTES = 8 * 1024 * 1024;
/** Carries files, whose limits `upload.ts` holds. */
const UPLOAD = '/api/v1/documentation/projects';

const limited = bodyLimit({
  maxSize: JSON_LIMIT_BYTES,
  onError: (context) => {
    // The rest of the body is not read, so the connection is of no use any more.
    context.header('Connection', 'close');
    throw new AppError('too_large', 'the request has more than 8 MB; only uploads of projects may be larger');
  },
});

/**
 * Lets only JSON of a sensible size in as a body. A body of another type would otherwise be overlooked, and a
 * request to retry one group of failures would retry all of them.
 */
export const jsonBodies = createMiddleware<ApiEnv>(async (context, next) => {
  const { req } = context;
  const length = req.header('content-length') ?? (req.header('transfer-encoding') === undefined ? '0' : '?');
  if (length === '0' || req.path === UPLOAD) return next();
  const type = req.header('content-type') ?? '';
  if (!/^application\/([\w.-]+\+)?json\b/i.test(type))
    throw invalidInput('send the body as JSON, with the header Content-Type: application/json', [
      { field: 'content-type', problem: type === '' ? 'is missing' : `is ${type.slice(0, 100)}` },
    ]);
  return limited(context, next);
});
