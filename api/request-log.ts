import { createMiddleware } from 'hono/factory';
import type { Logger } from '../config/logger.ts';
import type { ApiEnv } from './deps.ts';

/**
 * Logs every request with its answer at the level debug: no query, body or header, which may hold secrets.
 */
export function logRequests(logger: Logger) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    if (!logger.isLevelEnabled('debug')) return next();
    const startedAt = performance.now();
    await next();
    const ms = Math.round((performance.now() - startedAt) * 10) / 10;
    const { method, path } = c.req;
    logger.debug({ requestId: c.get('requestId'), method, path, status: c.res.status, ms }, 'answered');
  });
}
