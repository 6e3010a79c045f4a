import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import type { ApiAlert } from '../../api/alert-view.ts';
import { ALERTS_ENVIRONMENT, proveAlerts } from '../proof/alerts.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';

type Detail = ApiAlert & {
  deliveries: {
    id: string;
    channelName: string;
    state: string;
    attempts: number;
    insteadOf: string | null;
  }[];
};

const LIMIT_MS = 60_000;
let bursar: Bursar;
let receiver: Receiver;
let jobs = 0;

beforeAll(async () => {
  receiver = await startReceiver();
  const environment = { BURSAR_ALLOW_PRIVATE_WEBHOOKS: 'true', BURSAR_ENCRYPTION_KEY: '0'.repeat(64) };
  bursar = await startBursar({ workers: 2, apis: 2, environment });
});
afterAll(async () => {
  await bursar.stop();
  receiver.stop();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.status(200);
});

async function newBudget(queue: string, more: object = {}): Promise<string> {
  const scope = { name: queue, scope: { queue }, period: { type: 'yearly' }, amountUsd: 100 };
  return (await bursar.client.post<{ id: string }>('/budgets', { ...scope, ...more })).id;
}

/** Spends so many times 0.1 USD over both APIs at once. */
async function spend(queueName: string, dimes: number): Promise<void> {
  const metrics = { cpuTime: 990, memoryMbSeconds: 0, payloadBytes: 0, redisOps: 0, networkBytes: 0 };
  const posts = Array.from({ length: dimes }, (_, at) => {
    jobs += 1;
    const job = { jobId: `job-${jobs}`, queueName, jobType: 'any', ...metrics };
    return bursar.clients[at % 2]?.post('/costs/jobs', job);
  });
  await Promise.all(posts);
}

async function alertsOf(budget: string): Promise<ApiAlert[]> {
  const path = `/alerts?type=budget_threshold&budget=${budget}`;
  return (await bursar.client.get<{ alerts: ApiAlert[] }>(path)).alerts;
}

async function until<T>(look: () => Promise<T>, wanted: (found: T) => boolean): Promise<T> {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const found = await look();
    if (wanted(found)) return found;
    if (Date.now() > deadline) throw new Error(`still not so: ${JSON.stringify(found).slice(0, 500)}`);
    await sleep(100);
  }
}

const shares = (alerts: ApiAlert[]) => alerts.map(({ data }) => data.threshold).toSorted();
const detailOf = (id: string) => bursar.client.get<Detail>(`/alerts/${id}`);
/** Longer than any process takes to look at what was spent, and to dispatch. */
const settled = () => sleep(4_000);

test(
  'each threshold is told once, however many spend and look at once; the webhook is signed',
  async () => {
    const { secret } = await bursar.client.post<{ secret: string }>('/channels', {
      ...{ name: 'hook', type: 'webhook', target: `${receiver.url}/hook`, events: ['budget_threshold'] },
    });
    const budget = await newBudget('many', { amountUsd: 4, alertAt: [0.25, 0.5, 0.75] });
    await spend('many', 40);
    const alerts = await until(
      () => alertsOf(budget),
      (found) => found.length >= 3,
    );
    await until(
      async () => receiver.received.length,
      (count) => count >= 3,
    );
    await settled();
    expect(shares(await alertsOf(budget))).toEqual([0.25, 0.5, 0.75]);
    expect(alerts.map(({ severity, state }) => [severity, state])).toEqual(
      Array(3).fill(['warning', 'open']),
    );
    expect(receiver.received).toHaveLength(3);
    const webhook = new Webhook(secret);
    const bodies = receiver.received.map(({ body, headers }) => webhook.verify(body, headers as never));
    expect(new Set(bodies.map((body) => (body as { data: { alertId: string } }).data.alertId)).size).toBe(3);
  },
  LIMIT_MS,
);

test(
  'a budget that is edited neither repeats an alert nor loses one',
  async () => {
    const budget = await newBudget('edited', { amountUsd: 4, alertAt: [0.5, 1] });
    await spend('edited', 24);
    await until(
      () => alertsOf(budget),
      (found) => found.length === 1,
    );
    const edit = (amountUsd: number) => bursar.client.send('PATCH', `/budgets/${budget}`, { amountUsd });
    // Half of 4.2 was passed long ago; half of 6 was not reached yet.
    await edit(4.2);
    await settled();
    expect(shares(await alertsOf(budget))).toEqual([0.5]);
    await edit(6);
    await spend('edited', 12);
    await until(
      () => alertsOf(budget),
      (found) => found.length === 2,
    );
    expect((await alertsOf(budget)).map(({ data }) => data.amountUsd).toSorted()).toEqual([4, 6]);
    await edit(3);
    await spend('edited', 1);
    const all = await until(
      () => alertsOf(budget),
      (found) => found.length === 3,
    );
    expect(all.find(({ data }) => data.threshold === 1)).toMatchObject({ severity: 'critical' });
    await settled();
    expect(shares(await alertsOf(budget))).toEqual([0.5, 0.5, 1]);
  },
  LIMIT_MS,
);

test(
  'a channel that fails is tried again with the same id; one that fails for good has a stand-in',
  async () => {
    const channel = (name: string, more: object) =>
      bursar.client.post<{ id: string }>('/channels', {
        ...{
          name,
          type: 'webhook',
          target: `${receiver.url}/${name}`,
          metadata: { retry_count: 1 },
          ...more,
        },
      });
    const standIn = await channel('stand-in', { events: ['ledger_difference'] });
    await channel('shaky', { events: ['budget_threshold'], fallback: standIn.id });
    const budget = await newBudget('shaky', { amountUsd: 4, alertAt: [0.5] });
    let tries = 0;
    receiver.answer((response, { path }) => {
      if (path === '/shaky') tries += 1;
      response.writeHead(path === '/shaky' && tries === 1 ? 503 : 200).end();
    });
    await spend('shaky', 24);
    const to = (path: string) => receiver.received.filter((each) => each.path === path);
    await until(
      async () => to('/shaky'),
      (found) => found.length === 2,
    );
    expect(new Set(to('/shaky').map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(to('/stand-in')).toEqual([]);
    // Nobody stands in for this one: the log has the last word.
    await channel('lonely', { events: ['budget_threshold'] });
    const gone = ['/shaky', '/lonely'];
    receiver.answer((response, { path }) => response.writeHead(gone.includes(path) ? 410 : 200).end());
    const dead = await newBudget('dead', { amountUsd: 4, alertAt: [0.5] });
    await spend('dead', 24);
    const [alert] = await until(
      () => alertsOf(dead),
      (found) => found.length === 1,
    );
    const detail = await until(
      () => detailOf(alert?.id ?? ''),
      ({ deliveries }) =>
        ['stand-in', 'Log'].every((name) =>
          deliveries.some(({ channelName, state }) => channelName === name && state === 'sent'),
        ),
    );
    expect(detail.deliveries.find(({ channelName }) => channelName === 'shaky')).toMatchObject({
      state: 'failed',
      attempts: 1,
    });
    expect(detail.deliveries.find(({ channelName }) => channelName === 'stand-in')?.insteadOf).toBe('shaky');
    expect(detail.deliveries.find(({ channelName }) => channelName === 'Log')?.insteadOf).toBe('lonely');
    expect((await alertsOf(budget))[0]?.title).toContain('50 % of $4.00');
  },
  LIMIT_MS,
);

test('alerts whose deliverers are killed arrive all the same, each under one id', async () => {
  const environment = ALERTS_ENVIRONMENT;
  const own = await startBursar({ workers: 3, environment });
  try {
    const figures = await proveAlerts(own, receiver, { rounds: 1, objects: 60, kills: 3 });
    expect(figures).toMatchObject({ alerts: 3, killed: 3 });
  } finally {
    await own.stop();
  }
}, 120_000);
