import { Webhook } from 'standardwebhooks';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import { channelOf, NOTICE, newNotifier } from './channels.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.status(200, {}, 'thanks');
});
afterAll(() => receiver.stop());

const webhook = (metadata = {}, path = '/hook') =>
  channelOf({ type: 'webhook', target: `${receiver.url}${path}`, metadata });
const deliver = (channel = webhook()) => newNotifier().deliver(channel, NOTICE);

test('is signed so that the published library takes it, and nothing that was changed', async () => {
  const outcome = await deliver(webhook({ secret: SECRET }));
  expect(outcome).toEqual({ ok: true, detail: expect.stringContaining('answered 200') });
  const [got] = receiver.received;
  const headers = got?.headers as Record<string, string>;
  const payload = new Webhook(SECRET).verify(got?.body ?? '', headers);
  expect(payload).toEqual({
    ...{ id: NOTICE.id, type: NOTICE.type, severity: 'warning', title: NOTICE.title, text: NOTICE.text },
    ...{ facts: NOTICE.facts, data: NOTICE.data, link: NOTICE.link, timestamp: NOTICE.at },
  });
  expect(() => new Webhook(SECRET).verify(`${got?.body} `, headers)).toThrow();
  expect(() => new Webhook(SECRET.replace('whsec_B', 'whsec_C')).verify(got?.body ?? '', headers)).toThrow();
});

test('has the same id at each attempt, and no signature where there is no secret', async () => {
  await deliver();
  await deliver();
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(ids).toEqual([NOTICE.id, NOTICE.id]);
  expect(receiver.received[0]?.headers).not.toHaveProperty('webhook-signature');
});

test.each([
  ['Bearer abc', 'authorization', 'Bearer abc'],
  ['X-Api-Key: abc: d', 'x-api-key', 'abc: d'],
  ['Host: elsewhere', 'authorization', undefined],
])('sends the auth_header %s', async (auth_header, name, value) => {
  expect((await deliver(webhook({ auth_header }))).ok).toBe(true);
  expect(receiver.received[0]?.headers[name]).toBe(value);
});

test.each([
  [410, false],
  [400, false],
  [404, false],
  [401, false],
  [408, true],
  [425, true],
  [429, true],
  [500, true],
  [503, true],
])('answered %i is worth another attempt: %s', async (status, retryable) => {
  receiver.status(status);
  const reason = `127.0.0.1:${receiver.port} answered ${status}`;
  expect(await deliver()).toEqual({ ok: false, reason, retryable });
});

test.each([
  [429, '7', 7_000],
  [503, '3', 3_000],
  [404, '3', undefined],
])('answered %i with Retry-After %s is asked again after %s ms', async (status, wait, retryAfterMs) => {
  receiver.status(status, { 'retry-after': wait });
  const outcome = await deliver();
  expect(outcome).toMatchObject({ ok: false });
  expect((outcome as { retryAfterMs?: number }).retryAfterMs).toBe(retryAfterMs);
});

test('follows no redirect', async () => {
  receiver.status(302, { location: `${receiver.url}/secret` });
  expect(await deliver()).toMatchObject({ ok: false, retryable: false });
  expect(receiver.received.map(({ path }) => path)).toEqual(['/hook']);
});

test('gives up on who hangs after `timeout` seconds, and reaches them when they are back', async () => {
  receiver.answer(() => {});
  const started = Date.now();
  const outcome = await deliver(webhook({ timeout: 1 }));
  expect(outcome).toMatchObject({ ok: false, reason: expect.stringMatching(/within 1 s/), retryable: true });
  expect(Date.now() - started).toBeLessThan(3_000);
  receiver.status(204);
  expect((await deliver()).ok).toBe(true);
});

test('a status counts also where the rest of the answer never comes, or never ends', async () => {
  receiver.answer((response) => void response.writeHead(200).write('begun'));
  expect(await deliver(webhook({ timeout: 1 }))).toMatchObject({ ok: true });
  receiver.answer((response) => {
    const more = () => !response.destroyed && response.write('x'.repeat(65_536), more);
    response.writeHead(200);
    more();
  });
  const started = Date.now();
  expect(await deliver(webhook({ timeout: 5 }))).toMatchObject({ ok: true });
  expect(Date.now() - started).toBeLessThan(3_000);
});

test('who is not there is tried again', async () => {
  const gone = await startReceiver();
  gone.stop();
  const outcome = await deliver(channelOf({ target: gone.url }));
  expect(outcome).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/ECONNREFUSED/),
    retryable: true,
  });
});

test('no secret stands in what is said of a failure, whatever the other side echoes', async () => {
  const token = 'MARKED0123456789abcdef';
  receiver.answer((response, { headers }) => response.writeHead(400).end(JSON.stringify(headers)));
  const channel = webhook({ auth_header: `Bearer ${token}`, secret: SECRET }, `/hooks/${token}?key=${token}`);
  const outcomes = [await deliver(channel)];
  outcomes.push(await newNotifier({ allowPrivateWebhooks: false }).deliver(channel, NOTICE));
  expect(receiver.received[0]?.path).toContain(token);
  expect(JSON.stringify(outcomes)).not.toMatch(/MARKED|whsec/);
});

test('what cannot be opened is final, and names the key', async () => {
  const sealed = { ...webhook(), sealed: { secret: 'x' } };
  expect(await deliver(sealed)).toEqual({
    ok: false,
    reason: expect.stringContaining('BURSAR_ENCRYPTION_KEY'),
    retryable: false,
  });
});
