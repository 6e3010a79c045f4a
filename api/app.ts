import { randomUUID } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import { secureHeaders } from 'hono/secure-headers';
import { authenticate } from './auth.ts';
import { jsonBodies } from './body.ts';
import type { ApiDeps, ApiEnv } from './deps.ts';
import { docsRoutes } from './docs.ts';
import { errorHandler, notFoundHandler } from './errors.ts';
import { createKeyCache } from './key-cache.ts';
import { createMetrics } from './metrics.ts';
import { PROMETHEUS_TYPE } from './prometheus.ts';
import { logRequests } from './request-log.ts';
import { createResources } from './resources.ts';
import { ownerOfToken } from './sign-in.ts';

/** Every request has an id, from the caller or made here; answers and logs carry it. */
const withRequestId = createMiddleware<ApiEnv>(async (c, next) => {
  const given = c.req.header('x-request-id');
  const requestId = given !== undefined && /^[\w.-]{1,100}$/.test(given) ? given : randomUUID();
  c.set('requestId', requestId);
  c.header('X-Request-Id', requestId);
  await next();
});

/** The whole HTTP interface. */
export function createApp(deps: ApiDeps) {
  const app = new OpenAPIHono<ApiEnv>();
  const metrics = createMetrics(deps);
  app.use(withRequestId, logRequests(deps.logger));
  app.use(secureHeaders());
  app.onError(errorHandler(deps.logger));
  app.notFound(notFoundHandler);
  app.get('/healthz', (c) => c.json({ status: 'ok', version: deps.version }));
  app.get('/readyz', async (c) => {
    const { mongodb, temporal } = await deps.health();
    return c.json({ mongodb, temporal, version: deps.version }, mongodb ? 200 : 503);
  });
  app.get('/metrics', async (c) => c.body(await metrics.text(), 200, { 'content-type': PROMETHEUS_TYPE }));
  app.get('/', (c) => c.redirect('/api/v1/docs'));
  app.route('/api/v1', docsRoutes());
  app.doc31('/api/v1/openapi.json', openApiFacts(deps.version));
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
  });
  const keyCache = createKeyCache(deps.store.apiKeys, ownerOfToken(deps));
  app.use('/api/v1/*', authenticate(keyCache), jsonBodies);
  for (const path of ['jobs', 'estimate']) app.use(`/api/v1/costs/${path}`, metrics.timed);
  for (const routes of Object.values(createResources(deps, keyCache))) app.route('/api/v1', routes);
  return app;
}

function openApiFacts(version: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Bursar',
      version,
      description: 'LLM work over thousands of objects as durable runs, within budgets.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ apiKey: [] }, { token: [] }],
  };
}
