import type { LanguageModel } from '../domain/llm.ts';
import type { KindName, RunState } from '../domain/run.ts';
import type { Pricing } from '../kinds/estimate.ts';
import type { Kinds } from '../kinds/index.ts';
import type { Kind, RunContext } from '../kinds/kind.ts';
import type { Store } from '../store/index.ts';
import { createBookkeeping } from './bookkeeping.ts';
import { createEstimate } from './estimate.ts';
import { createPlan } from './plan.ts';
import { createProcessItem } from './process-item.ts';
import { createSweep } from './sweep-runs.ts';

/** Adds to a run's counters; resolves once the addition is stored. */
export type CountProgress = (
  of: { org: string; runId: string },
  delta: { [name: string]: number },
) => Promise<void>;

/** Tells an attempt what people have asked of its run since. */
export interface RequestWatch {
  /** Aborts as soon as the run is to be cancelled. */
  readonly cancelled: AbortSignal;
  pauseRequested(): boolean;
  close(): void;
}

/** Reads and starts the workflows of runs, for housekeeping. */
interface RunStarter {
  start(run: {
    _id: string;
    org: string;
    kind: string;
    round: number;
    options: { concurrency: number };
  }): Promise<void>;
  /** How the newest execution of a run stands; `missing` where there is none. */
  statusOf(runId: string): Promise<'open' | 'closed' | 'missing'>;
  signal(runId: string, signal: 'pause' | 'resume'): Promise<void>;
  cancel(runId: string): Promise<void>;
}

export interface ActivityDeps extends Pricing {
  store: Store;
  kinds: Kinds;
  model: LanguageModel;
  countProgress: CountProgress;
  watch(runId: string): RequestWatch;
  starter: RunStarter;
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
    sweepRuns: createSweep(deps),
  };
}

export interface LoadedRun {
  context: RunContext;
  kind: Kind;
  /** As it was when the run was loaded. */
  state: RunState;
  round: number;
  retryFingerprint?: string;
}

/**
 * The stored run with its kind. @throws Error where either is missing, which is a bug: the API has checked
 * both.
 */
export async function loadRun(deps: ActivityDeps, of: { org: string; runId: string }): Promise<LoadedRun> {
  const run = await deps.store.runs.find(of.org, of.runId);
  if (run === undefined) throw new Error(`run ${of.runId} is not stored`);
  const kind = deps.kinds[run.kind as KindName];
  if (kind === undefined) throw new Error(`this worker does not know the kind ${run.kind}`);
  return {
    context: { id: run._id, org: run.org, input: run.input, options: run.options },
    kind,
    state: run.state,
    round: run.round,
    ...(run.retryFingerprint === undefined ? {} : { retryFingerprint: run.retryFingerprint }),
  };
}
