import { ApplicationFailure } from '@temporalio/common';
import { noticeOf } from '../domain/alerts/alert.ts';
import { type Channel, deliveryOver, retryCountOf } from '../domain/alerts/channel.ts';
import { digestOf } from '../domain/alerts/digest.ts';
import type { Notice } from '../domain/alerts/notice.ts';
import { logOf } from '../domain/alerts/preset-channels.ts';
import { fallbackOf } from '../domain/alerts/routing.ts';
import type { Delivery } from '../store/deliveries.ts';
import type { DeliveryInput } from '../workflows/messages.ts';
import { translating } from './failures.ts';
import { heartbeating } from './heartbeat.ts';
import type { ActivityDeps } from './index.ts';
import { reportNotice } from './send-reports.ts';

const MOST_DELIVERIES = 500;

/**
 * Brings what people should know over channels. An attempt that was made and whose process died before it
 * could say so is made again, with the same notice id: at least once.
 */
export function createDeliver(deps: ActivityDeps) {
  const { alerts, deliveries } = deps.store;

  async function channelOf(row: Delivery): Promise<Channel | undefined> {
    if (row.adHoc !== undefined) return row.adHoc;
    const told = await deps.channels.told(row.org);
    return told.find(({ id }) => id === row.channel) ?? deps.channels.find(row.org, row.channel);
  }

  /** Undefined where there is nothing to tell any more. */
  async function noticeFor(row: Delivery): Promise<Notice | undefined> {
    if (row.report !== undefined) return reportNotice(deps, row, row.report);
    const ids = row.gathersUntil === undefined ? row.alerts : await deliveries.gather(row);
    const found = await alerts.findMany(row.org, ids);
    const [only, ...more] = found;
    if (only === undefined) return undefined;
    return more.length > 0 ? digestOf(found, row._id, deps.now()) : noticeOf(only, row._id, row.again);
  }

  /** The stand-in is told of the same by itself. */
  async function isTold({ org, alerts: [alert], createdAt }: Delivery, other: Channel): Promise<boolean> {
    const rows = alert === undefined ? [] : await deliveries.ofAlert(org, alert, MOST_DELIVERIES);
    return rows.some((row) => row.channel === other.id && row.createdAt.getTime() === createdAt.getTime());
  }

  return {
    /** @throws ApplicationFailure where it was not delivered; Temporal tries again unless that is in vain. */
    deliver: translating(async ({ org, delivery }: DeliveryInput): Promise<void> => {
      const row = await deliveries.find(org, delivery);
      if (row?.state !== 'pending') return;
      const [channel, notice] = await Promise.all([channelOf(row), noticeFor(row)]);
      if (notice === undefined) return deliveries.sent(row, 'there was nothing to tell', deps.now());
      const outcome =
        channel === undefined
          ? ({ ok: false, reason: 'the channel is not there any more', retryable: false } as const)
          : await heartbeating(() => deps.notifier.deliver(channel, notice));
      if (outcome.ok) return deliveries.sent(row, outcome.detail, deps.now());
      await deliveries.failed(row, outcome.reason);
      const { reason: message } = outcome;
      // Counted here and not by Temporal: a process that dies is no failure of the channel.
      const isLast = channel === undefined || row.attempts >= retryCountOf(channel);
      const wait = 'retryAfterMs' in outcome && outcome.retryAfterMs;
      throw ApplicationFailure.create({
        ...{ message, type: 'delivery_failed', nonRetryable: isLast || !outcome.retryable },
        ...(wait && { nextRetryDelay: wait }),
      });
    }),
    /**
     * There will be no other attempt. @returns the delivery over what is told instead: the stand-in, else the
     * log. Undefined where that is told by itself, or was the last.
     */
    giveUp: translating(async ({ org, delivery }: DeliveryInput): Promise<string | undefined> => {
      const row = await deliveries.find(org, delivery);
      if (row === undefined || row.state === 'sent') return undefined;
      await deliveries.giveUp(row);
      const channel = await channelOf(row);
      // One step: two channels that fail must not tell each other for ever.
      if (channel === undefined || row.insteadOf !== undefined) return undefined;
      if (channel.type === 'log') return undefined;
      const named = fallbackOf(channel, await deps.channels.channelsOf(org));
      const other = named ?? logOf(org);
      if (await isTold(row, other)) return undefined;
      const _id = deliveries.idOf(row._id, 'instead', other.id);
      const what = { alerts: row.alerts, ...(row.report !== undefined && { report: row.report }) };
      const to = { ...deliveryOver(other, deps.now()), ...(named === undefined && { adHoc: other }) };
      await deliveries.add([{ _id, org, ...what, ...to, insteadOf: channel.name }]);
      return _id;
    }),
  };
}
