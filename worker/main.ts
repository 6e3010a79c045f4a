import { createServer } from 'node:http';
import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createDispatch } from '../activities/dispatch-alerts.ts';
import { createDownModels } from '../activities/down-models.ts';
import { createHoldBook } from '../activities/hold-book.ts';
import {
  type Activities,
  type ActivityDeps,
  createActivities,
  type RequestWatch,
} from '../activities/index.ts';
import { createSettlements } from '../activities/settlements.ts';
import { connectMongo } from '../config/connections.ts';
import { credentialsFrom } from '../config/credentials.ts';
import { type Environment, readEnvironment } from '../config/environment.ts';
import { createLogger, type Logger } from '../config/logger.ts';
import { notifySettings, presetChannelsOf } from '../config/notify.ts';
import { announce, failStart, onStop } from '../config/process.ts';
import { retentionOf } from '../config/retention.ts';
import { standingRuns, usualModels } from '../config/runs.ts';
import { connectTemporal } from '../config/temporal.ts';
import { firstCostModel } from '../domain/costing/cost-model.ts';
import { createCredentials } from '../gateways/llm/credentials.ts';
import { createTokenCounter } from '../gateways/llm/tokens.ts';
import { createVendorModels } from '../gateways/llm/vendor-models.ts';
import { createNotifier } from '../gateways/notify/notifier.ts';
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
import { composeLanguageModel } from './language-model.ts';
import { createProgressBoard } from './progress-board.ts';
import { createRequestWatcher } from './request-watcher.ts';
import { workflowBundle } from './workflow-bundle.ts';

/** How soon after it was raised an alert is on its way. */
const DISPATCH_EVERY_MS = 1_000;

async function main(environment: Environment, logger: Logger): Promise<void> {
  quietRuntime(logger);
  const [connection, client] = await Promise.all([
    connectMongo(environment.MONGODB_URI, { poolSize: environment.BURSAR_WORKER_SLOTS }),
    connectTemporal(environment),
  ]);
  const store = createStore(connection, firstCostModel(environment.BURSAR_COST_MODEL));
  const taskQueue = environment.BURSAR_TASK_QUEUE;
  const [bundle] = await Promise.all([workflowBundle(), store.initialize()]);
  const searchAttributes = searchAttributesOf(client, environment.TEMPORAL_NAMESPACE);
  const watcher = createRequestWatcher(store.runs.flagsOf, logger);
  const progress = createProgressBoard(store.runs.addCounters);
  const kinds = createKinds(createLibrary(store, usualModels(environment)));
  const countTokens = createTokenCounter();
  const now = () => new Date(Date.now() + environment.BURSAR_CLOCK_OFFSET_MS);
  const stored = store.providerKeys.find;
  const credentials = createCredentials({ ...credentialsFrom(environment), stored, now: Date.now });
  const vendors = createVendorModels({
    credentialsOf: credentials.of,
    limits: store.providerLimits,
    timeoutMs: environment.BURSAR_LLM_TIMEOUT_MS,
    countTokens,
    now,
  });
  const board = createBudgetBoard(store);
  const starter = createRunWorkflows({
    client,
    taskQueue,
    searchAttributes,
    waitingForMoney: store.runs.waitingForMoney,
    batchesWaitingForMoney: store.batches.waitingForMoney,
    retryDelaysMs: environment.BURSAR_RUN_RETRY_DELAYS,
    standing: standingRuns(environment),
  });
  const channels = createChannelBook(store, presetChannelsOf(environment));
  const repeating = repeatAll({ environment, logger, store, channels, starter, now });
  const activities = createActivities({
    store,
    kinds,
    model: composeLanguageModel(kinds, countTokens, vendors),
    ...createPricing({ published: createPriceList(), ownPrices: store.prices.endingAfter, now }),
    countTokens,
    countProgress: progress.count,
    watch: watchAndCount(watcher.watch, progress.enter),
    starter,
    schedules: createSchedules({ client, taskQueue }),
    ingestions: createIngestionWorkflows({ client, taskQueue }),
    channels,
    notifier: createNotifier({ ...notifySettings(environment), log: logger }),
    downModels: createDownModels(now),
    holdBook: createHoldBook({ store, now }),
    settlements: createSettlements(store),
    dayOf: store.dayOf,
    factorOf: async ({ org, scope }, priority) =>
      (await board.check(org, { scope, priority, at: now() })).factor,
    defaultModel: environment.BURSAR_MODEL,
    taskQueue,
    ...retentionOf(environment),
    warn: (message) => logger.warn(message),
    now,
  });
  const worker = await createWorker(environment, bundle, activities);
  await Promise.all([scheduleHousekeeping(client, taskQueue), searchAttributes()]);
  const running = worker.run();
  serveHealth(environment, worker);
  onStop({
    endsWithParent: environment.BURSAR_ENDS_WITH_PARENT,
    logger,
    stop: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
      watcher.stop();
      await Promise.all(repeating.map((stop) => stop()));
      await connection.close();
    },
  });
  announce({ ready: true });
  await running;
}

/** What every worker does again and again, whatever runs there are. @returns what stops each of them. */
function repeatAll(deps: Parameters<typeof createDispatch>[0] & RepeatDeps) {
  const { environment, logger, store } = deps;
  const again = (work: () => Promise<unknown>, everyMs: number, what: string) =>
    repeatEvery(work, everyMs, (err) => logger.warn({ err }, `could not ${what}; trying again`));
  return [
    again(store.fold, environment.BURSAR_FLUSH_INTERVAL, 'fold the ledger'),
    again(store.rollUpJobDays, ROLL_UP_EVERY_MS, 'roll up days of jobs'),
    again(createDispatch(deps), DISPATCH_EVERY_MS, 'start deliveries of alerts'),
  ];
}

interface RepeatDeps {
  environment: Environment;
  logger: Logger;
  store: Store;
}

async function createWorker(
  environment: Environment,
  bundle: Awaited<ReturnType<typeof workflowBundle>>,
  activities: Activities,
): Promise<Worker> {
  return Worker.create({
    connection: await NativeConnection.connect({ address: environment.TEMPORAL_ADDRESS }),
    namespace: environment.TEMPORAL_NAMESPACE,
    taskQueue: environment.BURSAR_TASK_QUEUE,
    workflowBundle: bundle,
    activities,
    maxConcurrentActivityTaskExecutions: environment.BURSAR_WORKER_SLOTS,
    shutdownGraceTime: '5 seconds',
    shutdownForceTime: '15 seconds',
  });
}

/** Each attempt is told what people ask of its run, and is known to the board as long as it may report. */
function watchAndCount(
  watch: (runId: string) => RequestWatch,
  enter: (runId: string) => () => Promise<void>,
): ActivityDeps['watch'] {
  return (runId) => {
    const leave = enter(runId);
    const watched = watch(runId);
    return {
      ...watched,
      async close() {
        await watched.close();
        await leave();
      },
    };
  };
}

/** The SDK's own log goes where ours goes, and only what is worth reading. */
function quietRuntime(logger: Logger): void {
  const sdk = new DefaultLogger('WARN', ({ level, message, meta }) => {
    logger[level === 'ERROR' ? 'error' : 'warn']({ error: String(meta?.error ?? '') }, message);
  });
  Runtime.install({ logger: sdk });
}

/** One schedule for each task queue; a worker that comes later finds it there. */
async function scheduleHousekeeping(client: Client, taskQueue: string): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId: `housekeeping:${taskQueue}`,
      spec: { intervals: [{ every: '1 minute' }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP },
      action: {
        type: 'startWorkflow',
        workflowType: 'housekeeping',
        workflowId: `housekeeping:${taskQueue}`,
        workflowExecutionTimeout: '10 minutes',
        taskQueue,
      },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}

/** For container health checks: healthy while the worker takes tasks. */
function serveHealth(environment: Environment, worker: Worker): void {
  if (environment.BURSAR_WORKER_HEALTH_PORT === undefined) return;
  createServer((request, response) => {
    const healthy = request.url === '/healthz' && worker.getState() === 'RUNNING';
    response.writeHead(healthy ? 200 : 503, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ state: worker.getState() }));
  }).listen(environment.BURSAR_WORKER_HEALTH_PORT, environment.BURSAR_HOST);
}

const logger = createLogger('worker', process.env.BURSAR_LOG_LEVEL || 'info');
try {
  const environment = readEnvironment(process.env);
  if (environment.BURSAR_DEBUG) logger.level = 'debug';
  await main(environment, logger);
} catch (error) {
  failStart(logger, error);
}
