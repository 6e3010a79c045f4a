import type { Channel } from '../../domain/alerts/channel.ts';
import { openChannel, shownTarget } from '../../domain/alerts/channel-secrets.ts';
import type { Delivered, Notice } from '../../domain/alerts/notice.ts';
import { deliverEmail, type SmtpSettings } from './email.ts';
import { deliverSlack, type SlackSettings } from './slack.ts';
import { NoAnswer } from './web-request.ts';
import { deliverWebhook } from './webhook.ts';

/** Tells people. */
export interface Notifier {
  /**
   * One attempt to bring a notice over a channel, whether it is enabled or not. Never throws; whoever calls
   * decides about another attempt, with the same `notice.id`.
   */
  deliver(channel: Channel, notice: Notice): Promise<Delivered>;
}

type Log = Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>;

/** So that critical notices stand out in logs that leave out the rest. */
const LEVELS = { info: 'info', warning: 'warn', critical: 'error' } as const;

export interface NotifierSettings {
  /** Without it nothing is mailed. */
  smtp?: SmtpSettings;
  slack: SlackSettings;
  /** Whether addresses that people entered may lead into private networks. */
  allowPrivateWebhooks: boolean;
  /** Opens what is sealed; without it channels with secrets cannot be used. */
  encryption?: { open(sealed: string, of: string): string };
  log: Log;
}

/** A notifier over the network. */
export function createNotifier(settings: NotifierSettings): Notifier {
  const { smtp, slack, allowPrivateWebhooks, log } = settings;
  const ways: Record<Channel['type'], (channel: Channel, notice: Notice) => Promise<Delivered>> = {
    email: (channel, notice) => deliverEmail(channel, notice, smtp),
    slack: (channel, notice) => deliverSlack(channel, notice, slack, allowPrivateWebhooks),
    webhook: (channel, notice) => deliverWebhook(channel, notice, allowPrivateWebhooks),
    log: async ({ id, org }, { attachments: _, ...notice }) => {
      log[LEVELS[notice.severity]]({ channel: id, org, notice }, notice.title);
      return { ok: true, detail: 'it is in the log' };
    },
  };
  return {
    async deliver(channel, notice) {
      const opened = openedChannel(channel, settings.encryption);
      if (opened === undefined) {
        const reason =
          'its secrets cannot be opened: BURSAR_ENCRYPTION_KEY is another than when they were stored';
        return { ok: false, reason, retryable: false };
      }
      try {
        return await ways[channel.type](opened, notice);
      } catch (error) {
        if (error instanceof NoAnswer)
          return { ok: false, reason: `${hostOf(opened)} ${error.message}`, retryable: error.retryable };
        // Errors of libraries may hold the whole request; their kind is enough.
        return { ok: false, reason: `could not be delivered (${(error as Error).name})`, retryable: true };
      }
    },
  };
}

/** Undefined where a secret does not open. */
function openedChannel(channel: Channel, encryption: NotifierSettings['encryption']): Channel | undefined {
  try {
    return openChannel(channel, (sealed, of) => {
      if (encryption === undefined) throw new Error('there is no key');
      return encryption.open(sealed, of);
    });
  } catch {
    return undefined;
  }
}

function hostOf(channel: Channel): string {
  const shown = shownTarget(channel);
  return URL.canParse(shown) ? new URL(shown).host : 'Slack';
}
