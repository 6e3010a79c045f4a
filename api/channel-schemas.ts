import { z } from '@hono/zod-openapi';
import { CHANNEL_EVENTS } from '../domain/alerts/alert.ts';
import { CHANNEL_DEFAULTS, CHANNEL_TYPES, type ChannelTerms, DIGESTS } from '../domain/alerts/channel.ts';
import { SEVERITIES } from '../domain/alerts/notice.ts';

/*
 * What requests about channels look like. Types alone are checked here; what the values must be is said by
 * `domain/alerts/channel-problems.ts`, everything at once.
 */

const quietHours = z.strictObject({
  start: z.string().openapi({ example: '22:00' }),
  end: z.string().openapi({ example: '07:00' }),
  timeZone: z.string().default('UTC'),
});
const target = z.string().openapi({
  description:
    'E-mail addresses parted by commas; a Slack channel or the address of a Slack webhook; a web address; ' +
    'nothing for the log.',
  example: 'ops@example.com',
});
const events = z.array(z.string()).openapi({
  description: `Some of ${CHANNEL_EVENTS.join(', ')}; none: all alerts, but what is routine and the report.`,
  example: ['budget_threshold', 'breaker_opened'],
});
const metadata = z.record(z.string(), z.unknown()).openapi({
  description:
    'E-mail: subject_prefix, template. Slack: channel, username, icon, bot_token. Webhook: auth_header, ' +
    'timeout (seconds), retry_count, secret.',
});
const fallback = z.string().min(1).max(200).nullable().openapi({
  description: 'Id of the channel that is told when this one fails for good.',
});

export const newChannelSchema = z
  .strictObject({
    name: z.string(),
    type: z.enum(CHANNEL_TYPES),
    target: target.default(CHANNEL_DEFAULTS.target),
    events: events.default([]),
    minimumSeverity: z.enum(SEVERITIES).default(CHANNEL_DEFAULTS.minimumSeverity),
    enabled: z.boolean().default(CHANNEL_DEFAULTS.enabled),
    fallback: fallback.optional(),
    quietHours: quietHours.nullable().optional(),
    digest: z.enum(DIGESTS).default(CHANNEL_DEFAULTS.digest),
    maximumPerHour: z.number().default(CHANNEL_DEFAULTS.maximumPerHour),
    metadata: metadata.default({}),
  })
  .openapi('NewChannel');

/** What is left out stays; of `metadata` each field by itself. `null` takes away. */
export const channelEditSchema = z
  .strictObject({
    name: z.string(),
    target,
    events,
    minimumSeverity: z.enum(SEVERITIES),
    enabled: z.boolean(),
    fallback,
    quietHours: quietHours.nullable(),
    digest: z.enum(DIGESTS),
    maximumPerHour: z.number(),
    metadata,
  })
  .partial()
  .openapi('ChannelEdit');

export const channelSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    type: z.enum(CHANNEL_TYPES),
    target: z.string().openapi({ description: 'Without what looks like a secret in an address.' }),
    events: z.array(z.string()),
    minimumSeverity: z.enum(SEVERITIES),
    enabled: z.boolean(),
    fallback: z.string().nullable(),
    quietHours: z.object({ start: z.string(), end: z.string(), timeZone: z.string() }).nullable(),
    digest: z.enum(DIGESTS),
    maximumPerHour: z.number().int(),
    metadata: z.record(z.string(), z.unknown()).openapi({ description: 'Secrets are `(hidden)`.' }),
    source: z.enum(['api', 'configuration', 'environment']).openapi({
      description: 'Where it was set. What the API has not set, it cannot change.',
    }),
  })
  .openapi('Channel');

export const createdChannelSchema = channelSchema
  .extend({
    secret: z.string().nullable().openapi({
      description: 'The signing secret that was made for a webhook; it is never shown again.',
    }),
  })
  .openapi('CreatedChannel');

export const channelTestSchema = z
  .object({
    channel: z.string(),
    delivered: z.boolean(),
    detail: z.string().nullable().openapi({ description: 'How it went well.' }),
    reason: z.string().nullable().openapi({ description: 'Why it was not delivered.' }),
    retryable: z.boolean().openapi({ description: 'Whether it may go well by itself later.' }),
  })
  .openapi('ChannelTest');

export type ApiNewChannel = z.infer<typeof newChannelSchema>;
export type ApiChannelEdit = z.infer<typeof channelEditSchema>;
export type ApiChannel = z.infer<typeof channelSchema>;

/** `null` is the same as left out. */
export function fromApiChannel({ fallback, quietHours, ...rest }: ApiNewChannel): ChannelTerms {
  return { ...rest, ...(fallback && { fallback }), ...(quietHours && { quietHours }) };
}
