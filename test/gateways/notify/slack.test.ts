import type { Notice } from '../../../domain/alerts/notice.ts';
import { slackMessage } from '../../../gateways/notify/slack-message.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import { channelOf, NOTICE, newNotifier } from './channels.ts';

const TOKEN = 'xoxb-MARKED';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.status(200, { 'content-type': 'application/json' }, '{"ok":true,"ts":"1"}');
});
afterAll(() => receiver.stop());

const LOOKS = { username: 'Money', icon: ':moneybag:' };
const slack = () => ({ apiUrl: `${receiver.url}/api`, organization: 'default', botToken: TOKEN });
const bot = (metadata = {}, org = 'default') => channelOf({ type: 'slack', org, target: '#ops', metadata });
const deliver = (channel = bot()) => newNotifier({ slack: slack() }).deliver(channel, NOTICE);
const sent = () => JSON.parse(receiver.received[0]?.body ?? '{}');

test('a bot writes into the channel, under its name and icon', async () => {
  expect(await deliver(bot(LOOKS))).toEqual({ ok: true, detail: 'Slack answered ok' });
  const [{ path, headers } = { path: '', headers: {} }] = receiver.received;
  expect([path, headers.authorization]).toEqual(['/api/chat.postMessage', `Bearer ${TOKEN}`]);
  expect(sent()).toMatchObject({ channel: '#ops', username: 'Money', icon_emoji: ':moneybag:' });
});

test("a channel's own token counts first, and SLACK_BOT_TOKEN for no other organization", async () => {
  await deliver(bot({ bot_token: 'xoxb-own', channel: '#other' }, 'acme'));
  expect(receiver.received[0]?.headers.authorization).toBe('Bearer xoxb-own');
  expect(sent()).toMatchObject({ channel: '#other' });
  expect(await deliver(bot({}, 'acme'))).toMatchObject({ ok: false, retryable: false });
  expect(receiver.received).toHaveLength(1);
});

test('a webhook takes the same over its address', async () => {
  receiver.status(200, {}, 'ok');
  const channel = channelOf({ type: 'slack', target: `${receiver.url}/services/T/B/X`, metadata: LOOKS });
  expect(await deliver(channel)).toMatchObject({ ok: true });
  expect(receiver.received[0]?.path).toBe('/services/T/B/X');
  expect(receiver.received[0]?.headers).not.toHaveProperty('authorization');
  expect(sent()).toMatchObject({ username: 'Money', text: expect.stringContaining('warning: Budget') });
});

test.each([
  [200, '{"ok":false,"error":"channel_not_found"}', 'Slack answered channel_not_found', false],
  [200, '{"ok":false,"error":"invalid_auth"}', 'Slack answered invalid_auth', false],
  [200, '{"ok":false,"error":"ratelimited"}', 'Slack answered ratelimited', true],
  [200, '{"ok":false,"error":"internal_error"}', 'Slack answered internal_error', true],
  [200, '{"ok":false,"error":"service_unavailable"}', 'Slack answered service_unavailable', true],
  [200, `{"ok":false,"error":"${TOKEN}"}`, 'Slack answered an error without a name', false],
  [200, '<html>', 'Slack broke off its answer, or it was none of Slack', true],
  [404, 'no_service', 'Slack answered 404, no_service', false],
  [500, 'rollup_error', 'Slack answered 500, rollup_error', true],
])(
  'answered %i %s it says so, and whether that passes by itself',
  async (status, body, reason, retryable) => {
    receiver.status(status, {}, body);
    expect(await deliver()).toEqual({ ok: false, reason, retryable });
  },
);

test('asked to wait, it says how long', async () => {
  receiver.status(429, { 'retry-after': '30' }, '{"ok":false,"error":"ratelimited"}');
  expect(await deliver()).toMatchObject({ ok: false, retryable: true, retryAfterMs: 30_000 });
});

test('nothing in a notice is a mention or a link to Slack', () => {
  const evil = '<!channel> & <https://evil.example.com|click>';
  const message = slackMessage({ ...NOTICE, title: evil, text: evil, facts: [{ name: evil, value: evil }] });
  const texts = JSON.stringify(message).replace('<https://bursar.example.com', '');
  expect(texts).not.toMatch(/<[!@#h]/);
  expect(texts).toContain('&lt;!channel&gt; &amp; &lt;https');
});

test('keeps within the limits of Slack, and cuts no entity in two', () => {
  const long = '&'.repeat(9_000);
  const facts = Array.from({ length: 150 }, () => ({ name: long, value: long }));
  const huge: Notice = { ...NOTICE, title: long, text: long, facts };
  const { text, blocks } = slackMessage(huge);
  expect(text.length).toBeLessThanOrEqual(4_000);
  expect(blocks.length).toBeLessThanOrEqual(50);
  for (const block of blocks as { text?: { text: string }; fields?: { text: string }[] }[]) {
    expect(block.text?.text.length ?? 0).toBeLessThanOrEqual(3_000);
    expect(block.fields?.length ?? 0).toBeLessThanOrEqual(10);
    for (const field of block.fields ?? []) expect(field.text.length).toBeLessThanOrEqual(2_000);
  }
  expect(JSON.stringify([text, blocks])).not.toMatch(/&(?!amp;|lt;|gt;)/);
});
