import { z } from 'zod';
import { CHANNEL_DEFAULTS, CHANNEL_TYPES, type ChannelTerms, DIGESTS } from '../domain/alerts/channel.ts';
import { SEVERITIES } from '../domain/alerts/notice.ts';

/** A text that is JSON. */
export const json = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: 'custom', message: 'must be JSON' });
    return z.NEVER;
  }
});

const channel = z.strictObject({
  name: z.string(),
  type: z.enum(CHANNEL_TYPES),
  target: z.string().default(CHANNEL_DEFAULTS.target),
  events: z.array(z.string()).default([]),
  minimumSeverity: z.enum(SEVERITIES).default(CHANNEL_DEFAULTS.minimumSeverity),
  enabled: z.boolean().default(CHANNEL_DEFAULTS.enabled),
  fallback: z.string().optional(),
  quietHours: z
    .strictObject({ start: z.string(), end: z.string(), timeZone: z.string().default('UTC') })
    .optional(),
  digest: z.enum(DIGESTS).default(CHANNEL_DEFAULTS.digest),
  maximumPerHour: z.number().default(CHANNEL_DEFAULTS.maximumPerHour),
  metadata: z.record(z.string(), z.unknown()).default({}),
});

/** The fields of `POST /channels`, by type alone: for values see `domain/alerts/channel-problems.ts`. */
export const notificationChannels = z
  .array(channel)
  .max(100)
  .transform((channels): ChannelTerms[] =>
    channels.map(({ fallback, quietHours, ...rest }) => ({
      ...rest,
      ...(fallback !== undefined && { fallback }),
      ...(quietHours !== undefined && { quietHours }),
    })),
  );
