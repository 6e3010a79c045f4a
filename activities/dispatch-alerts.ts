import type { Alert } from '../domain/alerts/alert.ts';
import { type Channel, deliveryOver } from '../domain/alerts/channel.ts';
import { heldUntil } from '../domain/alerts/pace.ts';
import { budgetChannels, wants } from '../domain/alerts/routing.ts';
import type { Delivery } from '../store/deliveries.ts';
import type { ActivityDeps } from './index.ts';

export type DispatchDeps = Pick<ActivityDeps, 'store' | 'channels' | 'starter' | 'now'>;

/** A process that has died in the middle leaves the rest to another after so long. */
const LEASE_MS = 30_000;
const AT_ONCE = 200;
const HOUR_MS = 3_600_000;

/**
 * Finds whom to tell of alerts and starts the deliveries, again and again; every worker does. Ids are made of
 * what is told and where, so that two who dispatch the same start the same deliveries.
 * @returns how many were dispatched.
 */
export function createDispatch(deps: DispatchDeps) {
  const { alerts, deliveries } = deps.store;

  async function dispatch(alert: Alert): Promise<void> {
    const at = deps.now();
    const snoozed = alert.state === 'open' ? await alerts.snoozedLike(alert, at) : undefined;
    if (snoozed !== undefined) return alerts.told(alert, snoozed);
    const rows: Delivery[] = [];
    // What has come and gone before anybody was told is no news.
    const isNews = !(alert.lasting === true && alert.round === 0 && alert.resolvedAt !== undefined);
    const timeZone = await deps.store.settings.timeZoneOf(alert.org);
    if (isNews)
      for (const channel of await channelsFor(alert)) rows.push(await rowFor(alert, channel, at, timeZone));
    await deliveries.add(rows);
    for (const row of rows) if (row.state === 'pending') await deps.starter.deliver(row.org, row._id);
    await alerts.told(alert);
  }

  async function channelsFor(alert: Alert): Promise<Channel[]> {
    const [told, [budget]] = await Promise.all([
      deps.channels.told(alert.org),
      deps.store.budgets.findMany(alert.budget === undefined ? [] : [alert.budget]),
    ]);
    const own = budget === undefined ? [] : budgetChannels(budget, alert);
    return [...told.filter((channel) => wants(channel, alert)), ...own];
  }

  async function rowFor(alert: Alert, channel: Channel, at: Date, timeZone: string): Promise<Delivery> {
    const { org } = alert;
    const isAdHoc = alert.budget !== undefined && channel.id.startsWith(`${alert.budget}:`);
    const sentLastHour = await deliveries.countSent(org, channel.id, new Date(at.getTime() - HOUR_MS));
    const dueAt = heldUntil({ channel, severity: alert.severity, at, sentLastHour, timeZone });
    return {
      _id: deliveries.idOf(alert.id, alert.round, channel.id),
      ...{ org, alerts: [alert.id], ...deliveryOver(channel, at) },
      ...(isAdHoc && { adHoc: channel }),
      ...(dueAt && { state: 'held', dueAt }),
      ...(alert.round > 0 && { again: true }),
    };
  }

  /** Starts a digest of what was held for a channel and is due. */
  async function startDigest(held: Delivery, at: Date): Promise<void> {
    const { org, channel, channelName, channelType, dueAt = at, adHoc } = held;
    const _id = deliveries.idOf('digest', channel, dueAt.toISOString());
    const of = { org, channel, channelName, channelType, ...(adHoc && { adHoc }) };
    const made = { alerts: [], gathersUntil: dueAt, attempts: 0, createdAt: at };
    await deliveries.add([{ _id, ...of, ...made, state: 'pending' }]);
    await deps.starter.deliver(org, _id);
    // Only now: a digest that was never started would take them with it.
    await deliveries.gather({ _id, ...of, ...made, state: 'pending' });
  }

  return async (): Promise<number> => {
    const at = deps.now();
    let dispatched = 0;
    for (let alert = await alerts.takeDue(at, LEASE_MS); alert !== undefined; dispatched += 1) {
      await dispatch(alert);
      alert = dispatched < AT_ONCE ? await alerts.takeDue(at, LEASE_MS) : undefined;
    }
    for (let [left, held] = [AT_ONCE, await deliveries.nextDue(at)]; left > 0 && held; left -= 1) {
      await startDigest(held, at);
      dispatched += 1;
      held = await deliveries.nextDue(at);
    }
    return dispatched;
  };
}
