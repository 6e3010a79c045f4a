import type { Scope } from './scope.ts';
import { floorShare } from './shares.ts';

export const PERIOD_TYPES = ['daily', 'weekly', 'monthly', 'quarterly', 'yearly', 'custom'] as const;
export type PeriodType = (typeof PERIOD_TYPES)[number];

/** How a budget's time is cut; in its own time zone. Weeks begin on Monday. */
export interface Period {
  type: PeriodType;
  /** `YYYY-MM-DD`. For `custom` the first day; else before it there is no period. */
  startDate?: string;
  /** `YYYY-MM-DD`, the last day (inclusive). */
  endDate?: string;
  /** IANA name; default `UTC`. */
  timeZone: string;
}

/** Shares of the amount, ascending: 0 < warning ≤ throttle ≤ block ≤ 1. */
export interface Thresholds {
  warning: number;
  throttle: number;
  block: number;
}

export interface Policy {
  /** Counts and warns, and never refuses. */
  warnOnly: boolean;
  /** Windows shrink to this share, and outside callers get it, above the throttle threshold. */
  throttleFactor: number;
  blockNewJobs: boolean;
  /** Priority 8 and over passes, with a reason, audited. */
  allowEmergency: boolean;
  /** From the moment the block threshold is first met in a period, block acts as throttle for so long. */
  gracePeriodHours: number;
  /** The most that grace admits beyond the block threshold. */
  graceMaximumNanoUsd?: number;
}

export const NOTIFICATION_TYPES = ['email', 'slack', 'webhook', 'log'] as const;
export const NOTIFICATION_EVENTS = ['warning', 'throttle', 'block', 'reset'] as const;

export interface BudgetNotification {
  type: (typeof NOTIFICATION_TYPES)[number];
  target: string;
  events: (typeof NOTIFICATION_EVENTS)[number][];
  enabled: boolean;
  metadata: Record<string, unknown>;
}

/** Trips at 100 % spent; with `velocity` also when more than that is spent within its minutes. */
export interface Breaker {
  velocity?: { nanoUsd: number; minutes: number };
  /** After a velocity trip so long until one probe may pass. */
  coolDownMinutes: number;
}

/** What people set of a budget. Amounts in nano-dollars. */
export interface BudgetTerms {
  name: string;
  scope: Scope;
  /** A template: each user gets a counter of their own on first use. */
  per?: 'user';
  period: Period;
  amountNanoUsd: number;
  currency: 'USD';
  thresholds: Thresholds;
  /** Shares of the amount at which people are told; ascending. */
  alertAt: number[];
  policy: Policy;
  /** How much of an unspent amount goes over into the next period, at most. */
  rollover?: { maxNanoUsd: number };
  breaker?: Breaker;
  notifications: BudgetNotification[];
  tags: string[];
  active: boolean;
}

/** A budget as stored. */
export interface Budget extends BudgetTerms {
  id: string;
  org: string;
  createdBy: string;
  createdAt: Date;
  updatedAt: Date;
  /** Deleted budgets keep their history and admit nothing to their account any more. */
  deletedAt?: Date;
}

export const DEFAULT_THRESHOLDS: Thresholds = { warning: 0.75, throttle: 0.9, block: 1 };
export const DEFAULT_ALERT_AT = [0.5, 0.75, 0.9, 1];
export const DEFAULT_POLICY: Policy = {
  warnOnly: false,
  throttleFactor: 0.5,
  blockNewJobs: true,
  allowEmergency: false,
  gracePeriodHours: 0,
};
export const DEFAULT_COOL_DOWN_MINUTES = 10;
/** Amounts beyond it are refused at the door: their nano-dollars would not be safe integers. */
export const MAX_AMOUNT_USD = 9_000_000;

/** Whether a budget refuses, rather than only counting and warning. */
export function refuses(budget: Pick<BudgetTerms, 'policy'>): boolean {
  return !budget.policy.warnOnly && budget.policy.blockNewJobs;
}

/** What may be committed in a period of this amount before anything that goes past it. */
export function blockedAtNanoUsd(amountNanoUsd: number, thresholds: Pick<Thresholds, 'block'>): number {
  return floorShare(amountNanoUsd, thresholds.block);
}

/** Priority 1–10, 10 most urgent; from here on it counts as an emergency. */
export const EMERGENCY_PRIORITY = 8;
export const DEFAULT_PRIORITY = 5;
