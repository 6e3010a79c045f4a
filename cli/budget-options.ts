import type { PeriodType } from '../domain/budgets/budget.ts';
import { SCOPE_FIELDS, type Scope } from '../domain/budgets/scope.ts';
import { invalidInput } from '../domain/errors.ts';
import { given } from '../domain/given.ts';
import type { BudgetEdit, NewBudget } from './client/money.ts';

/** Options that name what costs belong to. */
export type ScopeOptions = Scope;

/** What can be said of a budget at any time; amounts in USD. */
export interface TermOptions {
  amount?: number;
  warning?: number;
  throttle?: number;
  block?: number;
  alertAt?: number[];
  warnOnly?: boolean;
  allowEmergency?: boolean;
  throttleFactor?: number;
  graceHours?: number;
  graceMax?: number;
  rollover?: number | false;
  breaker?: boolean;
  /** `USD/MINUTES` */
  velocity?: string;
  coolDown?: number;
  tag?: string[];
  active?: boolean;
}

/** What only a new budget can be given. */
export interface NewBudgetOptions extends TermOptions, ScopeOptions {
  amount: number;
  period: PeriodType;
  start?: string;
  end?: string;
  timeZone?: string;
  perUser?: boolean;
}

/** The part of the options that names a scope. */
export function scopeOf(options: ScopeOptions): Scope {
  return Object.fromEntries(
    SCOPE_FIELDS.flatMap((field) => (options[field] === undefined ? [] : [[field, options[field]]])),
  );
}

/** What `budgets create` sends. @throws AppError `invalid_input` */
export function newBudgetOf(name: string, options: NewBudgetOptions): NewBudget {
  const { amount, period: type, start, end, timeZone, perUser } = options;
  const { rollover, breaker, ...terms } = termsOf(options);
  return {
    name,
    amountUsd: amount,
    scope: scopeOf(options),
    ...(perUser === true && { per: 'user' as const }),
    period: {
      type,
      ...(start !== undefined && { startDate: start }),
      ...(end !== undefined && { endDate: end }),
      ...(timeZone !== undefined && { timeZone }),
    },
    ...terms,
    ...(rollover !== undefined && rollover !== null && { rollover }),
    ...(breaker !== undefined && breaker !== null && { breaker }),
  };
}

/** What `budgets edit` sends: only what was named. @throws AppError `invalid_input` */
export function budgetEditOf(options: TermOptions & { name?: string }): BudgetEdit {
  const { name, amount } = options;
  const edit: BudgetEdit = {
    ...(name !== undefined && { name }),
    ...(amount !== undefined && { amountUsd: amount }),
    ...termsOf(options),
  };
  if (Object.keys(edit).length > 0) return edit;
  throw invalidInput('nothing is to be changed: name an option, e.g. --amount 50 (--help lists them)');
}

function termsOf(options: TermOptions) {
  const { warning, throttle, block, alertAt, rollover, tag, active } = options;
  const thresholds = anyGiven({ warning, throttle, block });
  const policy = anyGiven({
    warnOnly: options.warnOnly,
    allowEmergency: options.allowEmergency,
    throttleFactor: options.throttleFactor,
    gracePeriodHours: options.graceHours,
    graceMaximumUsd: options.graceMax,
  });
  const breaker = breakerOf(options);
  return {
    ...(thresholds !== undefined && { thresholds }),
    ...(alertAt !== undefined && { alertAt }),
    ...(policy !== undefined && { policy }),
    ...(rollover !== undefined && { rollover: rollover === false ? null : { maxUsd: rollover } }),
    ...(breaker !== undefined && { breaker }),
    ...(tag !== undefined && { tags: tag }),
    ...(active !== undefined && { active }),
  };
}

function breakerOf({ breaker, velocity, coolDown }: TermOptions) {
  if (breaker === false) return null;
  if (velocity === undefined && coolDown === undefined) return breaker;
  return {
    ...(velocity !== undefined && { velocity: velocityOf(velocity) }),
    ...(coolDown !== undefined && { coolDownMinutes: coolDown }),
  };
}

function velocityOf(text: string): { usd: number; minutes: number } {
  const [, usd, minutes] = /^\$?(\d*\.?\d+)\/(\d+)$/.exec(text) ?? [];
  if (usd === undefined || minutes === undefined)
    throw invalidInput(`--velocity ${text} is not USD/MINUTES, e.g. 5/10 for $5 in ten minutes`);
  return { usd: Number(usd), minutes: Number(minutes) };
}

/** The fields that have a value; undefined where none has. */
function anyGiven<T extends object>(fields: T) {
  const named = given(fields);
  return Object.keys(named).length === 0 ? undefined : named;
}
