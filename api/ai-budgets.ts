import {
  type Budget,
  type BudgetTerms,
  DEFAULT_COOL_DOWN_MINUTES,
  DEFAULT_POLICY,
  DEFAULT_THRESHOLDS,
} from '../domain/budgets/budget.ts';
import type { Principal } from '../domain/principal.ts';
import type { ApiDeps } from './deps.ts';
import { idOf } from './idempotency.ts';

/** Half and three quarters are warnings; all of it is critical, and opens the breaker of the day. */
const AI_ALERT_AT = [0.5, 0.75, 1];

/** Ordinary budgets that an admin sets by one amount; their tags tell them from others. */
const AI_BUDGETS = {
  dailyAiBudgetUsd: {
    tag: 'daily-ai-budget',
    name: 'AI budget of the day',
    more: { breaker: { coolDownMinutes: DEFAULT_COOL_DOWN_MINUTES } } as Partial<BudgetTerms>,
  },
  perUserDailyLimitUsd: {
    tag: 'per-user-daily-limit',
    name: 'Daily limit of each user',
    more: { per: 'user' } as Partial<BudgetTerms>,
  },
} as const;
export type AiBudgetName = keyof typeof AI_BUDGETS;

/** Undefined where no amount is set: then there is no limit. */
export async function aiBudget(deps: ApiDeps, org: string, name: AiBudgetName): Promise<Budget | undefined> {
  const { tag } = AI_BUDGETS[name];
  return (await deps.store.budgets.active(org)).find(({ tags }) => tags.includes(tag));
}

/** Makes, changes or ends the budget; null ends it. The days are those of the organization. */
export async function setAiBudget(
  deps: ApiDeps,
  { org, id: by }: Principal,
  name: AiBudgetName,
  amountNanoUsd: number | null,
): Promise<void> {
  const { budgets, settings } = deps.store;
  const known = await aiBudget(deps, org, name);
  const at = new Date();
  if (known !== undefined) {
    if (amountNanoUsd === null) await budgets.remove(org, known.id, by, at);
    else await budgets.edit(org, known.id, { amountNanoUsd }, by, at);
    return;
  }
  if (amountNanoUsd === null) return;
  const { tag, name: title, more } = AI_BUDGETS[name];
  const terms: BudgetTerms = {
    name: title,
    scope: {},
    period: { type: 'daily', timeZone: await settings.timeZoneOf(org) },
    amountNanoUsd,
    currency: 'USD',
    thresholds: DEFAULT_THRESHOLDS,
    alertAt: AI_ALERT_AT,
    policy: DEFAULT_POLICY,
    notifications: [],
    tags: [tag],
    active: true,
    ...more,
  };
  await budgets.create(org, idOf('bud', org), terms, by, at);
}
