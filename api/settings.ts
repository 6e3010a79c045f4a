import { createRoute, z } from '@hono/zod-openapi';
import { MAX_AMOUNT_USD } from '../domain/budgets/budget.ts';
import { isTimeZone } from '../domain/budgets/zones.ts';
import { DEFAULT_SNAPSHOT_FRESHNESS_DAYS } from '../domain/company.ts';
import type { GateLimits } from '../domain/gate.ts';
import { given } from '../domain/given.ts';
import { readModelName } from '../domain/model-name.ts';
import { fromUsd, toUsd } from '../domain/money.ts';
import {
  assertSensible,
  changedSettings,
  DEFAULT_TIME_ZONE,
  type Settings,
  type SettingsChange,
} from '../domain/settings.ts';
import { KIND_NAMES } from '../kinds/index.ts';
import { type AiBudgetName, aiBudget, setAiBudget } from './ai-budgets.ts';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { errors, errorsWithoutInput, jsonAnswer, jsonBody, router } from './http.ts';

const tags = ['Settings'];

/** USD; null takes a limit back. */
const usd = z.number().min(0).max(MAX_AMOUNT_USD).nullable().optional();
/** An amount of a budget, over nothing. */
const amount = z.number().positive().max(MAX_AMOUNT_USD).nullable().optional();
const limits = { costWarningThreshold: usd, costHardLimit: usd };
const timeZone = z
  .string()
  .max(100)
  .refine(isTimeZone, { error: 'is not a time zone; give an IANA name such as Europe/Berlin' });

const changeSchema = z
  .strictObject({
    ...limits,
    timeZone: timeZone.nullable().optional(),
    /** USD a day for all calls; over it the breaker opens. null: no limit. */
    dailyAiBudgetUsd: amount,
    /** USD a day for the calls of each user. null: no limit. */
    perUserDailyLimitUsd: amount,
    /** How long answers about companies count as fresh. */
    snapshotFreshnessDays: z.number().min(0).max(3_650).nullable().optional(),
    /** The model of runs that name none. */
    llmProvider: z
      .string()
      .max(300)
      .refine((name) => readModelName(name) !== undefined, 'must be PROVIDER/MODEL, e.g. openai/gpt-5-mini')
      .nullable()
      .optional(),
    /** Every model is stood in for by the offline provider, so that nothing is paid. */
    llmMockMode: z.boolean().nullable().optional(),
    kinds: z.partialRecord(z.enum(KIND_NAMES), z.strictObject(limits).nullable()).optional(),
  })
  .openapi('SettingsChange');

const shownLimits = { costWarningThreshold: z.number().nullable(), costHardLimit: z.number().nullable() };

const settingsSchema = z
  .object({
    ...shownLimits,
    timeZone: z.string(),
    dailyAiBudgetUsd: z.number().nullable(),
    perUserDailyLimitUsd: z.number().nullable(),
    snapshotFreshnessDays: z.number(),
    llmProvider: z.string().nullable(),
    llmMockMode: z.boolean(),
    kinds: z.partialRecord(z.enum(KIND_NAMES), z.object(shownLimits)),
  })
  .openapi('Settings');

const get = createRoute({
  method: 'get',
  path: '/admin/settings',
  tags,
  summary: 'What the organization has set; null is no limit',
  responses: { 200: jsonAnswer(settingsSchema, 'The settings.'), ...errorsWithoutInput() },
});

const put = createRoute({
  method: 'put',
  path: '/admin/settings',
  tags,
  summary: 'Change settings: what is left out stays, null takes a value back',
  middleware: requires('admin'),
  request: jsonBody(changeSchema),
  responses: { 200: jsonAnswer(settingsSchema, 'The settings after it.'), ...errors(403) },
});

/** Limits at which runs wait for an approval or are rejected, and the time zone of the organization. */
export function settingsRoutes(deps: ApiDeps) {
  const { settings } = deps.store;
  return router()
    .openapi(get, async (c) => {
      const { org } = c.var.principal;
      return c.json(await toApiSettings(deps, org, await settings.find(org)), 200);
    })
    .openapi(put, async (c) => {
      const { org, id } = c.var.principal;
      const { dailyAiBudgetUsd, perUserDailyLimitUsd, ...rest } = c.req.valid('json');
      const change = fromApiChange(rest);
      const changed = await settings.change(org, id, new Date(), (before) => {
        const after = changedSettings(before, change);
        assertSensible(after);
        return after;
      });
      for (const [name, usd] of Object.entries({ dailyAiBudgetUsd, perUserDailyLimitUsd }))
        if (usd !== undefined)
          await setAiBudget(deps, c.var.principal, name as AiBudgetName, fromNullableUsd(usd));
      return c.json(await toApiSettings(deps, org, changed), 200);
    });
}

async function toApiSettings(
  deps: ApiDeps,
  org: string,
  settings: Settings,
): Promise<z.infer<typeof settingsSchema>> {
  const amountOf = async (name: AiBudgetName) => {
    const budget = await aiBudget(deps, org, name);
    return budget === undefined ? null : toUsd(budget.amountNanoUsd);
  };
  const kinds = Object.entries(settings.kinds ?? {}).map(([kind, of]) => [kind, toApiLimits(of)]);
  return {
    ...toApiLimits(settings),
    timeZone: settings.timeZone ?? DEFAULT_TIME_ZONE,
    dailyAiBudgetUsd: await amountOf('dailyAiBudgetUsd'),
    perUserDailyLimitUsd: await amountOf('perUserDailyLimitUsd'),
    snapshotFreshnessDays: settings.snapshotFreshnessDays ?? DEFAULT_SNAPSHOT_FRESHNESS_DAYS,
    llmProvider: settings.llmProvider ?? null,
    llmMockMode: settings.llmMockMode ?? false,
    kinds: Object.fromEntries(kinds),
  };
}

function toApiLimits({ costWarningThresholdNanoUsd: warning, costHardLimitNanoUsd: hard }: GateLimits) {
  return {
    costWarningThreshold: warning === undefined ? null : toUsd(warning),
    costHardLimit: hard === undefined ? null : toUsd(hard),
  };
}

function fromApiChange(change: Omit<z.infer<typeof changeSchema>, AiBudgetName>): SettingsChange {
  const { kinds, costWarningThreshold, costHardLimit, ...own } = change;
  const changes = Object.entries(kinds ?? {}).map(([kind, of]) => [
    kind,
    of == null ? null : fromApiLimits(of),
  ]);
  return {
    ...fromApiLimits({ costWarningThreshold, costHardLimit }),
    ...given(own),
    ...(changes.length > 0 && { kinds: Object.fromEntries(changes) as NonNullable<SettingsChange['kinds']> }),
  };
}

type ApiLimits = {
  costWarningThreshold?: number | null | undefined;
  costHardLimit?: number | null | undefined;
};

function fromApiLimits({ costWarningThreshold: warning, costHardLimit: hard }: ApiLimits) {
  return {
    ...(warning !== undefined && { costWarningThresholdNanoUsd: fromNullableUsd(warning) }),
    ...(hard !== undefined && { costHardLimitNanoUsd: fromNullableUsd(hard) }),
  };
}

function fromNullableUsd(amount: number | null): number | null {
  return amount === null ? null : fromUsd(amount);
}
