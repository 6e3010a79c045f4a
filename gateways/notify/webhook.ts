import { createHmac } from 'node:crypto';
import type { Channel } from '../../domain/alerts/channel.ts';
import type { Delivered, Notice } from '../../domain/alerts/notice.ts';
import { namesOwnHeader, WEBHOOK_TIMEOUT } from '../../domain/alerts/setting-problems.ts';
import { post, refusalOf } from './web-request.ts';

/** Nobody looks at the answer; who sends a short one sees it taken. */
const ANSWER_BYTES = 4_096;

/**
 * Posts a notice as Standard Webhooks describes it (https://www.standardwebhooks.com): the id is the
 * notice's, so that a receiver can tell a repetition; signed where the channel has a secret.
 * @throws NoAnswer
 */
export async function deliverWebhook(
  { target, metadata }: Channel,
  notice: Notice,
  allowPrivate: boolean,
): Promise<Delivered> {
  const body = JSON.stringify(payloadOf(notice));
  const timestamp = String(Math.floor(Date.now() / 1000));
  const answer = await post({
    url: target,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Bursar',
      'webhook-id': notice.id,
      'webhook-timestamp': timestamp,
      ...signature(metadata.secret, `${notice.id}.${timestamp}.${body}`),
      ...authHeader(metadata.auth_header),
    },
    body,
    timeoutMs: timeoutMsOf(metadata.timeout),
    allowPrivate,
    answerBytes: ANSWER_BYTES,
  });
  const { host } = new URL(target);
  const refusal = refusalOf(answer);
  if (refusal !== undefined) return { ...refusal, reason: `${host} ${refusal.reason}` };
  return { ok: true, detail: `${host} answered ${answer.status}` };
}

/** Attachments go by e-mail alone: receivers of webhooks take small bodies. */
function payloadOf({ attachments: _, at, ...notice }: Notice): Record<string, unknown> {
  return { ...notice, timestamp: at };
}

function signature(secret: unknown, content: string): Record<string, string> {
  if (typeof secret !== 'string') return {};
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return { 'webhook-signature': `v1,${createHmac('sha256', key).update(content).digest('base64')}` };
}

/** `Name: value`, or a value of Authorization. */
function authHeader(given: unknown): Record<string, string> {
  if (typeof given !== 'string' || !/^[\x20-\x7e]+$/.test(given)) return {};
  const [, name, value] = /^([A-Za-z0-9-]+):\s*(.+)$/.exec(given) ?? [];
  if (namesOwnHeader(given)) return {};
  return name === undefined || value === undefined
    ? { authorization: given }
    : { [name.toLowerCase()]: value };
}

/** Notifications of budgets may hold anything. */
function timeoutMsOf(given: unknown): number {
  const { least, most, usual } = WEBHOOK_TIMEOUT;
  const seconds = typeof given === 'number' && Number.isFinite(given) ? given : usual;
  return Math.round(Math.min(most, Math.max(least, seconds)) * 1000);
}
