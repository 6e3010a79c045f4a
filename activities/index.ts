import { DEFAULT_PRIORITY } from '../domain/budgets/budget.ts';
import type { Scope } from '../domain/budgets/scope.ts';
import type { LanguageModel } from '../domain/llm.ts';
import { plainModelName, providerOf } from '../domain/model-name.ts';
import type { RetentionDays } from '../domain/retention.ts';
import type { RunOptions, RunState } from '../domain/run.ts';
import type { Notifier } from '../gateways/notify/notifier.ts';
import type { StartableRun } from '../gateways/temporal/run-workflows.ts';
import type { Schedules } from '../gateways/temporal/schedules.ts';
import { type Pricing, resolvePrice } from '../kinds/estimate.ts';
import type { Kinds } from '../kinds/index.ts';
import type { Kind, RunContext } from '../kinds/kind.ts';
import type { ChannelBook } from '../store/channel-book.ts';
import type { Store } from '../store/index.ts';
import type { RunStart } from '../workflows/messages.ts';
import { createAdvanceBatch } from './advance-batch.ts';
import { createArchiveRuns } from './archive-runs.ts';
import { createBookkeeping } from './bookkeeping.ts';
import { createDeliver } from './deliver.ts';
import type { DownModels } from './down-models.ts';
import { createEstimate } from './estimate.ts';
import { createEstimateBatch } from './estimate-batch.ts';
import { createForecasts } from './forecasts.ts';
import type { HoldBook, Line } from './hold-book.ts';
import { createHolding } from './holding.ts';
import { createIngestRows } from './ingest-rows.ts';
import { createKeepSchedules } from './keep-schedules.ts';
import { createLearn } from './learn.ts';
import { createMemories } from './memories.ts';
import { createPlan } from './plan.ts';
import { createProcessItem } from './process-item.ts';
import { createScheduledRuns } from './scheduled-runs.ts';
import { createSendReports } from './send-reports.ts';
import type { Settlements } from './settlements.ts';
import { createSweepIngestions } from './sweep-ingestions.ts';
import { createSweepMoney } from './sweep-money.ts';
import { createSweep } from './sweep-runs.ts';
import { createWatchAlerts } from './watch-alerts.ts';

/** Adds to a run's counters; it is stored before the last attempt at the run that is under way has closed. */
export type CountProgress = (
  of: { org: string; runId: string },
  delta: { [name: string]: number },
) => Promise<void>;

/** Tells an attempt what people have asked of its run since. */
export interface RequestWatch {
  /** Aborts as soon as the run is to be cancelled. */
  readonly cancelled: AbortSignal;
  pauseRequested(): boolean;
  /** The attempt is over. @throws what kept its report, or one before it, from being stored. */
  close(): Promise<void>;
}

/** Reads and starts the workflows of runs, for housekeeping. */
interface RunStarter {
  start(run: StartableRun): Promise<void>;
  /** What a workflow starts a run's workflow with, as a child. */
  startOf(run: StartableRun): Promise<RunStart>;
  /** How the newest execution of a run stands; `missing` where there is none. */
  statusOf(runId: string): Promise<'open' | 'closed' | 'missing'>;
  signal(runId: string, signal: 'pause' | 'resume' | 'budgetChanged' | 'wake'): Promise<void>;
  cancel(runId: string): Promise<void>;
  /** Something has changed for a batch; its workflow is started where none is open. */
  tellBatch(org: string, batch: string): Promise<void>;
  /** Starts the delivery of a notice, once. */
  deliver(org: string, delivery: string): Promise<void>;
  /** Tells the first run and the first batch that wait for money that there may be some; not `butNot`. */
  wake(org: string, butNot?: string): Promise<void>;
}

/** Starts the workflows of files of jobs, and looks at them. */
interface IngestionStarter {
  start(org: string, ingestion: string): Promise<void>;
  statusOf(ingestion: string): Promise<'open' | 'closed' | 'missing'>;
}

export interface ActivityDeps extends Pricing {
  store: Store;
  kinds: Kinds;
  model: LanguageModel;
  countProgress: CountProgress;
  watch(runId: string): RequestWatch;
  starter: RunStarter;
  schedules: Schedules;
  ingestions: IngestionStarter;
  downModels: DownModels;
  holdBook: HoldBook;
  settlements: Settlements;
  /** The day in the organization's time zone, YYYY-MM-DD. */
  dayOf(org: string, at: Date): Promise<string>;
  /** The share of the usual pace that budgets let through: 1, or less where they throttle. */
  factorOf(line: Line, priority: number): Promise<number>;
  /** Where people are told, and how. */
  channels: ChannelBook;
  notifier: Notifier;
  /** The model of runs that name none. */
  defaultModel: string;
  /** The queue of Temporal that the workers of this installation serve. */
  taskQueue: string;
  /** So long the details of ended runs stay at hand. */
  retentionDays: number;
  /** And so many days jobs, alerts and rows of the audit log. */
  retention: RetentionDays;
  /** Into the log, for whoever runs the installation. */
  warn(message: string): void;
  now(): Date;
}

export interface RunRef {
  org: string;
  runId: string;
  round: number;
}

export type { MoveInput } from './bookkeeping.ts';
export type Activities = ReturnType<typeof createActivities>;

/** The effects of a run. Workflows know them by their types alone. */
export function createActivities(deps: ActivityDeps) {
  return {
    plan: createPlan(deps),
    estimate: createEstimate(deps),
    processItem: createProcessItem(deps),
    ...createBookkeeping(deps),
    ...createHolding(deps),
    ...createMemories(deps),
    learn: createLearn(deps),
    advanceBatch: createAdvanceBatch(deps),
    estimateBatch: createEstimateBatch(deps),
    sweepRuns: createSweep(deps),
    sweepMoney: createSweepMoney(deps),
    ...createIngestRows(deps),
    sweepIngestions: createSweepIngestions(deps),
    archiveRuns: createArchiveRuns(deps),
    ...createDeliver(deps),
    watchAlerts: createWatchAlerts(deps),
    sendReports: createSendReports(deps),
    keepSchedules: createKeepSchedules(deps),
    ...createScheduledRuns(deps),
    keepForecasts: createForecasts(deps),
  };
}

export interface LoadedRun {
  context: RunContext;
  kind: Kind;
  /** As it was when the run was loaded. */
  state: RunState;
  round: number;
  retryFingerprint?: string;
  /** What its costs belong to, but for provider and model, which each call has its own. */
  scope: Scope;
  priority: number;
}

/** The models that may answer for a run, the wanted one first. */
export function modelsOf({ model, fallbackModels = [] }: RunOptions): string[] {
  return [model, ...fallbackModels];
}

/**
 * What calls of a model are paid from: rehearsals of faults are costs of the model that they rehearse. An
 * item may be on another user's account than its run.
 * @throws AppError `price_unknown`.
 */
export async function lineOf(
  deps: ActivityDeps,
  { context, scope }: Pick<LoadedRun, 'context' | 'scope'>,
  modelName: string,
  user?: string,
): Promise<Line> {
  const { org, id: run } = context;
  const price = await resolvePrice(deps, org, modelName, deps.now());
  return { org, run, scope: { ...callScope(scope, modelName), ...(user !== undefined && { user }) }, price };
}

/** What calls of a model belong to, that are made for a run of this scope. */
export function callScope(scope: Scope, modelName: string): Scope {
  const model = plainModelName(modelName);
  return { ...scope, provider: providerOf(model), model };
}

/**
 * The stored run with its kind. @throws Error where either is missing, which is a bug: the API has checked
 * both.
 */
export async function loadRun(deps: ActivityDeps, of: { org: string; runId: string }): Promise<LoadedRun> {
  const run = await deps.store.runs.find(of.org, of.runId);
  if (run === undefined) throw new Error(`run ${of.runId} is not stored`);
  const kind = deps.kinds[run.kind];
  if (kind === undefined) throw new Error(`this worker does not know the kind ${run.kind}`);
  return {
    context: { id: run._id, org: run.org, input: run.input, options: run.options },
    kind,
    state: run.state,
    round: run.round,
    scope: { ...run.scope, kind: run.kind },
    priority: run.options.priority ?? DEFAULT_PRIORITY,
    ...(run.retryFingerprint === undefined ? {} : { retryFingerprint: run.retryFingerprint }),
  };
}
