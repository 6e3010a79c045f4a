import { CHANNEL_DEFAULTS, type Channel } from '../../../domain/alerts/channel.ts';
import type { Notice } from '../../../domain/alerts/notice.ts';
import { createNotifier, type NotifierSettings } from '../../../gateways/notify/notifier.ts';

export const NOTICE: Notice = {
  id: 'ntc_1',
  type: 'budget_threshold',
  severity: 'warning',
  title: 'Budget <reports> is at 90 %',
  text: 'Of $50.00 $45.00 are spent & held.\n\nIt blocks at 100 %.',
  facts: [{ name: 'Spent', value: '$45.00 <b>' }],
  data: { budgetId: 'bud_1', spentUsd: 45 },
  link: 'https://bursar.example.com/budgets/bud_1?a=1&b=2',
  at: '2025-01-31T18:00:00.000Z',
};

export function channelOf(given: Partial<Channel>): Channel {
  const usual = {
    id: 'chn_1',
    org: 'default',
    name: 'one',
    type: 'webhook' as const,
    source: 'api' as const,
  };
  return { ...CHANNEL_DEFAULTS, events: [], ...usual, ...given, metadata: given.metadata ?? {} };
}

/** A notifier that may reach this machine, and what it has logged. */
export function newNotifier(settings: Partial<NotifierSettings> = {}) {
  const lines: [string, object, string][] = [];
  const keep = (level: string) => (fields: object, message: string) =>
    void lines.push([level, fields, message]);
  const notifier = createNotifier({
    slack: { apiUrl: 'http://127.0.0.1:9', organization: 'default' },
    allowPrivateWebhooks: true,
    log: { info: keep('info'), warn: keep('warn'), error: keep('error') },
    ...settings,
  });
  return { ...notifier, lines };
}
