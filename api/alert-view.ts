import { z } from '@hono/zod-openapi';
import { ALERT_STATES, ALERT_TYPES, type Alert } from '../domain/alerts/alert.ts';
import { CHANNEL_TYPES } from '../domain/alerts/channel.ts';
import { SEVERITIES } from '../domain/alerts/notice.ts';
import type { Delivery } from '../store/deliveries.ts';

const time = z.iso.datetime();

export const alertSchema = z
  .object({
    id: z.string(),
    type: z.enum(ALERT_TYPES),
    severity: z.enum(SEVERITIES),
    state: z.enum(ALERT_STATES).openapi({ description: '`resolved`: what it tells of is over.' }),
    title: z.string(),
    text: z.string(),
    facts: z.array(z.object({ name: z.string(), value: z.string() })),
    data: z.record(z.string(), z.unknown()).openapi({ description: 'For machines. Amounts in USD.' }),
    budgetId: z.string().nullable(),
    runId: z.string().nullable(),
    raisedAt: time,
    resolvedAt: time.nullable(),
    snoozedUntil: time.nullable(),
  })
  .openapi('Alert');

const deliverySchema = z
  .object({
    id: z.string().openapi({ description: 'That of the notice: the same at each attempt.' }),
    channelId: z.string(),
    channelName: z.string(),
    channelType: z.enum(CHANNEL_TYPES),
    state: z.enum(['pending', 'held', 'sent', 'failed']).openapi({
      description: '`held`: goes with a digest, at `dueAt`.',
    }),
    attempts: z.number().int(),
    detail: z.string().nullable().openapi({ description: 'How the last attempt went.' }),
    insteadOf: z.string().nullable().openapi({ description: 'The channel that failed before.' }),
    createdAt: time,
    dueAt: time.nullable(),
    sentAt: time.nullable(),
  })
  .openapi('Delivery');

/** An alert with what became of it. */
export const alertDetailSchema = alertSchema
  .extend({
    history: z.array(
      z.object({
        at: time,
        event: z.enum(['raised', 'acknowledged', 'snoozed', 'resolved']),
        by: z.string(),
        note: z.string().nullable(),
      }),
    ),
    deliveries: z.array(deliverySchema),
  })
  .openapi('AlertDetail');

export type ApiAlert = z.infer<typeof alertSchema>;

export function toApiAlert(alert: Alert): ApiAlert {
  const { id, type, severity, state, title, text, facts, data, raisedAt, resolvedAt, snoozedUntil } = alert;
  return {
    ...{ id, type, severity, state, title, text, facts, data },
    budgetId: alert.budget ?? null,
    runId: alert.run ?? null,
    raisedAt: raisedAt.toISOString(),
    resolvedAt: resolvedAt?.toISOString() ?? null,
    snoozedUntil: snoozedUntil?.toISOString() ?? null,
  };
}

export function toApiAlertDetail(alert: Alert, deliveries: Delivery[]): z.infer<typeof alertDetailSchema> {
  const history = alert.history.map(({ at, event, by, note = null }) => ({
    ...{ at: at.toISOString(), event, by, note },
  }));
  return { ...toApiAlert(alert), history, deliveries: deliveries.map(toApiDelivery) };
}

function toApiDelivery(row: Delivery): z.infer<typeof deliverySchema> {
  const { _id: id, channel: channelId, channelName, channelType, state, attempts } = row;
  return {
    ...{ id, channelId, channelName, channelType, state, attempts },
    detail: row.detail ?? null,
    insteadOf: row.insteadOf ?? null,
    createdAt: row.createdAt.toISOString(),
    dueAt: row.dueAt?.toISOString() ?? null,
    sentAt: row.sentAt?.toISOString() ?? null,
  };
}
