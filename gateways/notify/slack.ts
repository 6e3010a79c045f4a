import { type Channel, isWebAddress } from '../../domain/alerts/channel.ts';
import type { Delivered, Notice } from '../../domain/alerts/notice.ts';
import { slackMessage } from './slack-message.ts';
import { post, refusalOf, type WebAnswer } from './web-request.ts';

export interface SlackSettings {
  /** The base of the methods' addresses, e.g. `https://slack.com/api`. */
  apiUrl: string;
  /** SLACK_BOT_TOKEN, which speaks for one organization alone. */
  botToken?: string;
  organization: string;
}

const NO_TOKEN =
  'Slack needs a bot token: metadata.bot_token or, in the default organization, SLACK_BOT_TOKEN';
const TIMEOUT_MS = 15_000;
/** An answer repeats the message; whether it went well stands at its beginning. */
const ANSWER_BYTES = 65_536;

/** https://docs.slack.dev/reference/methods/chat.postMessage: the errors that say so of themselves. */
const PASS_BY_THEMSELVES: ReadonlySet<string> = new Set([
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);

/** Over an incoming webhook where the target is its address, else as a bot. @throws NoAnswer */
export async function deliverSlack(
  channel: Channel,
  notice: Notice,
  settings: SlackSettings,
  allowPrivate: boolean,
): Promise<Delivered> {
  const { target } = channel;
  const message = { ...slackMessage(notice), unfurl_links: false, ...looks(channel) };
  if (isWebAddress(target)) return outcomeOf(await send(target, {}, message, allowPrivate), 'webhook');
  const token = tokenOf(channel, settings);
  if (token === undefined) {
    return { ok: false, reason: NO_TOKEN, retryable: false };
  }
  const url = `${settings.apiUrl.replace(/\/+$/, '')}/chat.postMessage`;
  // The operator has said where Slack is.
  const answer = await send(url, { authorization: `Bearer ${token}` }, { channel: target, ...message }, true);
  return outcomeOf(answer, 'bot');
}

function send(url: string, headers: Record<string, string>, message: object, allowPrivate: boolean) {
  return post({
    url,
    headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'Bursar', ...headers },
    body: JSON.stringify(message),
    timeoutMs: TIMEOUT_MS,
    allowPrivate,
    answerBytes: ANSWER_BYTES,
  });
}

function tokenOf({ org, metadata }: Channel, { botToken, organization }: SlackSettings): string | undefined {
  if (typeof metadata.bot_token === 'string') return metadata.bot_token;
  return org === organization ? botToken : undefined;
}

/** `channel` replaces the target of a bot, and the usual channel of a webhook. */
function looks({ metadata }: Channel): Record<string, string> {
  const { channel, username, icon } = metadata;
  return {
    ...(typeof channel === 'string' && { channel }),
    ...(typeof username === 'string' && { username }),
    ...(typeof icon === 'string' && { [icon.startsWith(':') ? 'icon_emoji' : 'icon_url']: icon }),
  };
}

function outcomeOf(answer: WebAnswer, by: 'webhook' | 'bot'): Delivered {
  const wait = answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs };
  const error = errorIn(answer.body);
  const refusal = refusalOf(answer);
  if (refusal !== undefined) {
    const reason = error === undefined ? refusal.reason : `${refusal.reason}, ${error}`;
    return { ...refusal, reason: `Slack ${reason}` };
  }
  if (error !== undefined) {
    const retryable = PASS_BY_THEMSELVES.has(error);
    return { ok: false, reason: `Slack answered ${error}`, retryable, ...(retryable && wait) };
  }
  if (by === 'bot' && !/^\s*\{\s*"ok"\s*:\s*true\b/.test(answer.body) && !isOk(answer.body))
    return { ok: false, reason: 'Slack broke off its answer, or it was none of Slack', retryable: true };
  return { ok: true, detail: `Slack answered ${by === 'bot' ? 'ok' : answer.status}` };
}

function isOk(body: string): boolean {
  return objectIn(body)?.ok === true;
}

/** Slack's code of an error: a word in JSON, or the whole answer of a webhook. */
function errorIn(body: string): string | undefined {
  const object = objectIn(body);
  if (object?.ok === false) return codeOf(object.error) ?? 'an error without a name';
  return object === undefined && body.trim() !== 'ok' ? codeOf(body.trim()) : undefined;
}

/** Only what looks like a code: nothing that somebody else has put there may come out. */
function codeOf(given: unknown): string | undefined {
  return typeof given === 'string' && /^[a-z_]{3,60}$/.test(given) ? given : undefined;
}

function objectIn(body: string): { ok?: unknown; error?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
