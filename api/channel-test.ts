import { randomBytes } from 'node:crypto';
import type { Channel } from '../domain/alerts/channel.ts';
import type { Notice } from '../domain/alerts/notice.ts';
import type { Principal } from '../domain/principal.ts';
import { findChannel } from './channel-changes.ts';
import type { ApiDeps } from './deps.ts';

/** Sends one notice over a channel, enabled or not, and says how it went. @throws AppError `not_found` */
export async function testChannel(deps: ApiDeps, { org, id: by }: Principal, id: string) {
  const channel = await findChannel(deps, org, id);
  const outcome = await deps.channels.notifier.deliver(channel, testNotice(channel, by));
  return {
    channel: id,
    delivered: outcome.ok,
    detail: outcome.ok ? outcome.detail : null,
    reason: outcome.ok ? null : outcome.reason,
    retryable: !outcome.ok && outcome.retryable,
  };
}

function testNotice({ id, org, name }: Channel, by: string): Notice {
  return {
    id: `test_${randomBytes(12).toString('hex')}`,
    type: 'test',
    severity: 'info',
    title: `Test of the channel ${name}`,
    text: 'Whoever reads this is told what Bursar has to say.',
    facts: [
      { name: 'Channel', value: `${name} (${id})` },
      { name: 'Organization', value: org },
      { name: 'Asked for by', value: by },
    ],
    data: { channel: id, organization: org },
    at: new Date().toISOString(),
  };
}
