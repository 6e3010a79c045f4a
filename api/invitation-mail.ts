import { CHANNEL_DEFAULTS, type Channel } from '../domain/alerts/channel.ts';
import type { Notice } from '../domain/alerts/notice.ts';
import type { Invitation } from '../store/invitations.ts';
import type { ApiDeps } from './deps.ts';

/** One attempt to mail an invitation to whom it is for. @returns whether a mail server took it. */
export async function mailInvitation(
  { channels }: Pick<ApiDeps, 'channels'>,
  { _id: id, org, email, role, expiresAt }: Invitation,
  token: string,
): Promise<boolean> {
  const channel: Channel = {
    ...CHANNEL_DEFAULTS,
    id: `invitation_${id}`,
    org,
    name: 'Invitation',
    type: 'email',
    target: email,
    events: [],
    source: 'api',
  };
  const notice: Notice = {
    id,
    type: 'invitation',
    severity: 'info',
    title: `You are invited to ${org}`,
    text: 'With this token and a password of your own you join: POST /api/v1/auth/accept. It works once.',
    facts: [
      { name: 'Token', value: token },
      { name: 'Role', value: role },
      { name: 'Until', value: expiresAt.toISOString() },
    ],
    data: {},
    at: new Date().toISOString(),
  };
  return (await channels.notifier.deliver(channel, notice)).ok;
}
