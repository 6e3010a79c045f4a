import type { ApiBudget } from '../../api/budget-answers.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { type BudgetClient, budgetClient } from './budget-client.ts';
import { type ErrorBody, type OpenStore, openStore } from './second-organization.ts';

let bursar: Bursar;
let opened: OpenStore;
let budgets: BudgetClient;
beforeAll(async () => {
  bursar = await startBursar({ workers: 0 });
  opened = await openStore(bursar);
  budgets = budgetClient(bursar, opened);
});
afterAll(async () => {
  await opened.close();
  await bursar.stop();
});

describe('a raise', () => {
  test('lifts the present period at once, with reason and end, and is audited', async () => {
    const { id } = await budgets.create('raised');
    await budgets.spend('raised', 100);
    await budgets.within(({ type }) => type === 'block', { queue: 'raised' });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const raised = await bursar.client.post<ApiBudget>(`/budgets/${id}/raise`, {
      amountUsd: 50.5,
      reason: 'quarter end',
      until,
    });
    expect(raised).toMatchObject({ amountUsd: 100, status: 'ok', current: { leftUsd: 50.5 } });
    expect(await budgets.check({ queue: 'raised' })).toMatchObject({ type: 'allow', budgetAmountUsd: 150.5 });
    const { current, thresholds, periods } = await budgets.statusOf(id);
    expect(current).toMatchObject({ amountUsd: 100, raisedUsd: 50.5, ceilingUsd: 150.5, spentUsd: 100 });
    expect(current?.raises).toEqual([
      expect.objectContaining({ amountUsd: 50.5, reason: 'quarter end', until, endedAt: null }),
    ]);
    expect(thresholds?.block).toEqual({ share: 1, atUsd: 150.5, reached: false });
    expect(periods).toEqual([current]);
    const { rows } = await bursar.client.get<{ rows: object[] }>(`/budgets/${id}/audit`);
    expect(rows).toContainEqual(
      expect.objectContaining({ event: 'raised', reason: 'quarter end', by: expect.stringMatching(/^key_/) }),
    );
  });

  test('happens once for one Idempotency-Key', async () => {
    const { id } = await budgets.create('once');
    const raise = () =>
      bursar.client.send(
        'POST',
        `/budgets/${id}/raise`,
        { amountUsd: 1, reason: 'x' },
        { 'Idempotency-Key': 'r1' },
      );
    const answers = await Promise.all([raise(), raise(), raise()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await raise();
    expect((await budgets.get(id)).current?.leftUsd).toBe(101);
  });

  test('is refused without a reason, for nothing, into the past, or beyond what can be counted', async () => {
    const { id } = await budgets.create('refused');
    for (const [wrong, field] of [
      [{ reason: ' ' }, 'reason'],
      [{ amountUsd: 0 }, 'amountUsd'],
      [{ amountUsd: -5 }, 'amountUsd'],
      [{ amountUsd: 8_999_950 }, 'amountUsd'],
      [{ until: '2020-01-01T00:00:00Z' }, 'until'],
      [{ until: 'soon' }, 'until'],
      [{ user: 'ann' }, 'user'],
    ] as const) {
      const body = { amountUsd: 1, reason: 'x', ...wrong };
      const answer = await bursar.client.send<ErrorBody>('POST', `/budgets/${id}/raise`, body);
      expect([wrong, answer.status, answer.body.error?.details?.[0]?.field]).toEqual([wrong, 400, field]);
    }
    expect((await budgets.get(id)).current?.leftUsd).toBe(100);
    const ended = await budgets.create('ended', {
      period: { type: 'custom', startDate: '2020-01-01', endDate: '2020-01-31' },
    });
    expect([ended.status, ended.current]).toEqual(['ended', null]);
    const answer = await bursar.client.send('POST', `/budgets/${ended.id}/raise`, {
      amountUsd: 1,
      reason: 'x',
    });
    expect(answer.status).toBe(409);
    expect(await budgets.statusOf(ended.id)).toMatchObject({
      current: null,
      thresholds: null,
      message: 'ended ended on 2020-01-31',
    });
  });
});

describe('a breaker', () => {
  test('opens when all is spent, blocks, and is closed by hand with a reason', async () => {
    const { id } = await budgets.create('breaker', { breaker: true, policy: { blockNewJobs: true } });
    const close = () =>
      bursar.client.send<ErrorBody>('POST', `/budgets/${id}/close-breaker`, { reason: 'looked at it' });
    expect((await close()).status).toBe(409);
    expect((await budgets.statusOf(id)).breaker).toEqual({
      state: 'closed',
      cause: null,
      openedAt: null,
      until: null,
    });
    await budgets.spend('breaker', 100);
    const open = await budgets.statusOf(id);
    expect([open.status, open.breaker]).toEqual([
      'circuit_open',
      { state: 'open', cause: 'spent', openedAt: expect.any(String), until: null },
    ]);
    await budgets.within(({ message }) => /circuit breaker is open$/.test(message), { queue: 'breaker' });
    expect((await close()).status).toBe(200);
    expect((await budgets.statusOf(id)).breaker?.state).toBe('closed');
    const { rows } = await bursar.client.get<{ rows: { event: string; reason: string }[] }>(
      `/budgets/${id}/audit`,
    );
    expect(rows.find(({ event }) => event === 'breaker_closed')?.reason).toBe('looked at it');
  });
});
