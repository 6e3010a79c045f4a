import { formatUsd } from '../money.ts';
import { type Budget, EMERGENCY_PRIORITY, refuses } from './budget.ts';
import { breakerShut, type Counters, thresholdMarks, utilizationOf, wholeAmount } from './counters.ts';
import { matchesScope, type Scope } from './scope.ts';

/** From the mildest to the strictest. */
export const DECISION_TYPES = ['allow', 'warn', 'throttle', 'block'] as const;
export type DecisionType = (typeof DECISION_TYPES)[number];

/** Whether something may go on, by the numbers of the budget that decided. Money in nano-dollars. */
export interface Decision {
  type: DecisionType;
  /** The share of the usual pace that may go on: 1, less when throttled, 0 when blocked. */
  factor: number;
  /** One line for people. */
  message: string;
  /** The budget that decided; undefined where none applies. */
  budgetId: string | undefined;
  currentSpendNanoUsd: number;
  /** With what was rolled over and raised; undefined where no budget applies. */
  budgetAmountNanoUsd: number | undefined;
  utilization: number;
}

/** A budget with its counters of the period that holds now, of a template those of the user who asks. */
export interface Standing {
  budget: Pick<Budget, 'id' | 'name' | 'scope' | 'thresholds' | 'policy'>;
  counters: Counters;
}

export interface DecisionRequest {
  scope: Scope;
  /** 1–10, 10 most urgent. */
  priority: number;
  at: Date;
}

/** The strictest of all budgets that match decides; of equals the one that is used most. */
export function decide(standings: readonly Standing[], request: DecisionRequest): Decision {
  let strictest: Verdict | undefined;
  for (const standing of standings) {
    if (!matchesScope(standing.budget.scope, request.scope)) continue;
    const verdict = verdictOf(standing, request);
    if (strictest === undefined || isStricter(verdict, strictest)) strictest = verdict;
  }
  return strictest === undefined ? NO_BUDGET : decisionOf(strictest, request);
}

const NO_BUDGET: Decision = {
  type: 'allow',
  factor: 1,
  message: 'no budget applies',
  budgetId: undefined,
  currentSpendNanoUsd: 0,
  budgetAmountNanoUsd: undefined,
  utilization: 0,
};

type Cause = 'within' | 'warning' | 'throttle' | 'block' | 'nothing_left' | 'circuit_open' | 'probe';
/** What made the verdict milder than its cause. */
type Softened = 'warn_only' | 'grace' | 'lets_jobs_in' | 'emergency';

interface Verdict {
  standing: Standing;
  type: DecisionType;
  factor: number;
  utilization: number;
  cause: Cause;
  softened?: Softened;
}

function verdictOf(standing: Standing, request: DecisionRequest): Verdict {
  const cause = causeOf(standing, request.at);
  const { type, softened } = soften(standing, STRICTNESS[cause], cause, request);
  const factor = type === 'block' ? 0 : type === 'throttle' ? standing.budget.policy.throttleFactor : 1;
  const utilization = utilizationOf(standing.counters);
  return { standing, type, factor, utilization, cause, ...(softened && { softened }) };
}

const STRICTNESS: Record<Cause, DecisionType> = {
  within: 'allow',
  warning: 'warn',
  throttle: 'throttle',
  probe: 'throttle',
  block: 'block',
  nothing_left: 'block',
  circuit_open: 'block',
};

/** Thresholds look at what is spent, admission at what is left. */
function causeOf({ budget, counters }: Standing, at: Date): Cause {
  const marks = thresholdMarks(counters, budget.thresholds);
  if (breakerShut(counters, at)) return 'circuit_open';
  if (counters.spent >= marks.block) return 'block';
  if (counters.left <= 0) return 'nothing_left';
  if (counters.breaker !== undefined) return 'probe';
  if (counters.spent >= marks.throttle) return 'throttle';
  return counters.spent >= marks.warning ? 'warning' : 'within';
}

/** What the policy makes of it. */
function soften(
  { budget: { policy }, counters }: Standing,
  type: DecisionType,
  cause: Cause,
  request: DecisionRequest,
): { type: DecisionType; softened?: Softened } {
  if (type === 'allow' || type === 'warn') return { type };
  if (policy.warnOnly) return { type: 'warn', softened: 'warn_only' };
  if (policy.allowEmergency && request.priority >= EMERGENCY_PRIORITY)
    return { type: 'warn', softened: 'emergency' };
  if (type === 'throttle') return { type };
  const inGrace = counters.graceUntil !== undefined && request.at < counters.graceUntil;
  if (cause === 'block' && inGrace && counters.left > 0) return { type: 'throttle', softened: 'grace' };
  return refuses({ policy }) ? { type } : { type: 'throttle', softened: 'lets_jobs_in' };
}

function isStricter(one: Verdict, other: Verdict): boolean {
  if (one.type !== other.type) return DECISION_TYPES.indexOf(one.type) > DECISION_TYPES.indexOf(other.type);
  if (one.factor !== other.factor) return one.factor < other.factor;
  return one.utilization > other.utilization;
}

function decisionOf(verdict: Verdict, request: DecisionRequest): Decision {
  const { standing, type, factor, utilization } = verdict;
  return {
    type,
    factor,
    message: messageOf(verdict, request),
    budgetId: standing.budget.id,
    currentSpendNanoUsd: standing.counters.spent,
    budgetAmountNanoUsd: wholeAmount(standing.counters),
    utilization,
  };
}

function messageOf(verdict: Verdict, request: DecisionRequest): string {
  const { standing, utilization, cause, softened } = verdict;
  const { budget, counters } = standing;
  const whole = formatUsd(wholeAmount(counters));
  const spent = formatUsd(counters.spent);
  const facts = `${budget.name}: ${spent} of ${whole} spent (${percent(utilization)})`;
  const reasons: Record<Cause, string> = {
    within: '',
    warning: `, over the warning threshold of ${percent(budget.thresholds.warning)}`,
    throttle: `, over the throttle threshold of ${percent(budget.thresholds.throttle)}`,
    block: `, over the block threshold of ${percent(budget.thresholds.block)}`,
    nothing_left: `, and the rest is held: ${formatUsd(counters.committed - counters.spent)}`,
    circuit_open: '; its circuit breaker is open',
    probe: '; its circuit breaker is half open',
  };
  const milder = softened === undefined ? '' : `; ${SOFTENED_WORDS[softened]}`;
  const priority = softened === 'emergency' ? ` of priority ${request.priority}` : '';
  const until = softened === 'grace' ? ` until ${counters.graceUntil?.toISOString()}` : '';
  return `${facts}${reasons[cause]}${milder}${priority}${until}`;
}

const SOFTENED_WORDS: Record<Softened, string> = {
  warn_only: 'it only warns',
  grace: 'grace runs',
  lets_jobs_in: 'it throttles and does not refuse',
  emergency: 'passes as an emergency',
};

/** Rounded down: 99.96 % is not everything yet. */
function percent(share: number): string {
  return `${Math.floor(share * 1000 + 1e-9) / 10} %`;
}
