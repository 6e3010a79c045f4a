import type { ApiBudget } from '../../api/budget-answers.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { EVERYTHING, NEW } from './budget-bodies.ts';
import { type ErrorBody, type OpenStore, openStore } from './second-organization.ts';

let bursar: Bursar;
let opened: OpenStore;
beforeAll(async () => {
  bursar = await startBursar({ workers: 0 });
  opened = await openStore(bursar);
});
afterAll(async () => {
  await opened.close();
  await bursar.stop();
});

const create = (more: object = {}) => bursar.client.post<ApiBudget>('/budgets', { ...NEW, ...more });
const get = (id: string) => bursar.client.get<ApiBudget>(`/budgets/${id}`);
const patch = (id: string, edit: object) =>
  bursar.client.send<ApiBudget & ErrorBody>('PATCH', `/budgets/${id}`, edit);
const fieldsOf = ({ error }: ErrorBody) => error.details?.map(({ field }) => field);
const total = async () => (await bursar.client.get<{ total: number }>('/budgets')).total;

describe('a budget', () => {
  test('is made of a name, a period and an amount, and has the defaults that its users know', async () => {
    const { status, body, headers } = await bursar.client.send<ApiBudget>('POST', '/budgets', NEW);
    expect([status, headers.get('location')]).toEqual([201, `/api/v1/budgets/${body.id}`]);
    const now = new Date();
    const month = (ahead: number) =>
      new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1)).toISOString();
    expect(body).toEqual({
      id: expect.stringMatching(/^bud_[0-9a-f]{16}$/),
      name: 'ml',
      scope: { queue: 'ml' },
      per: null,
      period: { type: 'monthly', timeZone: 'UTC' },
      amountUsd: 100,
      currency: 'USD',
      thresholds: { warning: 0.75, throttle: 0.9, block: 1 },
      alertAt: [0.5, 0.75, 0.9, 1],
      policy: {
        warnOnly: false,
        throttleFactor: 0.5,
        blockNewJobs: true,
        allowEmergency: false,
        gracePeriodHours: 0,
        graceMaximumUsd: null,
      },
      rollover: null,
      breaker: null,
      notifications: [],
      tags: [],
      active: true,
      current: {
        spentUsd: 0,
        reservedUsd: 0,
        leftUsd: 100,
        utilization: 0,
        startsAt: month(0),
        endsAt: month(1),
        users: null,
      },
      status: 'ok',
      createdBy: expect.stringMatching(/^key_/),
      createdAt: expect.any(String),
      updatedAt: body.createdAt,
    });
    expect(await get(body.id)).toEqual(body);
  });

  test('keeps everything that is given, but shows no secret of a notification', async () => {
    const secret = { auth_header: 'Bearer s3cret', timeout: 5 };
    const notifications = [{ ...EVERYTHING.notifications[0], metadata: secret }];
    const made = await create({ ...EVERYTHING, notifications });
    expect(made).toMatchObject(EVERYTHING);
    const audit = await bursar.client.get(`/budgets/${made.id}/audit`);
    await patch(made.id, { notifications: EVERYTHING.notifications, name: 'renamed' });
    const shown = [await get(made.id), audit, await bursar.client.get('/audit')];
    expect(JSON.stringify(shown)).not.toContain('s3cret');
    const stored = await opened.store.budgets.find('default', made.id);
    expect([stored?.name, stored?.notifications[0]?.metadata]).toEqual(['renamed', secret]);
    expect(stored?.amountNanoUsd).toBe(12_345_678_901);
  });

  test('can have a breaker with the defaults, or none', async () => {
    const { id, breaker } = await create({ breaker: true });
    expect(breaker).toEqual({ velocity: null, coolDownMinutes: 10 });
    expect((await patch(id, { breaker: { velocity: { usd: 1, minutes: 5 } } })).body.breaker).toEqual({
      velocity: { usd: 1, minutes: 5 },
      coolDownMinutes: 10,
    });
    expect((await patch(id, { breaker: null })).body.breaker).toBeNull();
    expect((await create({ breaker: false })).breaker).toBeNull();
  });

  test('is made once for one Idempotency-Key, and another request under it is refused', async () => {
    const send = (body: object) =>
      bursar.client.send<ApiBudget & ErrorBody>('POST', '/budgets', body, { 'Idempotency-Key': 'k1' });
    const before = await total();
    const [first, second] = await Promise.all([send(NEW), send(NEW)]);
    expect([first.status, second.status, second.body.id]).toEqual([201, 201, first.body.id]);
    expect(await total()).toBe(before + 1);
    const other = await send({ ...NEW, amountUsd: 5 });
    expect([other.status, other.body.error.code]).toEqual([409, 'conflict']);
  });
});

describe('an edit', () => {
  test('changes what is given and leaves the rest', async () => {
    const before = await create({ policy: { gracePeriodHours: 3, graceMaximumUsd: 1 }, tags: ['x'] });
    const { status, body } = await patch(before.id, {
      amountUsd: 50,
      thresholds: { warning: 0.8 },
      policy: { warnOnly: true, graceMaximumUsd: null },
      rollover: { maxUsd: 7 },
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      ...before,
      amountUsd: 50,
      thresholds: { warning: 0.8, throttle: 0.9, block: 1 },
      policy: { ...before.policy, warnOnly: true, graceMaximumUsd: null },
      rollover: { maxUsd: 7 },
      current: { ...before.current, leftUsd: 50 },
      updatedAt: expect.any(String),
    });
    expect((await patch(before.id, { rollover: null })).body.rollover).toBeNull();
  });

  test('of the amount keeps what is committed', async () => {
    const { id } = await create({ scope: { queue: 'held' } });
    const hold = { scope: { queue: 'held' }, amountUsd: 60, ttlSeconds: 600 };
    await bursar.client.post('/holds', hold);
    expect((await get(id)).current).toMatchObject({ spentUsd: 0, reservedUsd: 60, leftUsd: 40 });
    const lowered = await patch(id, { amountUsd: 50 });
    expect(lowered.body.current).toMatchObject({ reservedUsd: 60, leftUsd: -10 });
    expect(lowered.body.status).toBe('blocked');
    expect((await patch(id, { amountUsd: 90 })).body.current).toMatchObject({ reservedUsd: 60, leftUsd: 30 });
  });

  test('that changes nothing leaves no trace', async () => {
    const made = await create();
    const { body } = await patch(made.id, {
      name: 'ml',
      scope: { queue: 'ml' },
      period: { type: 'monthly' },
    });
    expect(body).toEqual(made);
    expect((await bursar.client.get<{ total: number }>(`/budgets/${made.id}/audit`)).total).toBe(1);
  });

  test('cannot make its counters count another thing', async () => {
    const { id } = await create();
    const { status, body } = await patch(id, {
      scope: {},
      period: { type: 'daily' },
      per: 'user',
      amountUsd: -1,
    });
    expect([status, fieldsOf(body)]).toEqual([400, ['scope', 'per', 'period', 'amountUsd']]);
    expect((await get(id)).amountUsd).toBe(100);
  });
});

describe('the list', () => {
  test('narrows by what a scope names, by tag, and by whether they are active', async () => {
    const { id } = await create({ scope: { queue: 'rare', team: 'x' }, tags: ['t1'], active: false });
    const found = async (query: string) =>
      (await bursar.client.get<{ budgets: ApiBudget[] }>(`/budgets?${query}`)).budgets.map((each) => each.id);
    for (const query of ['queue=rare', 'team=x&queue=rare', 'tag=t1', 'tag=t1&active=false'])
      expect([query, await found(query)]).toEqual([query, [id]]);
    expect(await found('queue=rare&active=true')).toEqual([]);
    expect(await found('active=false')).toEqual([id]);
    expect((await get(id)).status).toBe('inactive');
    expect((await bursar.client.send('GET', '/budgets?scope=x')).status).toBe(400);
  });
});

describe('deleting', () => {
  test('takes a budget away for good, and leaves its history', async () => {
    const { id } = await create();
    await patch(id, { amountUsd: 2 });
    expect((await bursar.client.send('DELETE', `/budgets/${id}`)).status).toBe(204);
    for (const [method, path] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['GET', '/status'],
    ])
      expect(
        (await bursar.client.send(method!, `/budgets/${id}${path}`, method === 'PATCH' ? {} : undefined))
          .status,
      ).toBe(404);
    const { rows } = await bursar.client.get<{ rows: { event: string; details: object }[] }>(
      `/budgets/${id}/audit`,
    );
    expect(rows.map(({ event }) => event)).toEqual(['deleted', 'edited', 'created']);
    expect(rows[1]?.details).toMatchObject({ before: { amountUsd: 100 }, after: { amountUsd: 2 } });
  });
});
