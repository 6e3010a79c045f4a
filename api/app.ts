import { randomUUID } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import { secureHeaders } from 'hono/secure-headers';
import { auditRoutes } from './audit.ts';
import { authenticate } from './auth.ts';
import { benchmarkRoutes } from './benchmarks.ts';
import { jsonBodies } from './body.ts';
import { budgetCheckRoutes } from './budget-check.ts';
import { budgetDetailRoutes } from './budget-details.ts';
import { budgetRoutes } from './budgets.ts';
import { costModelRoutes } from './cost-models.ts';
import { costRoutes } from './costs.ts';
import type { ApiDeps, ApiEnv } from './deps.ts';
import { docsRoutes } from './docs.ts';
import { documentationJobRoutes } from './documentation-jobs.ts';
import { documentRoutes } from './documents.ts';
import { errorHandler, notFoundHandler } from './errors.ts';
import { estimateRoutes } from './estimates.ts';
import { exportRoutes } from './export.ts';
import { holdRoutes } from './holds.ts';
import { jobCostRoutes } from './job-costs.ts';
import { createKeyCache, type KeyCache } from './key-cache.ts';
import { keyRoutes } from './keys.ts';
import { ledgerRoutes } from './ledger.ts';
import { priceRoutes } from './prices.ts';
import { projectRoutes } from './projects.ts';
import { runDetailRoutes } from './run-details.ts';
import { runEventRoutes } from './run-events.ts';
import { runMoneyRoutes } from './run-money.ts';
import { runRoutes } from './runs.ts';
import { settingsRoutes } from './settings.ts';
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
function apiRoutes(deps: ApiDeps, keyCache: KeyCache) {
  return new OpenAPIHono<ApiEnv>()
    .route('/', runRoutes(deps))
    .route('/', runMoneyRoutes(deps))
    .route('/', runDetailRoutes(deps))
    .route('/', runEventRoutes(deps))
    .route('/', documentationJobRoutes(deps))
    .route('/', projectRoutes(deps))
    .route('/', documentRoutes(deps))
    .route('/', exportRoutes(deps))
    .route('/', estimateRoutes(deps))
    .route('/', priceRoutes(deps))
    .route('/', settingsRoutes(deps))
    .route('/', budgetCheckRoutes(deps))
    .route('/', budgetRoutes(deps))
    .route('/', budgetDetailRoutes(deps))
    .route('/', holdRoutes(deps))
    .route('/', costRoutes(deps))
    .route('/', auditRoutes(deps))
    .route('/', ledgerRoutes(deps))
    .route('/', jobCostRoutes(deps))
    .route('/', costModelRoutes(deps))
    .route('/', benchmarkRoutes(deps))
    .route('/', keyRoutes(deps, keyCache))
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
  const keyCache = createKeyCache(deps.store.apiKeys);
  app.use('/api/v1/*', authenticate(keyCache), jsonBodies);
  return app.route('/api/v1', apiRoutes(deps, keyCache));
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
