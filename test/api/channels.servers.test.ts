import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Webhook } from 'standardwebhooks';
import type { ApiChannel } from '../../api/channel-schemas.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { clientOf, type ErrorBody, type OpenStore, openStore } from './second-organization.ts';

const MARK = 'MARKEDSECRET0123456789';
const FILE = `notificationChannels:
  - { name: "Finance, warnings", type: email, target: finance@example.com, minimumSeverity: warning }
  - { name: Hook, type: webhook, target: "https://hooks.example.com/x", metadata: { auth_header: ${MARK} } }
`;

type Created = ApiChannel & { secret: string | null };
interface Tested {
  channel: string;
  delivered: boolean;
  detail: string | null;
  reason: string | null;
  retryable: boolean;
}

let receiver: Receiver;
let mail: MailServer;
let bursar: Bursar;
let opened: OpenStore;
beforeAll(async () => {
  [receiver, mail] = await Promise.all([startReceiver(), startMailServer()]);
  const folder = mkdtempSync(join(tmpdir(), 'bursar-channels-'));
  mkdirSync(join(folder, 'config'));
  writeFileSync(join(folder, 'config/bursar.yaml'), FILE);
  bursar = await startBursar({
    workers: 0,
    keepLogs: true,
    environment: {
      BURSAR_CONFIG: relative(process.cwd(), join(folder, 'config/bursar.yaml')),
      BURSAR_ENCRYPTION_KEY: '1'.repeat(64),
      BURSAR_ALLOW_PRIVATE_WEBHOOKS: 'true',
      BURSAR_LOG_LEVEL: 'debug',
      SMTP_HOST: '127.0.0.1',
      SMTP_PORT: String(mail.port),
      SMTP_FROM: 'bursar@example.com',
      ADMIN_EMAIL: 'admin@example.com',
      SLACK_API_URL: receiver.url,
      SLACK_BOT_TOKEN: `xoxb-${MARK}`,
      SLACK_CHANNEL_ALERTS: '#alerts',
      SLACK_CHANNEL_AI_COSTS: '#ai-costs',
    },
  });
  opened = await openStore(bursar);
}, 90_000);
beforeEach(() => {
  receiver.received.length = 0;
  receiver.status(200, {}, '{"ok":true}');
});
afterAll(async () => {
  await opened?.close();
  receiver?.stop();
  await Promise.all([bursar?.stop(), mail?.stop()]);
});

const list = async (client = bursar.client) =>
  (await client.get<{ channels: ApiChannel[] }>('/channels?limit=100')).channels;
const add = (body: object) => bursar.client.post<Created>('/channels', { name: 'one', ...body });
const tryOut = (id: string) => bursar.client.post<Tested>(`/channels/${id}/test`);
const webhook = (metadata = {}) => ({ type: 'webhook', target: `${receiver.url}/hook`, metadata });

test('channels of the file and the environment are listed, work, and cannot be changed here', async () => {
  const presets = await list();
  expect(presets.map(({ id, type, target, source }) => [id, type, target, source])).toEqual([
    ['chn_config_finance_warnings', 'email', 'finance@example.com', 'configuration'],
    ['chn_config_hook', 'webhook', 'https://hooks.example.com/x', 'configuration'],
    ['chn_env_admin_email', 'email', 'admin@example.com', 'environment'],
    ['chn_env_slack_alerts', 'slack', '#alerts', 'environment'],
    ['chn_env_slack_ai_costs', 'slack', '#ai-costs', 'environment'],
  ]);
  expect(presets.map(({ events }) => events.length)).toEqual([0, 0, 0, 0, 7]);
  for (const [id, place] of [
    ['chn_config_hook', 'notificationChannels'],
    ['chn_env_admin_email', 'ADMIN_EMAIL'],
  ])
    for (const method of ['PATCH', 'DELETE']) {
      const body = method === 'PATCH' ? { enabled: false } : undefined;
      const answer = await bursar.client.send<ErrorBody>(method, `/channels/${id}`, body);
      expect([answer.status, answer.body.error.message]).toEqual([409, expect.stringContaining(place ?? '')]);
    }
  expect(await tryOut('chn_env_admin_email')).toMatchObject({ delivered: true, retryable: false });
  expect(mail.mails.at(-1)?.to).toMatchObject({ text: 'admin@example.com' });
  expect(await tryOut('chn_env_slack_alerts')).toMatchObject({ delivered: true, reason: null });
  expect(receiver.received[0]?.headers.authorization).toBe(`Bearer xoxb-${MARK}`);
  expect(await list(await clientOf(bursar, opened, 'other', 'admin'))).toEqual([]);
});

test('a webhook gets a secret that is shown once, and signs with it', async () => {
  const { secret, ...created } = await add(webhook({ timeout: 5, retry_count: 2 }));
  expect(created).toMatchObject({
    ...{ events: [], minimumSeverity: 'info', enabled: true, fallback: null, quietHours: null },
    ...{ digest: 'off', maximumPerHour: 60, source: 'api' },
    metadata: { timeout: 5, retry_count: 2, secret: '(hidden)' },
  });
  expect(await bursar.client.get(`/channels/${created.id}`)).toEqual(created);
  const tested = await tryOut(created.id);
  expect(tested).toMatchObject({ channel: created.id, delivered: true, reason: null, retryable: false });
  const [got] = receiver.received;
  const payload = new Webhook(secret ?? '').verify(got?.body ?? '', got?.headers as never);
  expect(payload).toMatchObject({ type: 'test', severity: 'info' });
  receiver.status(500);
  expect(await tryOut(created.id)).toMatchObject({ delivered: false, detail: null, retryable: true });
  receiver.status(410);
  expect(await tryOut(created.id)).toMatchObject({ delivered: false, retryable: false });
});

test('the same Idempotency-Key brings the same channel and secret, and no other request', async () => {
  const headers = { 'idempotency-key': 'one-webhook' };
  const body = { name: 'kept', ...webhook() };
  const send = (given: object) => bursar.client.send<Created>('POST', '/channels', given, headers);
  const [first, second] = [await send(body), await send(body)];
  expect(second).toMatchObject({ status: 201, body: first.body });
  expect((await send({ ...body, name: 'other' })).status).toBe(409);
  expect((await list()).filter(({ name }) => name === 'kept')).toHaveLength(1);
});

test('an edit changes what it names; what was hidden and is sent back stays', async () => {
  const target = `${receiver.url}/services/T0/B0/${MARK}`;
  const { id, secret: _, ...shown } = await add({ type: 'slack', target, metadata: { username: 'A' } });
  expect(shown.target).toBe(`${receiver.url}/…6789`);
  const { type: __, source: ___, ...sendable } = shown;
  const patch = <T = ApiChannel>(body: object) => bursar.client.send<T>('PATCH', `/channels/${id}`, body);
  const quietHours = { start: '22:00', end: '07:00', timeZone: 'Europe/Berlin' };
  const metadata = { icon: ':moneybag:', username: null };
  const edited = await patch({ ...sendable, quietHours, metadata });
  expect(edited.body).toEqual({ id, ...shown, quietHours, metadata: { icon: ':moneybag:' } });
  await tryOut(id);
  expect(receiver.received.map(({ path }) => path)).toEqual([`/services/T0/B0/${MARK}`]);
  const { id: other } = await add(webhook({ auth_header: `Bearer ${MARK}` }));
  const kept = { metadata: { auth_header: '(hidden)', timeout: 3 }, fallback: id };
  await bursar.client.send('PATCH', `/channels/${other}`, kept);
  await tryOut(other);
  expect(receiver.received.at(-1)?.headers.authorization).toBe(`Bearer ${MARK}`);
  expect((await patch({ quietHours: null })).body.quietHours).toBeNull();
  expect((await bursar.client.send('DELETE', `/channels/${id}`)).status).toBe(204);
  expect(await bursar.client.get(`/channels/${other}`)).toMatchObject({ fallback: null });
});

test.each([
  [{ type: 'email', target: 'ops' }, 'target'],
  [{ type: 'slack', target: 'ops alerts' }, 'target'],
  [{ type: 'webhook', target: 'ftp://x' }, 'target'],
  [{ type: 'pigeon' }, 'type'],
  [{ type: 'log', events: ['budget_treshold'] }, 'events.0'],
  [{ type: 'log', minimumSeverity: 'loud' }, 'minimumSeverity'],
  [{ type: 'log', maximumPerHour: 0 }, 'maximumPerHour'],
  [{ type: 'log', quietHours: { start: '25:00', end: '07:00' } }, 'quietHours.start'],
  [{ type: 'log', quietHours: { start: '22:00', end: '07:00', timeZone: 'Mars' } }, 'quietHours.timeZone'],
  [{ type: 'log', fallback: 'chn_none' }, 'fallback'],
  [{ type: 'log', metadata: { template: 'x' } }, 'metadata.template'],
  [{ type: 'email', target: 'a@b.de', metadata: { template: '{{titel}}' } }, 'metadata.template'],
  [{ type: 'webhook', target: 'http://x.de', metadata: { timeout: 5_000 } }, 'metadata.timeout'],
  [{ type: 'webhook', target: 'http://x.de', metadata: { secret: 'short' } }, 'metadata.secret'],
  [{ type: 'webhook', target: 'http://x.de', metadata: { auth_header: 'a\nb' } }, 'metadata.auth_header'],
  [{ type: 'webhook', target: 'http://x.de', metadata: { auth_header: '(hidden)' } }, 'metadata.auth_header'],
])('refuses %j and names the field', async (body, field) => {
  const answer = await bursar.client.send<ErrorBody>('POST', '/channels', { name: 'one', ...body });
  expect([answer.status, answer.body.error.details?.[0]?.field]).toEqual([400, field]);
});

test('pages of the list follow each other', async () => {
  const all = await list();
  type Page = { channels: ApiChannel[]; total: number; has_more: boolean; cursor?: string };
  const first = await bursar.client.get<Page>('/channels?limit=2');
  expect(first).toMatchObject({ total: all.length, has_more: true });
  const rest = await bursar.client.get<Page>(`/channels?limit=100&cursor=${first.cursor}`);
  expect([...first.channels, ...rest.channels]).toEqual(all);
  expect((await bursar.client.send('GET', '/channels?cursor=none')).status).toBe(400);
});

test('secrets are in no list, log, audit row or stored document', async () => {
  await add({ type: 'slack', target: '#x', metadata: { bot_token: `xoxb-${MARK}` } });
  const { id } = await add({ type: 'webhook', target: `${receiver.url}/${MARK}`, metadata: {} });
  receiver.status(400, {}, MARK);
  const tested = await tryOut(id);
  const audit = await bursar.client.get<{ rows: { event: string }[] }>('/audit?event=channel&limit=100');
  expect(audit.rows.length).toBeGreaterThan(8);
  const stored = await opened.connection.collection('channels').find({ type: 'slack' }).toArray();
  const logs = bursar.logFiles.map((path) => readFileSync(path, 'utf8')).join();
  expect(logs).toContain(`/channels/${id}/test`);
  const seen = JSON.stringify([await list(), tested, audit, stored, logs]);
  expect(seen).not.toMatch(new RegExp(`${MARK}|whsec_`));
});

test('without a key secrets are refused and webhooks not signed, and nothing private is taken', async () => {
  const lesser = await startBursar({ workers: 0 });
  const post = (body: object) =>
    lesser.client.send<Created & ErrorBody>('POST', '/channels', { name: 'x', ...body });
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '169.254.169.254']) {
    const refused = await post({ type: 'webhook', target: `http://${host}:9/` });
    const [detail] = refused.body.error.details ?? [];
    expect([refused.status, detail?.field]).toEqual([400, 'target']);
  }
  const address = { type: 'slack', target: 'https://1.1.1.1/services/T/B/X' };
  expect((await post(address)).body.error.details?.[0]?.problem).toMatch(/BURSAR_ENCRYPTION_KEY/);
  expect(await post({ type: 'webhook', target: 'https://1.1.1.1/' })).toMatchObject({
    status: 201,
    body: { secret: null, metadata: {} },
  });
  await lesser.stop();
}, 60_000);
