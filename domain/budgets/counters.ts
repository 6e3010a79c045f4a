import { type BudgetTerms, blockedAtNanoUsd, type Thresholds } from './budget.ts';
import { ceilShare } from './shares.ts';

/** What is known of one period of a budget, in nano-dollars. */
export interface Counters {
  /** What was set. */
  amount: number;
  /** What the period before has left over. */
  rolled: number;
  raised: number;
  grace: number;
  /** What may be committed: floor((amount + rolled) × block) + raised + grace. */
  ceiling: number;
  /** All that was spent and all that holds still keep. */
  committed: number;
  /** ceiling − committed. */
  left: number;
  spent: number;
  breaker?: { state: 'open' | 'half_open'; until?: Date; leaseUntil?: Date };
  /** From the first crossing of the block threshold until then, block acts as throttle. */
  graceUntil?: Date;
}

/** The counters of a period in which nothing has happened yet. */
export function freshCounters(terms: Pick<BudgetTerms, 'amountNanoUsd' | 'thresholds'>) {
  const ceiling = blockedAtNanoUsd(terms.amountNanoUsd, terms.thresholds);
  const untouched = { rolled: 0, raised: 0, grace: 0, committed: 0, spent: 0 };
  return { ...untouched, amount: terms.amountNanoUsd, ceiling, left: ceiling };
}

/** The amount that people mean: with what was rolled over and raised, without grace. */
export function wholeAmount(counters: Pick<Counters, 'amount' | 'rolled' | 'raised'>): number {
  return counters.amount + counters.rolled + counters.raised;
}

/** The spending from which on each threshold is reached. A raise moves all three. */
export function thresholdMarks(
  counters: Pick<Counters, 'amount' | 'rolled' | 'raised'>,
  thresholds: Thresholds,
): Thresholds {
  const whole = wholeAmount(counters);
  return {
    warning: ceilShare(whole, thresholds.warning),
    throttle: ceilShare(whole, thresholds.throttle),
    block: blockedAtNanoUsd(counters.amount + counters.rolled, thresholds) + counters.raised,
  };
}

/** Spent as a share of the whole amount; of an amount of nothing everything is used. */
export function utilizationOf(counters: Pick<Counters, 'amount' | 'rolled' | 'raised' | 'spent'>): number {
  const whole = wholeAmount(counters);
  return whole > 0 ? counters.spent / whole : 1;
}

/** Whether the breaker lets nothing through. Half open, one probe may pass; its lease keeps others out. */
export function breakerShut({ breaker }: Pick<Counters, 'breaker'>, at: Date): boolean {
  if (breaker === undefined) return false;
  if (breaker.state === 'open') return breaker.until === undefined || at < breaker.until;
  return breaker.leaseUntil !== undefined && at < breaker.leaseUntil;
}
