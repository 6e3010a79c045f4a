/** The vocabulary of runs: states, why a run waits, what moves where. */

/** What is done to the items of a run. Those there are stand in `kinds/index.ts`. */
export type KindName = string;

const OPEN_STATES = [
  'queued',
  'planning',
  'estimating',
  'running',
  'waiting',
  'pausing',
  'paused',
  'cancelling',
] as const;
export const ENDED_STATES = [
  'completed',
  'completed_with_errors',
  'failed',
  'cancelled',
  'rejected',
] as const;
export type EndedState = (typeof ENDED_STATES)[number];
export type RunState = (typeof OPEN_STATES)[number] | EndedState;
export const RUN_STATES: readonly RunState[] = [...OPEN_STATES, ...ENDED_STATES];

export const WAIT_REASONS = [
  'approval',
  'budget',
  'circuit_open',
  'rate_limit',
  'failing',
  'worker_missing',
] as const;
export type WaitReason = (typeof WAIT_REASONS)[number];

export function isEnded(state: RunState): state is EndedState {
  return (ENDED_STATES as readonly string[]).includes(state);
}

export type ItemState = 'pending' | 'working' | 'done' | 'failed' | 'reused';

/** Equal failures in a row after which a run waits instead of burning the rest. */
export const FAILING_STREAK = 20;

/** What may be gone after some minutes: whole runs are tried again for these. */
export const PASSES_BY_ITSELF: ReadonlySet<string> = new Set([
  'llm_unavailable',
  'llm_rate_limited',
  'services_unavailable',
  'item_crashed',
]);

export const MAX_RUN_RETRIES = 3;

/** Starts of one item that never ended (the process died) after which the item is given up. */
export const CRASH_LIMIT = 3;

export const MAX_CONCURRENCY = 64;

/** The longest that an item may wait inside its slot of the window; beyond it comes back later. */
export const LATER_AFTER_MS = 10_000;

/** How many items may wait outside the window before the whole run waits. */
export const LATER_LIMIT = 200;

/** Items per page; a page's history must stay far below Temporal's warnings at 4,096 events. */
export const PAGE_SIZE = 400;

export interface RunOptions {
  concurrency: number;
  maxRetries: number;
  skipExisting: boolean;
  regenerateAll: boolean;
  /** `provider/model`. */
  model: string;
  /** Asked in turn where the model is down or its budgets have nothing left. */
  fallbackModels?: string[];
  /** How often the run as a whole is tried again; default 0, of some kinds more. */
  runRetries?: number;
  /** 1–10, 10 most urgent; default 5. */
  priority?: number;
  /** Why a run of priority 8 and over may pass budgets that allow emergencies. */
  emergencyReason?: string;
}

export const DEFAULT_CONCURRENCY = 4;
export const DEFAULT_MAX_RETRIES = 3;

/** Who started something. People come with accounts; until then it is an API key. */
export interface Actor {
  id: string;
  email?: string;
}

export type RunControl = 'pause' | 'resume' | 'cancel' | 'retry' | 'setConcurrency';

/** Whether a control may be used in a state; the answer for people where it may not. */
export function controlProblem(
  control: RunControl,
  state: RunState,
  waitReason?: WaitReason,
): string | undefined {
  if (control === 'retry') {
    if (
      isEnded(state) ? state !== 'rejected' : state === 'running' || state === 'waiting' || state === 'paused'
    )
      return undefined;
    return `a run that is ${state} cannot be retried`;
  }
  if (isEnded(state)) return `the run has ended (${state})`;
  if (state === 'cancelling' && control !== 'cancel') return 'the run is being cancelled';
  if (control === 'resume' && !RESUMABLE.has(state) && !(state === 'waiting' && waitReason === 'failing'))
    return `a run that is ${state} cannot be resumed: only one that is paused, pausing or waiting as failing`;
  return undefined;
}

const RESUMABLE: ReadonlySet<RunState> = new Set(['paused', 'pausing']);

/**
 * What people see: an asked-for pause or cancel shows at once, though the workflow gets there a moment later.
 */
export function shownState(run: {
  state: RunState;
  pauseRequested: boolean;
  cancelRequested: boolean;
}): RunState {
  if (isEnded(run.state)) return run.state;
  if (run.cancelRequested) return 'cancelling';
  return run.pauseRequested && run.state !== 'paused' ? 'pausing' : run.state;
}

/** How a run ends that was neither cancelled nor stopped by an error. */
export function endStateOf(failedItems: number): EndedState {
  return failedItems > 0 ? 'completed_with_errors' : 'completed';
}

/** An error of an item or a run, as it is stored and shown. */
export interface Failure {
  code: string;
  message: string;
  /** Groups equal failures: see `fingerprintOf`. */
  fingerprint: string;
}

/** A band of a quantity: half of the cases stay under p50, nine of ten under p90. */
export interface Band {
  p50: number;
  p90: number;
}
