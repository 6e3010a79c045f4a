import type { Budget, BudgetNotification } from '../budgets/budget.ts';
import type { Alert, AlertType } from './alert.ts';
import { CHANNEL_DEFAULTS, type Channel } from './channel.ts';
import { SEVERITIES } from './notice.ts';

/** What happens all the time and asks for nothing: told only where it is named. */
const ROUTINE: ReadonlySet<AlertType> = new Set(['budget_reset', 'run_finished']);

/** Whether an alert goes over a channel that is set for everything, or for some. */
export function wants(channel: Channel, { type, severity }: Pick<Alert, 'type' | 'severity'>): boolean {
  if (!channel.enabled) return false;
  const isNamed = channel.events.includes(type);
  if (channel.events.length > 0 && !isNamed) return false;
  if (ROUTINE.has(type) && severity === 'info' && !isNamed) return false;
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(channel.minimumSeverity);
}

/** The budget's own notifications that an alert goes to, each as a channel that stands nowhere else. */
export function budgetChannels(budget: Budget, alert: Pick<Alert, 'type' | 'data'>): Channel[] {
  const event = eventOf(budget, alert);
  if (event === undefined) return [];
  return budget.notifications
    .filter(({ enabled, events }) => enabled && events.includes(event))
    .map(({ type, target, metadata }) => ({
      ...CHANNEL_DEFAULTS,
      id: `${budget.id}:${type}:${target}`,
      org: budget.org,
      name: `${budget.name}: ${type}`,
      ...{ type, target, metadata, events: [], source: 'api' },
    }));
}

/** Budgets know alerts by the threshold that they are at or over. */
function eventOf(
  { thresholds }: Budget,
  { type, data }: Pick<Alert, 'type' | 'data'>,
): BudgetNotification['events'][number] | undefined {
  if (type === 'budget_reset') return 'reset';
  if (type === 'breaker_opened') return 'block';
  if (type !== 'budget_threshold' && type !== 'user_limit') return undefined;
  const share = Number(data.threshold);
  if (share >= thresholds.block) return 'block';
  return share >= thresholds.throttle ? 'throttle' : 'warning';
}

/**
 * The channel that is told in place of one that failed for good: the one that it names, else for Slack the
 * first enabled e-mail channel, and the other way round.
 */
export function fallbackOf(failed: Channel, channels: Channel[]): Channel | undefined {
  const enabled = channels.filter(({ id, enabled }) => enabled && id !== failed.id);
  if (failed.fallback !== undefined) return enabled.find(({ id }) => id === failed.fallback);
  const other = { slack: 'email', email: 'slack', webhook: undefined, log: undefined }[failed.type];
  return enabled.find(({ type }) => type === other);
}
