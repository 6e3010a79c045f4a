import type { Severity } from './notice.ts';

/** What is set of a channel; the rest follows from where it was set. */
export type ChannelTerms = Omit<Channel, 'id' | 'org' | 'source' | 'sealed'>;

export const CHANNEL_TYPES = ['email', 'slack', 'webhook', 'log'] as const;
export type ChannelType = (typeof CHANNEL_TYPES)[number];

/** Where people are told. */
export interface Channel {
  id: string;
  org: string;
  name: string;
  type: ChannelType;
  /**
   * E-mail addresses parted by commas; a Slack channel or webhook address; a web address; '' for the log. Of
   * an address that is sealed only what may be shown.
   */
  target: string;
  /** Types of alerts that go here; none = all. */
  events: string[];
  /** What matters less is not sent here. */
  minimumSeverity: Severity;
  enabled: boolean;
  /** Told when this one fails for good. Default: the first enabled e-mail channel for Slack, and back. */
  fallback?: string;
  /** `HH:MM`; meanwhile only what is critical is sent, the rest afterwards as one digest. */
  quietHours?: { start: string; end: string; timeZone: string };
  /** `hourly` and `daily` gather what is not critical into one notice. */
  digest: 'off' | 'hourly' | 'daily';
  /** Notices that are not critical beyond it wait for the next hour as a digest. */
  maximumPerHour: number;
  /**
   * Of the type: email `subject_prefix, template`; Slack `channel, username, icon`; webhook `auth_header,
   * timeout, retry_count`. Secrets (`SECRETS`) stand here as they are where the API has not stored them.
   */
  metadata: Record<string, unknown>;
  /** Encrypted secrets by their names in `metadata`, and `target` where that is one. */
  sealed?: Record<string, string>;
  /** Where it was set. What the API has not set, it cannot change. */
  source: 'api' | 'configuration' | 'environment';
}

/** What a delivery over a channel begins with. */
export function deliveryOver({ id, name, type }: Channel, createdAt: Date) {
  const to = { channel: id, channelName: name, channelType: type };
  return { ...to, state: 'pending' as const, attempts: 0, createdAt };
}

export const DIGESTS = ['off', 'hourly', 'daily'] as const;

/** What counts where nothing is said: everything is told, and told at once. */
export const CHANNEL_DEFAULTS = {
  target: '',
  events: [],
  minimumSeverity: 'info',
  enabled: true,
  digest: 'off',
  maximumPerHour: 60,
  metadata: {},
} as const;

const DEFAULT_RETRY_COUNT = 3;
export const MAX_RETRY_COUNT = 10;

/** How often delivery over a channel is tried again: `retry_count` of a webhook, 0 to 10; default 3. */
export function retryCountOf({ metadata }: Pick<Channel, 'metadata'>): number {
  const { retry_count: count } = metadata;
  const isCount = Number.isInteger(count) && Number(count) >= 0;
  return isCount ? Math.min(Number(count), MAX_RETRY_COUNT) : DEFAULT_RETRY_COUNT;
}

export function isWebAddress(target: string): boolean {
  return /^https?:\/\//i.test(target);
}
