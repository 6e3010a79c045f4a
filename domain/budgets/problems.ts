import type { ErrorDetail } from '../errors.ts';
import { fromUsd, toUsd } from '../money.ts';
import { MAX_AMOUNT_USD, type Thresholds } from './budget.ts';
import type { BudgetDraft } from './draft.ts';
import { notificationProblems } from './notification-problems.ts';
import { periodProblems } from './period-problems.ts';
import { SCOPE_FIELDS } from './scope.ts';
import { SHARE_DECIMALS } from './shares.ts';

const MAX_NAME = 200;
const MAX_SCOPE_VALUE = 300;
const MAX_TAGS = 50;
const MAX_TAG = 100;
const MAX_ALERTS = 20;
/** Alerts may stand beyond the amount: budgets that only warn go past it. */
const MAX_ALERT = 10;
const MONEY_DECIMALS = 9;
const MAX_GRACE_HOURS = 366 * 24;
const MAX_VELOCITY_MINUTES = 24 * 60;
const MAX_COOL_DOWN_MINUTES = 31 * 24 * 60;

/**
 * Everything that is wrong with a budget at once, by the names that the API has for its fields. Fields that
 * are missing are passed over, so that the others can be told of as well.
 */
export function budgetProblems(draft: Partial<BudgetDraft>): ErrorDetail[] {
  const { thresholds, alertAt, policy, rollover, breaker, period, notifications, tags } = draft;
  return [
    ...when(draft.name, (name) => textProblems('name', name, MAX_NAME)),
    ...scopeProblems(draft),
    ...when(period, periodProblems),
    ...when(draft.amountUsd, (usd) => amountProblems('amountUsd', usd)),
    ...when(thresholds, thresholdProblems),
    ...when(alertAt, alertProblems),
    ...when(policy, policyProblems),
    ...when(rollover, ({ maxUsd }) => amountProblems('rollover.maxUsd', maxUsd)),
    ...(rollover !== undefined && period?.type === 'custom'
      ? [{ field: 'rollover', problem: 'a custom period is followed by no other: leave it out' }]
      : []),
    ...when(breaker, breakerProblems),
    ...when(notifications, notificationProblems),
    ...when(tags, tagProblems),
  ];
}

/** What is wrong with an amount of USD: sign, size, or more digits than can be kept exactly. */
export function amountProblems(field: string, usd: number): ErrorDetail[] {
  if (!Number.isFinite(usd)) return [{ field, problem: `must be a number, not ${usd}` }];
  if (usd < 0) return [{ field, problem: `must be at least 0, not ${usd}` }];
  if (usd > MAX_AMOUNT_USD)
    return [{ field, problem: `must be at most ${MAX_AMOUNT_USD.toLocaleString('en-US')} USD` }];
  if (decimalsOf(usd) > MONEY_DECIMALS)
    return [{ field, problem: `must have at most ${MONEY_DECIMALS} decimals: a nano-dollar` }];
  if (toUsd(fromUsd(usd)) !== usd)
    return [{ field, problem: `has more digits than can be kept exactly: give ${toUsd(fromUsd(usd))}` }];
  return [];
}

function scopeProblems({ scope, per }: Partial<BudgetDraft>): ErrorDetail[] {
  if (scope === undefined) return [];
  const empty = SCOPE_FIELDS.flatMap((field) =>
    when(scope[field], (value) => textProblems(`scope.${field}`, value, MAX_SCOPE_VALUE)),
  );
  const contradiction = { field: 'scope.user', problem: 'leave it out: per user counts every user apart' };
  return per === 'user' && scope.user !== undefined ? [...empty, contradiction] : empty;
}

function thresholdProblems(thresholds: Thresholds): ErrorDetail[] {
  const names = ['warning', 'throttle', 'block'] as const;
  const wrong = names.flatMap((name) => shareProblems(`thresholds.${name}`, thresholds[name], 1));
  const disordered = names.slice(1).flatMap((name, at) => {
    const before = names[at] ?? 'warning';
    if (!(thresholds[name] < thresholds[before])) return [];
    const problem = `must be no less than thresholds.${before}, which is ${thresholds[before]}`;
    return [{ field: `thresholds.${name}`, problem }];
  });
  return [...wrong, ...disordered];
}

function alertProblems(alertAt: number[]): ErrorDetail[] {
  const wrong = alertAt.flatMap((share, at) => shareProblems(`alertAt.${at}`, share, MAX_ALERT));
  const disordered = alertAt.flatMap((share, at) => {
    const before = alertAt[at - 1];
    if (before === undefined || share > before) return [];
    return [{ field: `alertAt.${at}`, problem: `must be more than ${before}, which stands before it` }];
  });
  return [...tooMany('alertAt', alertAt, MAX_ALERTS), ...wrong, ...disordered];
}

function policyProblems(policy: BudgetDraft['policy']): ErrorDetail[] {
  return [
    ...shareProblems('policy.throttleFactor', policy.throttleFactor, 1),
    ...rangeProblems('policy.gracePeriodHours', policy.gracePeriodHours, 0, MAX_GRACE_HOURS),
    ...when(policy.graceMaximumUsd, (usd) => amountProblems('policy.graceMaximumUsd', usd)),
  ];
}

function breakerProblems(breaker: BudgetDraft['breaker'] & object): ErrorDetail[] {
  return [
    ...rangeProblems('breaker.coolDownMinutes', breaker.coolDownMinutes, 1, MAX_COOL_DOWN_MINUTES),
    ...when(breaker.velocity, ({ usd, minutes }) => [
      ...(usd === 0 ? [{ field: 'breaker.velocity.usd', problem: 'must be more than 0' }] : []),
      ...amountProblems('breaker.velocity.usd', usd),
      ...rangeProblems('breaker.velocity.minutes', minutes, 1, MAX_VELOCITY_MINUTES),
    ]),
  ];
}

function tagProblems(tags: string[]): ErrorDetail[] {
  const each = tags.flatMap((tag, at) => {
    const same = tags.indexOf(tag);
    if (same < at) return [{ field: `tags.${at}`, problem: `is the same as tags.${same}` }];
    return textProblems(`tags.${at}`, tag, MAX_TAG);
  });
  return [...tooMany('tags', tags, MAX_TAGS), ...each];
}

function shareProblems(field: string, share: number, most: number): ErrorDetail[] {
  if (!(share > 0 && share <= most))
    return [{ field, problem: `must be a share over 0 and up to ${most}, not ${share}` }];
  if (decimalsOf(share) > SHARE_DECIMALS)
    return [{ field, problem: `must have at most ${SHARE_DECIMALS} decimals` }];
  return [];
}

function rangeProblems(field: string, value: number, least: number, most: number): ErrorDetail[] {
  if (value >= least && value <= most) return [];
  return [{ field, problem: `must be from ${least} to ${most}, not ${value}` }];
}

function textProblems(field: string, text: string, most: number): ErrorDetail[] {
  if (text.trim() === '') return [{ field, problem: 'must not be empty' }];
  if (text.length > most) return [{ field, problem: `must have at most ${most} characters` }];
  return [];
}

function tooMany(field: string, list: unknown[], most: number): ErrorDetail[] {
  return list.length <= most ? [] : [{ field, problem: `must have at most ${most} entries` }];
}

/** Decimals in the shortest writing of a number, like 7 of 1e-7. */
function decimalsOf(value: number): number {
  const [digits = '', exponent = '0'] = String(value).split('e');
  const decimals = digits.split('.')[1]?.length ?? 0;
  return Math.max(0, decimals - Number(exponent));
}

function when<T>(value: T | undefined, problemsOf: (value: T) => ErrorDetail[]): ErrorDetail[] {
  return value === undefined ? [] : problemsOf(value);
}
