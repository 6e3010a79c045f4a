import { setTimeout as sleep } from 'node:timers/promises';
import { type Bursar, createClient, startBursar } from '../support/bursar.ts';
import { type BudgetClient, budgetClient } from './budget-client.ts';
import { clientOf, type ErrorBody, type OpenStore, openStore } from './second-organization.ts';

let bursar: Bursar;
let opened: OpenStore;
let budgets: BudgetClient;
beforeAll(async () => {
  bursar = await startBursar({ workers: 0, apis: 2 });
  opened = await openStore(bursar);
  budgets = budgetClient(bursar, opened);
});
afterAll(async () => {
  await opened.close();
  await bursar.stop();
});

describe('a check', () => {
  test('answers with the numbers of the budget that decides, at most a second old', async () => {
    const { id } = await budgets.create('reports');
    expect(await budgets.check({ queue: 'reports' })).toEqual({
      type: 'allow',
      factor: 1,
      message: 'reports: $0.00 of $100.00 spent (0 %)',
      budgetId: id,
      currentSpendUsd: 0,
      budgetAmountUsd: 100,
      utilization: 0,
    });
    await budgets.spend('reports', 80);
    expect(await budgets.within(({ type }) => type === 'warn', { queue: 'reports' })).toMatchObject({
      factor: 1,
      currentSpendUsd: 80,
      utilization: 0.8,
    });
    await budgets.spend('reports', 10);
    expect((await budgets.within(({ type }) => type === 'throttle', { queue: 'reports' })).factor).toBe(0.5);
    await budgets.spend('reports', 10);
    expect(await budgets.within(({ type }) => type === 'block', { queue: 'reports', priority: 10 })).toEqual({
      type: 'block',
      factor: 0,
      message: 'reports: $100.00 of $100.00 spent (100 %), over the block threshold of 100 %',
      budgetId: id,
      currentSpendUsd: 100,
      budgetAmountUsd: 100,
      utilization: 1,
    });
    expect((await budgets.get(id)).status).toBe('blocked');
  });

  test('without a budget that matches allows, and says so', async () => {
    expect(await budgets.check({ queue: 'nobody-limits-this' })).toEqual({
      type: 'allow',
      factor: 1,
      message: 'no budget applies',
      budgetId: null,
      currentSpendUsd: 0,
      budgetAmountUsd: null,
      utilization: 0,
    });
    expect((await budgets.check({})).budgetId).toBeNull();
  });

  test('sees a budget at once that was made, changed or deleted through the same process', async () => {
    await budgets.check({ queue: 'fresh' });
    const { id } = await budgets.create('fresh', { amountUsd: 0 });
    expect((await budgets.check({ queue: 'fresh' })).type).toBe('block');
    await bursar.client.send('PATCH', `/budgets/${id}`, { amountUsd: 5 });
    expect((await budgets.check({ queue: 'fresh' })).type).toBe('allow');
    await bursar.client.send('PATCH', `/budgets/${id}`, { amountUsd: 0 });
    await bursar.client.send('PATCH', `/budgets/${id}`, { active: false });
    expect((await budgets.check({ queue: 'fresh' })).budgetId).toBeNull();
    await bursar.client.send('PATCH', `/budgets/${id}`, { active: true });
    expect((await budgets.check({ queue: 'fresh' })).type).toBe('block');
    await bursar.client.send('DELETE', `/budgets/${id}`);
    expect((await budgets.check({ queue: 'fresh' })).budgetId).toBeNull();
  });

  test('sees within a second what another process has changed', async () => {
    const other = createClient(bursar.apis[1]?.ready.url as string, bursar.key);
    await budgets.check({ queue: 'two' });
    await other.post('/budgets', {
      name: 'two',
      scope: { queue: 'two' },
      period: { type: 'daily' },
      amountUsd: 0,
    });
    await budgets.within(({ type }) => type === 'block', { queue: 'two' });
  });

  test('after a long pause is as fresh as any', async () => {
    await budgets.create('idle');
    await budgets.check({ queue: 'idle' });
    await budgets.spend('idle', 100);
    await sleep(1100);
    expect((await budgets.check({ queue: 'idle' })).type).toBe('block');
  });

  test('refuses priorities that there are not, and fields that it does not know', async () => {
    for (const [body, field] of [
      [{ priority: 0 }, 'priority'],
      [{ priority: 11 }, 'priority'],
      [{ priority: 1.5 }, 'priority'],
      [{ queu: 'x' }, 'queu'],
      [{ queue: '' }, 'queue'],
    ] as const) {
      const answer = await bursar.client.send<ErrorBody>('POST', '/budgets/check', body);
      expect([answer.status, answer.body.error.details?.[0]?.field]).toEqual([400, field]);
    }
  });

  test('is about the organization of the key alone', async () => {
    await budgets.create('mine', { amountUsd: 0 });
    const stranger = await clientOf(bursar, opened, 'strangers', 'viewer');
    expect((await budgets.check({ queue: 'mine' }, stranger)).budgetId).toBeNull();
  });
});

describe('a budget for each user', () => {
  test('counts each apart, and shows the sums and the one who used most', async () => {
    const { id } = await budgets.create('chat', { per: 'user', amountUsd: 10 });
    expect((await budgets.check({ queue: 'chat', user: 'ann' })).type).toBe('allow');
    await budgets.spend('chat', 10, 'ann');
    await budgets.spend('chat', 2, 'bob');
    await budgets.within(({ type }) => type === 'block', { queue: 'chat', user: 'ann' });
    // A user who was never asked about before, while the board is fresh for the others.
    expect((await budgets.check({ queue: 'chat', user: 'bob' })).currentSpendUsd).toBe(2);
    expect((await budgets.check({ queue: 'chat', user: 'new' })).currentSpendUsd).toBe(0);
    expect((await budgets.check({ queue: 'chat' })).budgetId).toBeNull();
    expect(await budgets.get(id)).toMatchObject({
      amountUsd: 10,
      status: 'blocked',
      current: { spentUsd: 12, reservedUsd: 0, leftUsd: 8, utilization: 1, users: 2 },
    });
    expect(await budgets.statusOf(id)).toMatchObject({ user: 'ann', status: 'blocked' });
    expect(await budgets.statusOf(id, '?user=bob')).toMatchObject({
      user: 'bob',
      status: 'ok',
      current: { spentUsd: 2, leftUsd: 8 },
      periods: [{ user: 'bob' }],
    });
    expect(await budgets.statusOf(id, '?user=nobody')).toMatchObject({
      user: 'nobody',
      current: { spentUsd: 0 },
    });
  });

  test('that comes while its user is known already counts from then on', async () => {
    await budgets.check({ queue: 'late', user: 'ann' });
    await budgets.spend('late', 10, 'ann');
    await budgets.create('late', { per: 'user', amountUsd: 5 });
    await budgets.spend('late', 10, 'ann');
    expect((await budgets.check({ queue: 'late', user: 'ann' })).currentSpendUsd).toBe(10);
  });

  test('is raised for one user', async () => {
    const { id } = await budgets.create('raised-user', { per: 'user', amountUsd: 1 });
    const raise = (body: object) =>
      bursar.client.send<ErrorBody>('POST', `/budgets/${id}/raise`, { amountUsd: 5, reason: 'x', ...body });
    const without = await raise({});
    expect([without.status, without.body.error.details?.[0]?.field]).toEqual([400, 'user']);
    expect((await raise({ user: 'ann' })).status).toBe(200);
    expect((await budgets.check({ queue: 'raised-user', user: 'ann' })).budgetAmountUsd).toBe(6);
    expect((await budgets.check({ queue: 'raised-user', user: 'bob' })).budgetAmountUsd).toBe(1);
  });
});
