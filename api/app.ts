import { randomUUID } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import { secureHeaders } from 'hono/secure-headers';
import { authenticate } from './auth.ts';
import { benchmarkRoutes } from './benchmarks.ts';
import { jsonBodies } from './body.ts';
import { costModelRoutes } from './cost-models.ts';
import type { ApiDeps, ApiEnv } from './deps.ts';
import { docsRoutes } from './docs.ts';
import { documentationJobRoutes } from './documentation-jobs.ts';
import { documentRoutes } from './documents.ts';
import { errorHandler, notFoundHandler } from './errors.ts';
import { estimateRoutes } from './estimates.ts';
import { exportRoutes } from './export.ts';
import { jobCostRoutes } from './job-costs.ts';
import { keyRoutes } from './keys.ts';
import { projectRoutes } from './projects.ts';
import { runDetailRoutes } from './run-details.ts';
import { runEventRoutes } from './run-events.ts';
import { runRoutes } from './runs.ts';
import { statusRoutes } from './status.ts';

/** Every request has an id, from the caller or made here; answers and logs carry it. */
const withRequestId = createMiddleware<ApiEnv>(async (c, next) => {
  const given = c.req.header('x-request-id');
  const requestId = given !== undefined && /^[\w.-]{1,100}$/.test(given) ? given : randomUUID();
  c.set('requestId', requestId);
  c.header('X-Request-Id', requestId);
  await next();
});

/** The routes that need a key. */
function apiRoutes(deps: ApiDeps) {
  return new OpenAPIHono<ApiEnv>()
    .route('/', runRoutes(deps))
    .route('/', runDetailRoutes(deps))
    .route('/', runEventRoutes(deps))
    .route('/', documentationJobRoutes(deps))
    .route('/', projectRoutes(deps))
    .route('/', documentRoutes(deps))
    .route('/', exportRoutes(deps))
    .route('/', estimateRoutes(deps))
    .route('/', jobCostRoutes(deps))
    .route('/', costModelRoutes(deps))
    .route('/', benchmarkRoutes(deps))
    .route('/', keyRoutes(deps))
    .route('/', statusRoutes(deps));
}

/** The whole HTTP interface. */
export function createApp(deps: ApiDeps) {
  const app = new OpenAPIHono<ApiEnv>();
  app.use(withRequestId);
  app.use(secureHeaders());
  app.onError(errorHandler(deps.logger));
  app.notFound(notFoundHandler);
  app.get('/healthz', (c) => c.json({ status: 'ok', version: deps.version }));
  app.get('/readyz', async (c) => {
    const { mongodb, temporal } = await deps.health();
    return c.json({ mongodb, temporal, version: deps.version }, mongodb ? 200 : 503);
  });
  app.get('/', (c) => c.redirect('/api/v1/docs'));
  app.route('/api/v1', docsRoutes());
  app.doc31('/api/v1/openapi.json', openApiFacts(deps.version));
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
  });
  app.use('/api/v1/*', authenticate(deps.store.apiKeys), jsonBodies);
  return app.route('/api/v1', apiRoutes(deps));
}

export type AppType = ReturnType<typeof createApp>;

function openApiFacts(version: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Bursar',
      version,
      description: 'LLM work over thousands of objects as durable runs, within budgets.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ apiKey: [] }],
  };
}
