import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Client, Connection } from '@temporalio/client';
import { connectMongo } from '../config/connections.ts';
import { credentialsFrom } from '../config/credentials.ts';
import { type Environment, readEnvironment } from '../config/environment.ts';
import { createLogger, type Logger } from '../config/logger.ts';
import { notifySettings, presetChannelsOf } from '../config/notify.ts';
import { oidcSettings } from '../config/oidc.ts';
import { announce, failStart, onStop } from '../config/process.ts';
import { retentionOf } from '../config/retention.ts';
import { standingRuns, usualModels } from '../config/runs.ts';
import { signInSecret } from '../config/sign-in-secret.ts';
import { firstCostModel } from '../domain/costing/cost-model.ts';
import { given } from '../domain/given.ts';
import type { CountTokens } from '../domain/llm.ts';
import { createCredentials } from '../gateways/llm/credentials.ts';
import { createOfflineModel } from '../gateways/llm/offline.ts';
import { createLanguageModel } from '../gateways/llm/router.ts';
import { createTokenCounter } from '../gateways/llm/tokens.ts';
import { createVendorModels } from '../gateways/llm/vendor-models.ts';
import { VENDORS } from '../gateways/llm/vendors.ts';
import { createNotifier } from '../gateways/notify/notifier.ts';
import { privateProblem } from '../gateways/notify/web-targets.ts';
import { createOidcClient } from '../gateways/oidc/oidc-client.ts';
import { createPriceList } from '../gateways/prices/price-list.ts';
import { createPricing } from '../gateways/prices/pricing.ts';
import { createIngestionWorkflows } from '../gateways/temporal/ingestion-workflows.ts';
import { createRunWorkflows } from '../gateways/temporal/run-workflows.ts';
import { createSchedules } from '../gateways/temporal/schedules.ts';
import { searchAttributesOf } from '../gateways/temporal/search-attributes.ts';
import { createKinds } from '../kinds/index.ts';
import { createBudgetBoard } from '../store/budget-board.ts';
import { createChannelBook } from '../store/channel-book.ts';
import { createStore, type Store } from '../store/index.ts';
import { ROLL_UP_EVERY_MS } from '../store/job-analytics.ts';
import { createLibrary } from '../store/library.ts';
import { repeatEvery } from '../store/repeat.ts';
import { workflowIdOf } from '../workflows/messages.ts';
import { createApp } from './app.ts';
import type { Channels, Providers, SignIns } from './deps.ts';
import { firstAdmin } from './first-admin.ts';
import { firstStart } from './first-start.ts';
import { healthCheck } from './health.ts';
import { createTokens } from './tokens.ts';
import { createWorkerWatch } from './watch-workers.ts';

const WATCH_WORKERS_EVERY_MS = 30_000;

async function main(environment: Environment, logger: Logger): Promise<void> {
  const { TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_NAMESPACE: namespace } = environment;
  const taskQueue = environment.BURSAR_TASK_QUEUE;
  const connection = await connectMongo(environment.MONGODB_URI);
  // Lazy: estimates and reads work without Temporal, and a run that is accepted meanwhile starts later.
  const client = new Client({ connection: Connection.lazy({ address: temporalAddress }), namespace });
  const store = createStore(connection, firstCostModel(environment.BURSAR_COST_MODEL));
  await store.initialize();
  const adminKey = await firstStart(store, {
    organization: environment.BURSAR_DEFAULT_ORGANIZATION,
    presetKey: environment.BURSAR_ADMIN_KEY,
    keyFile: environment.BURSAR_KEY_FILE,
  });
  const adminInvitation = await firstAdmin(store, {
    organization: environment.BURSAR_DEFAULT_ORGANIZATION,
    emails: environment.ADMIN_EMAIL,
    password: environment.ADMIN_PASSWORD,
  });
  const published = createPriceList();
  const ownPrices = store.prices.endingAfter;
  const pricing = createPricing({ published, ownPrices, now: () => new Date() });
  const searchAttributes = searchAttributesOf(client, namespace);
  const countTokens = createTokenCounter();
  const channels = channelsOf(environment, store, logger);
  const health = healthCheck({ connection, client, namespace, taskQueue, temporalAddress });
  const app = createApp({
    store,
    kinds: createKinds(createLibrary(store, usualModels(environment))),
    workflows: createRunWorkflows({
      client,
      taskQueue,
      searchAttributes,
      waitingForMoney: store.runs.waitingForMoney,
      batchesWaitingForMoney: store.batches.waitingForMoney,
      retryDelaysMs: environment.BURSAR_RUN_RETRY_DELAYS,
      standing: standingRuns(environment),
    }),
    schedules: createSchedules({ client, taskQueue }),
    ingestions: createIngestionWorkflows({ client, taskQueue }),
    pricing: { ...pricing, countTokens },
    providers: providersOf(environment, store, countTokens),
    channels,
    signIns: await signInsOf(environment, store),
    published,
    board: createBudgetBoard(store),
    defaultModel: environment.BURSAR_MODEL,
    embeddingModel: environment.BURSAR_EMBEDDING_MODEL,
    taskQueue,
    standing: standingRuns(environment),
    retention: retentionOf(environment).retention,
    temporalUrlOf: temporalLinks(environment.TEMPORAL_UI_URL, namespace),
    health,
    mockJobsFile:
      environment.BURSAR_MOCK_JOBS_FILE ?? join(packageFolder(), 'examples', 'jobs', 'mock_jobs.json'),
    uploadFolder: join(tmpdir(), 'bursar-uploads'),
    version: packageVersion(),
    logger,
  });
  const server = serve(
    { fetch: app.fetch, hostname: environment.BURSAR_HOST, port: environment.BURSAR_PORT },
    (at) =>
      announce({
        ready: true,
        url: `http://${environment.BURSAR_HOST}:${at.port}`,
        ...given({ adminKey, adminInvitation }),
      }),
  );
  server.on('error', (error) => failStart(logger, error));
  const repeating = repeatAll({ environment, logger, store, health, channels });
  onStop({
    endsWithParent: environment.BURSAR_ENDS_WITH_PARENT,
    logger,
    stop: async () => {
      if ('closeAllConnections' in server) server.closeAllConnections();
      server.close();
      await Promise.all(repeating.map((stop) => stop()));
      await client.connection.close();
      await connection.close();
    },
  });
}

/** What every API does again and again. @returns what stops each of them. */
function repeatAll(deps: Parameters<typeof createWorkerWatch>[0] & RepeatDeps) {
  const { environment, logger, store } = deps;
  const again = (work: () => Promise<unknown>, everyMs: number, what: string) =>
    repeatEvery(work, everyMs, (err) => logger.warn({ err }, `could not ${what}; trying again`));
  return [
    again(store.fold, environment.BURSAR_FLUSH_INTERVAL, 'fold the ledger'),
    again(store.rollUpJobDays, ROLL_UP_EVERY_MS, 'roll up days of jobs'),
    again(createWorkerWatch(deps), WATCH_WORKERS_EVERY_MS, 'look for workers'),
  ];
}

interface RepeatDeps {
  environment: Environment;
  logger: Logger;
  store: Store;
}

/** For tests of keys; runs ask from the workers. */
function providersOf(environment: Environment, store: Store, countTokens: CountTokens): Providers {
  const access = credentialsFrom(environment);
  const stored = store.providerKeys.find;
  const credentials = createCredentials({ ...access, stored, now: Date.now });
  const models = createVendorModels({
    credentialsOf: credentials.of,
    limits: store.providerLimits,
    timeoutMs: environment.BURSAR_LLM_TIMEOUT_MS,
    countTokens,
    now: () => new Date(),
  });
  return {
    vendors: Object.values(VENDORS),
    // What the API asks by itself: tests of keys, and vectors of searches.
    model: createLanguageModel({
      providers: { ...models, offline: createOfflineModel({ writers: {}, countTokens }) },
    }),
    environment: (org, provider) => (org === access.organization ? access.environment[provider] : undefined),
    forget: credentials.forget,
    ...(access.encryption && { encryption: access.encryption }),
  };
}

/** For tests of channels; alerts are delivered by workers. */
function channelsOf(environment: Environment, store: Store, log: Logger): Channels {
  const settings = notifySettings(environment);
  return {
    book: createChannelBook(store, presetChannelsOf(environment)),
    notifier: createNotifier({ ...settings, log }),
    problemOf: settings.allowPrivateWebhooks ? async () => undefined : privateProblem,
    ...(settings.encryption && { encryption: settings.encryption }),
  };
}

async function signInsOf(environment: Environment, store: Store): Promise<SignIns> {
  const oidc = oidcSettings(environment);
  const kept = () => store.installationSecrets.keep('sign-ins', randomBytes(32).toString('base64'));
  return {
    tokens: createTokens(signInSecret(environment) ?? Buffer.from(await kept(), 'base64')),
    forMs: environment.BURSAR_SIGN_IN_TTL,
    trustsProxy: environment.BURSAR_TRUST_PROXY,
    ...(oidc !== undefined && { oidc: { ...oidc.rest, client: createOidcClient(oidc.client) } }),
  };
}

function temporalLinks(base: string | undefined, namespace: string): (runId: string) => string | null {
  if (base === undefined) return () => null;
  const root = base.replace(/\/+$/, '');
  return (runId) => `${root}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowIdOf(runId))}`;
}

/** The package's folder is one above in the sources, two above when compiled. */
function packageFolder(): string {
  const above = ['..', '../..'].map((up) => join(import.meta.dirname, up));
  return above.find((folder) => existsSync(join(folder, 'package.json'))) ?? above[0]!;
}

function packageVersion(): string {
  try {
    const text = readFileSync(join(packageFolder(), 'package.json'), 'utf8');
    return (JSON.parse(text) as { version: string }).version;
  } catch {
    return 'unknown';
  }
}

const logger = createLogger('api', process.env.BURSAR_LOG_LEVEL || 'info');
try {
  const environment = readEnvironment(process.env);
  if (environment.BURSAR_DEBUG) logger.level = 'debug';
  await main(environment, logger);
} catch (error) {
  failStart(logger, error);
}
