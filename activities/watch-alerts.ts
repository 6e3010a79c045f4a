import type { Alert, AlertType, NewAlert } from '../domain/alerts/alert.ts';
import { anomalyAlert, longOpenAlert, overrunAlert, queueAlerts } from '../domain/alerts/conditions.ts';
import type { Budget } from '../domain/budgets/budget.ts';
import { wholeAmount } from '../domain/budgets/counters.ts';
import { ceilShare } from '../domain/budgets/shares.ts';
import { dayNumberOf, firstInstantOf } from '../domain/budgets/zones.ts';
import type { BudgetPeriod } from '../store/budget-periods.ts';
import { budgetOutlook } from './budget-outlook.ts';
import { translating } from './failures.ts';
import { heartbeating } from './heartbeat.ts';
import type { ActivityDeps } from './index.ts';

/** What holds for a time, and is looked at every minute. */
const LASTING: AlertType[] = ['forecast_overrun', 'breaker_long_open', 'queue_long', 'enrichment_failures'];
const OF_PERIODS = ['budget_threshold', 'user_limit', 'breaker_opened'] as const;
const AT_ONCE = 1_000;

type WatchDeps = Pick<ActivityDeps, 'store' | 'dayOf' | 'now'>;

/** Every minute, for each organization. */
export function createWatchAlerts(deps: ActivityDeps) {
  const watch = createAlertWatch(deps);
  return translating(
    async (): Promise<void> =>
      heartbeating(async () => {
        for (const org of await deps.store.organizations.ids()) await watch(org);
      }),
  );
}

/**
 * Finds what people should know that no single event tells, and which alerts are over. Looks at all spending
 * once more too, for whoever counted it may have died before they looked.
 */
export function createAlertWatch(deps: WatchDeps): (org: string) => Promise<void> {
  const { alerts, budgets, budgetPeriods, spendWatch } = deps.store;

  async function watch(org: string): Promise<void> {
    const at = deps.now();
    const periods = (await budgetPeriods.current(org, at)).filter(({ budget }) => budget !== '');
    await spendWatch.look(
      periods.filter(({ spent }) => spent > 0).map(({ _id }) => _id),
      at,
    );
    const found = await budgets.findMany([...new Set(periods.map(({ budget }) => budget))]);
    const active = found.filter((budget) => budget.active && budget.deletedAt === undefined);
    const byId = new Map(active.map((budget) => [budget.id, budget]));
    const holding = [
      ...(await forecastAlerts(org, active, at)),
      ...periods.map((period) => {
        const budget = byId.get(period.budget);
        return budget && longOpenAlert({ org, at }, budget, period);
      }),
      ...(await memoryAlerts(org, at)),
    ].filter((alert) => alert !== undefined);
    await alerts.raise(holding.filter(({ lasting }) => lasting !== true));
    await alerts.align(
      org,
      LASTING,
      holding.filter(({ lasting }) => lasting === true),
      at,
    );
    await resolveOver(org, new Map(periods.map((period) => [period._id, period])), at);
  }

  async function forecastAlerts(org: string, active: Budget[], at: Date): Promise<(NewAlert | undefined)[]> {
    const whole = await budgetOutlook(deps, { id: '', org }, at);
    const ofAll = { id: '', name: 'The organization' };
    const raised = [whole.today === null ? undefined : anomalyAlert({ org, at }, ofAll, whole.today)];
    for (const budget of active) {
      const { overrun, today } = await budgetOutlook(deps, budget, at);
      raised.push(overrun === null ? undefined : overrunAlert({ org, at }, budget, overrun));
      raised.push(today === null ? undefined : anomalyAlert({ org, at }, budget, today));
    }
    return raised;
  }

  async function memoryAlerts(org: string, at: Date): Promise<NewAlert[]> {
    const day = await deps.dayOf(org, at);
    const timeZone = await deps.store.settings.timeZoneOf(org);
    const since = new Date(firstInstantOf(dayNumberOf(day) ?? 0, timeZone));
    return queueAlerts({ org, at }, await deps.store.memories.queueCounts(org, since), day);
  }

  /** Alerts of periods that have ended, or that have money again. */
  async function resolveOver(org: string, periods: Map<string, BudgetPeriod>, at: Date): Promise<void> {
    for (const type of OF_PERIODS) {
      const { rows } = await alerts.list(org, { type, notResolved: true }, { limit: AT_ONCE });
      const over = rows.filter((alert) => isOver(alert, periods.get(periodIn(alert))));
      await alerts.resolveMany(
        org,
        over.map(({ id }) => id),
        at,
      );
    }
  }

  return watch;
}

/** The period that an alert was raised in. */
function periodIn({ data }: Alert): string {
  return String(data.period ?? '');
}

function isOver(alert: Alert, period: BudgetPeriod | undefined): boolean {
  if (period === undefined) return true;
  if (alert.type === 'breaker_opened') return period.breaker === undefined;
  return period.spent < ceilShare(wholeAmount(period), Number(alert.data.threshold));
}
