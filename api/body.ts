import type { HonoRequest } from 'hono';
import { createMiddleware } from 'hono/factory';
import { AppError, invalidInput } from '../domain/errors.ts';
import type { ApiEnv } from './deps.ts';

/** Far above the largest run: 10,000 object ids of 500 characters. */
const JSON_LIMIT_BYTES = 8 * 1024 * 1024;
/**
 * A body that is too large is read on, and forgotten, up to here: who is still sending does not see an
 * answer, only a broken connection.
 */
export const DISCARD_LIMIT_BYTES = 256 * 1024 * 1024;
/** They carry files, whose limits `upload.ts` and `job-rows.ts` hold. */
const FILES = ['/api/v1/documentation/projects', '/api/v1/jobs/ingest', '/api/v1/ingestions'];

/** OAuth 2 clients sign in so. */
const FORMS = ['/api/v1/auth/login'];

/**
 * Lets only JSON of a sensible size in as a body. A body of another type would otherwise be overlooked, and a
 * request to retry one group of failures would retry all of them.
 */
export const jsonBodies = createMiddleware<ApiEnv>(async (context, next) => {
  const { req } = context;
  const length = req.header('content-length') ?? (req.header('transfer-encoding') === undefined ? '0' : '?');
  if (length === '0' || FILES.includes(req.path)) return next();
  const type = req.header('content-type') ?? '';
  const form = FORMS.includes(req.path) && /^application\/x-www-form-urlencoded\b/i.test(type);
  if (!form && !/^application\/([\w.-]+\+)?json\b/i.test(type))
    throw invalidInput('send the body as JSON, with the header Content-Type: application/json', [
      { field: 'content-type', problem: type === '' ? 'is missing' : `is ${type.slice(0, 100)}` },
    ]);
  // The HTTP parser lets no more through than is announced. A request made anew would cost half a check.
  if (Number(length) <= JSON_LIMIT_BYTES) return next();
  const body = await readBody(req);
  req.raw = new Request(req.raw, { body });
  return next();
});

/** @throws AppError `too_large` above 8 MB, without keeping what came. */
async function readBody(req: HonoRequest): Promise<Buffer> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of req.raw.body ?? []) {
    bytes += chunk.length;
    if (bytes <= JSON_LIMIT_BYTES) kept.push(chunk);
    else kept.length = 0;
    if (bytes > DISCARD_LIMIT_BYTES) break;
  }
  if (bytes <= JSON_LIMIT_BYTES) return Buffer.concat(kept);
  throw new AppError('too_large', 'the request has more than 8 MB; only uploads of projects may be larger');
}
