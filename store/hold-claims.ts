import { type Budget, EMERGENCY_PRIORITY, refuses } from '../domain/budgets/budget.ts';
import type { Scope } from '../domain/budgets/scope.ts';
import type { Price } from '../domain/money.ts';
import { type BudgetPeriod, FAR_FUTURE_MS } from './budget-periods.ts';
import type { Hold, Past } from './holds.ts';

/** What is asked for. Amounts in nano-dollars. */
export interface AcquireRequest {
  org: string;
  /** The hold's id: one that is taken is found, not made again. */
  id: string;
  owner: string;
  scope: Scope;
  line: string;
  number: number;
  amount: number;
  /** With less than this nothing is granted; equal to `amount`: all or nothing. */
  least: number;
  priority: number;
  /** A run's own cap, as a period. */
  cap?: string;
  /** One run's way past all budgets. */
  bypass?: { reason: string };
  /** Why a request of priority 8 and over may pass where budgets allow that. */
  emergency?: string;
  price?: Price;
  validUntil?: Date;
  createdBy?: string;
  at: Date;
}

/** Why nothing was granted: the budget that has least left, with its numbers. */
export interface Denial {
  reason: 'budget' | 'circuit_open';
  budget: string;
  name: string;
  period: string;
  amountNanoUsd: number;
  committedNanoUsd: number;
  spentNanoUsd: number;
  leftNanoUsd: number;
  neededNanoUsd: number;
  until: Date;
}

export type Acquired = { granted: Hold } | { taken: Hold } | { denied: Denial };

/** A period that a hold falls under, and how it counts. */
export interface Claim {
  period: BudgetPeriod;
  budget: Budget | undefined;
  /** Undefined: guarded. */
  past: Past | undefined;
}

/** How much can be granted; a no where that is less than the least. */
export function offerOf(request: AcquireRequest, claims: Claim[]): { amount: number } | { denied: Denial } {
  const guarded = claims.filter(({ past }) => past === undefined);
  const shut = guarded.find(({ period }) => breakerSaysNo(period, request.at));
  if (shut !== undefined) return { denied: denialOf(request, shut, 'circuit_open') };
  const probing = guarded.some(({ period }) => period.breaker !== undefined);
  // A probe is capped: no more than one call needs.
  const wanted = probing ? request.least : request.amount;
  const narrow = tightest(guarded);
  if (narrow === undefined) return { amount: wanted };
  const amount = Math.min(wanted, narrow.period.left);
  if (amount < request.least || narrow.period.left < 0)
    return { denied: denialOf(request, narrow, 'budget') };
  return { amount };
}

export function tightest(claims: Claim[]): Claim | undefined {
  return claims.reduce<Claim | undefined>(
    (least, claim) => (least === undefined || claim.period.left < least.period.left ? claim : least),
    undefined,
  );
}

function breakerSaysNo({ breaker }: BudgetPeriod, at: Date): boolean {
  if (breaker === undefined) return false;
  if (breaker.state === 'open') return breaker.until === undefined || breaker.until > at;
  return breaker.leaseUntil !== undefined && breaker.leaseUntil > at;
}

/** The breaker must be as it was seen. */
export function breakerGuard({ breaker }: BudgetPeriod): object {
  if (breaker === undefined) return { breaker: { $exists: false } };
  const { state, probe } = breaker;
  return { 'breaker.state': state, 'breaker.probe': probe ?? { $exists: false } };
}

export function denialOf(
  request: Pick<AcquireRequest, 'least'>,
  claim: Claim | undefined,
  reason: Denial['reason'],
): Denial {
  if (claim === undefined) throw new Error('nothing refuses, and yet nothing was granted');
  const { period, budget } = claim;
  const { amount, rolled, raised } = period;
  return {
    reason,
    budget: period.budget,
    name: budget?.name ?? "the run's own limit",
    period: period._id,
    amountNanoUsd: amount + rolled + raised,
    committedNanoUsd: period.committed,
    spentNanoUsd: period.spent,
    leftNanoUsd: period.left,
    neededNanoUsd: request.least,
    until: period.breaker?.until ?? period.end,
  };
}

/** The way past this budget that the request has, if any. A run's own cap has none. */
export function pastOf(request: AcquireRequest, budget: Budget | undefined): Past | undefined {
  if (budget === undefined) return undefined;
  if (!refuses(budget)) return { way: 'warn_only', budget: budget.id, reason: '' };
  if (request.bypass !== undefined)
    return { way: 'bypass', budget: budget.id, reason: request.bypass.reason };
  const urgent = request.priority >= EMERGENCY_PRIORITY && request.emergency !== undefined;
  if (urgent && budget.policy.allowEmergency)
    return { way: 'emergency', budget: budget.id, reason: request.emergency ?? '' };
  return undefined;
}

export function holdOf(
  request: AcquireRequest & { budgetsVersion: number },
  claims: Claim[],
  amount: number,
): Hold {
  const ends = claims.map(({ period }) => period.end.getTime());
  const validUntil = Math.min(FAR_FUTURE_MS, request.validUntil?.getTime() ?? FAR_FUTURE_MS, ...ends);
  const { id, org, owner, scope, line, number, price, createdBy, budgetsVersion, at } = request;
  return {
    _id: id,
    org,
    owner,
    scope,
    line,
    number,
    periods: claims.map(({ period }) => period._id),
    amount,
    left: amount,
    open: [],
    state: 'open',
    budgetsVersion,
    validUntil: new Date(validUntil),
    ...(price && { price }),
    past: claims.flatMap(({ past }) => past ?? []),
    ...(createdBy !== undefined && { createdBy }),
    createdAt: at,
  };
}
