import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiAlert } from '../../api/alert-view.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';

const LIMIT_MS = 60_000;
let bursar: Bursar;
let slack: Receiver;
let mail: MailServer;
let budgets = 0;

beforeAll(async () => {
  [slack, mail] = await Promise.all([startReceiver(), startMailServer()]);
  bursar = await startBursar({
    environment: {
      ...{ SMTP_HOST: '127.0.0.1', SMTP_PORT: String(mail.port), SMTP_FROM: 'bursar@example.com' },
      ...{ SLACK_API_URL: `${slack.url}/api`, SLACK_BOT_TOKEN: 'xoxb-test-token' },
    },
  });
});
afterAll(async () => {
  await bursar.stop();
  slack.stop();
  await mail.stop();
});
beforeEach(() => {
  slack.received.length = 0;
  mail.mails.length = 0;
  delete mail.trouble.refuse;
  slackSays({ ok: true });
});

const slackSays = (answer: object) =>
  slack.status(200, { 'content-type': 'application/json' }, JSON.stringify(answer));

async function newChannel(more: object): Promise<string> {
  return (await bursar.client.post<{ id: string }>('/channels', more)).id;
}

/** Takes a new budget over half of its amount. */
async function crossHalf(name: string, more: object = {}): Promise<string> {
  budgets += 1;
  const queue = `queue-${budgets}`;
  const terms = { name, scope: { queue }, period: { type: 'yearly' }, amountUsd: 0.15, alertAt: [0.5] };
  const { id } = await bursar.client.post<{ id: string }>('/budgets', { ...terms, ...more });
  const metrics = { cpuTime: 990, memoryMbSeconds: 0, payloadBytes: 0, redisOps: 0, networkBytes: 0 };
  await bursar.client.post('/costs/jobs', { jobId: queue, queueName: queue, jobType: 'any', ...metrics });
  return id;
}

async function until(holds: () => boolean | Promise<boolean>, otherwise: string): Promise<void> {
  for (const deadline = Date.now() + LIMIT_MS; !(await holds()); await sleep(50))
    if (Date.now() > deadline) throw new Error(otherwise);
}

async function alertOf(budget: string): Promise<ApiAlert> {
  const path = `/alerts?type=budget_threshold&budget=${budget}`;
  let found: ApiAlert | undefined;
  await until(async () => {
    [found] = (await bursar.client.get<{ alerts: ApiAlert[] }>(path)).alerts;
    return found !== undefined;
  }, 'no alert was raised');
  return found as ApiAlert;
}

const SLACK = { name: 'slack', type: 'slack', target: '#ops', events: ['budget_threshold'] };
const MAIL = { name: 'mail', type: 'email', target: 'ops@example.com', events: ['ledger_difference'] };

test(
  'where Slack refuses for good, the alert comes by mail; where mail does, by Slack',
  async () => {
    const toSlack = await newChannel(SLACK);
    const byMail = await newChannel(MAIL);
    await crossHalf('fine');
    await until(() => slack.received.length === 1, 'Slack was not told');
    expect(JSON.parse(slack.received[0]?.body ?? '')).toMatchObject({ channel: '#ops' });
    expect(slack.received[0]?.headers.authorization).toBe('Bearer xoxb-test-token');
    expect(mail.mails).toEqual([]);

    slackSays({ ok: false, error: 'channel_not_found' });
    await crossHalf('no such channel');
    await until(() => mail.mails.length === 1, 'nothing came by mail');
    expect(mail.mails[0]?.subject).toBe('[Bursar] no such channel: 50 % of $0.15 spent');

    slackSays({ ok: true });
    slack.received.length = 0;
    mail.trouble.refuse = 550;
    await bursar.client.send('PATCH', `/channels/${toSlack}`, { events: ['ledger_difference'] });
    await bursar.client.send('PATCH', `/channels/${byMail}`, { events: ['budget_threshold'] });
    await crossHalf('no such box');
    await until(() => slack.received.length === 1, 'Slack did not stand in');
    expect(slack.received[0]?.body).toContain('no such box');
    for (const id of [toSlack, byMail]) await bursar.client.send('DELETE', `/channels/${id}`);
  },
  LIMIT_MS,
);

test(
  'a budget tells its own notifications too, by the threshold that was reached',
  async () => {
    const notification = (target: string, event: string) => ({ type: 'email', target, events: [event] });
    const notifications = [
      notification('warned@example.com', 'warning'),
      notification('stopped@example.com', 'block'),
    ];
    await crossHalf('with notifications', { notifications });
    await until(() => mail.mails.length === 1, 'nobody was told');
    expect(JSON.stringify(mail.mails[0]?.to)).toContain('warned@example.com');
    await sleep(2_500);
    expect(mail.mails).toHaveLength(1);
  },
  LIMIT_MS,
);

test(
  'what is held back comes as one digest, and what is snoozed or taken note of does not come',
  async () => {
    const id = await newChannel({ ...MAIL, events: ['budget_threshold'], digest: 'hourly' });
    const held = [await crossHalf('first'), await crossHalf('second')];
    for (const budget of held) {
      const { id: alert } = await alertOf(budget);
      await until(async () => {
        type Detail = { deliveries: { state: string; dueAt: string | null }[] };
        const { deliveries } = await bursar.client.get<Detail>(`/alerts/${alert}`);
        return deliveries[0]?.state === 'held' && Date.parse(deliveries[0].dueAt ?? '') > Date.now();
      }, 'it was not held');
    }
    expect(mail.mails).toEqual([]);
    await bursar.client.send('DELETE', `/channels/${id}`);
    const other = await newChannel({ ...MAIL, events: ['budget_threshold'] });
    const budget = await crossHalf('noisy', { alertAt: [0.5, 0.9], amountUsd: 0.19 });
    const alert = await alertOf(budget);
    await until(() => mail.mails.length === 1, 'the first was not told');
    await bursar.client.post(`/alerts/${alert.id}/snooze`, { minutes: 60, note: 'we know' });
    const detail = await bursar.client.post<{
      state: string;
      history: { event: string; note: string | null }[];
    }>(`/alerts/${alert.id}/acknowledge`);
    expect([detail.state, detail.history.map(({ event, note }) => [event, note])]).toEqual([
      'acknowledged',
      [
        ['raised', null],
        ['snoozed', 'we know'],
        ['acknowledged', null],
      ],
    ]);
    expect((await bursar.client.send('POST', `/alerts/${alert.id}/snooze`, { minutes: 1 })).status).toBe(409);
    await sleep(2_500);
    expect(mail.mails).toHaveLength(1);
    await bursar.client.send('DELETE', `/channels/${other}`);
  },
  LIMIT_MS,
);
