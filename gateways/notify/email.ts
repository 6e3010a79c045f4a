import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import type { Channel } from '../../domain/alerts/channel.ts';
import type { Attachment, Delivered, Notice } from '../../domain/alerts/notice.ts';
import { addressesIn } from '../../domain/alerts/target-problems.ts';
import { emailParts } from './email-parts.ts';

export interface SmtpSettings {
  host: string;
  port: number;
  user?: string;
  password?: string;
  /** An address, or `Name <address>`. */
  from: string;
}

/** Port 465 speaks TLS from the first byte on; others change over to it (STARTTLS). */
const TLS_PORT = 465;
const CONNECT_LIMIT_MS = 10_000;
const SILENCE_LIMIT_MS = 15_000;
/** For all of it, however slowly a server answers. */
const LIMIT_MS = 45_000;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;
const SHOWN_CHARACTERS = 200;

/**
 * Mails a notice to all addresses of a channel. Its Message-ID is the same at each attempt, by which many
 * mail programs leave out a repetition.
 */
export async function deliverEmail(
  channel: Channel,
  notice: Notice,
  smtp: SmtpSettings | undefined,
): Promise<Delivered> {
  if (smtp === undefined)
    return { ok: false, reason: 'SMTP_HOST is not set, so nothing can be mailed', retryable: false };
  const transport = createTransport(optionsOf(smtp));
  const late = new AbortController();
  try {
    const sending = transport.sendMail({
      from: smtp.from,
      to: addressesIn(channel.target),
      ...emailParts(channel, notice),
      messageId: messageIdOf(channel, notice, smtp.from),
      headers: { 'Auto-Submitted': 'auto-generated' },
      attachments: (notice.attachments ?? []).map(({ name, contentType, content }: Attachment) => ({
        filename: name,
        contentType,
        content,
      })),
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const limit = sleep(LIMIT_MS, undefined, { signal: late.signal }).then(() => undefined);
    const sent = await Promise.race([sending, limit]);
    if (sent === undefined) sending.catch(() => {});
    if (sent === undefined) return { ok: false, reason: 'the mail server took too long', retryable: true };
    const { accepted, rejected } = sent;
    const some = rejected.length === 0 ? '' : `, refused for ${rejected.join(', ')}`;
    return { ok: true, detail: `the mail server took it for ${accepted.join(', ')}${some}` };
  } catch (error) {
    return failureOf(error);
  } finally {
    late.abort();
    transport.close();
  }
}

function optionsOf({ host, port, user, password }: SmtpSettings) {
  const isOwn = LOOPBACK.test(host);
  return {
    host,
    port,
    secure: port === TLS_PORT,
    // A server of this machine has no certificate that anybody signed, and no way on which somebody listens.
    ...(port !== TLS_PORT && (isOwn ? { ignoreTLS: true } : { requireTLS: user !== undefined })),
    ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
    connectionTimeout: CONNECT_LIMIT_MS,
    greetingTimeout: CONNECT_LIMIT_MS,
    socketTimeout: SILENCE_LIMIT_MS,
  };
}

function messageIdOf(channel: Channel, notice: Notice, from: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([notice.id, channel.id]))
    .digest('hex')
    .slice(0, 32);
  const [, domain = 'bursar.invalid'] = /@([\w.-]+)>?\s*$/.exec(from) ?? [];
  return `<${hash}@${domain}>`;
}

/** 4xx passes by itself (RFC 5321, 4.2.1), and so may whatever kept the server from answering at all. */
function failureOf(error: unknown): Delivered {
  const {
    code = 'failed',
    responseCode,
    response,
  } = error as {
    code?: string;
    responseCode?: number;
    response?: string;
  };
  if (code === 'EAUTH' && responseCode === undefined)
    return { ok: false, reason: 'the mail server takes no user and password', retryable: false };
  if (responseCode === undefined) {
    const final = code === 'ETLS' || code === 'EMESSAGE' || code === 'EENVELOPE';
    return { ok: false, reason: `the mail server could not be reached (${code})`, retryable: !final };
  }
  // What it says of user and password is left out.
  const said =
    code === 'EAUTH' ? `${responseCode} to user and password` : oneLine(response ?? `${responseCode}`);
  const reason = `the mail server answered ${said}`;
  return { ok: false, reason, retryable: responseCode >= 400 && responseCode < 500 };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, SHOWN_CHARACTERS);
}
