import type { ApiHold } from '../../api/hold-schemas.ts';
import { DEFAULT_POLICY } from '../../domain/budgets/budget.ts';
import { newBudget, periodOf } from '../store/money.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { type Failure, holdsOf, USD } from './holds-of.ts';
import { checkLedger } from './ledger.ts';
import { clientOf, type ErrorBody, type OpenStore, openStore } from './second-organization.ts';

let bursar: Bursar;
let opened: OpenStore;
let teams = 0;
let team: string;
let of: ReturnType<typeof holdsOf>;

beforeAll(async () => {
  bursar = await startBursar({ workers: 0 });
  opened = await openStore(bursar);
});
afterAll(async () => {
  await opened.close();
  await bursar.stop();
});
beforeEach(() => {
  teams += 1;
  team = `team-${teams}`;
  of = holdsOf(bursar, opened, team);
});
afterEach(async () => expect((await checkLedger(bursar)).differences).toEqual([]));

describe('asking for a hold', () => {
  test('sets the amount aside out of every budget of the scope', async () => {
    const budget = await of.budget(10);
    const before = Date.now();
    const { status, body, headers } = await of.ask(2.5, { scope: { team, model: 'x/y' }, ttlSeconds: 60 });
    expect([status, headers.get('location')]).toEqual([201, `/api/v1/holds/${body.id}`]);
    expect(body).toEqual({
      id: expect.stringMatching(/^hld_[0-9a-f]{24}$/),
      owner: 'api',
      scope: { team, model: 'x/y' },
      amountUsd: 2.5,
      leftUsd: 2.5,
      inFlightUsd: 0,
      state: 'open',
      expiresAt: expect.any(String),
      periods: [expect.stringMatching(`^${budget.id}:`)],
      past: [],
      createdBy: expect.stringMatching(/^key_/),
      createdAt: expect.any(String),
      closedAt: null,
    });
    expect(Date.parse(body.expiresAt) - Date.parse(body.createdAt)).toBe(60_000);
    expect(Date.parse(body.createdAt)).toBeGreaterThanOrEqual(before);
    expect(await periodOf(opened, budget)).toMatchObject({ committed: 2.5 * USD, left: 7.5 * USD });
    expect(await bursar.client.get(`/holds/${body.id}`)).toEqual(body);
  });

  test('is refused with the numbers of the budget that has least left; nothing is set aside', async () => {
    const wide = await newBudget(opened, 1000 * USD, { name: 'wide', scope: { team } });
    const budget = await of.budget(10);
    await of.ask(8);
    const { status, body } = await of.ask<Failure>(2.000000001);
    expect([status, body.error.code]).toEqual([409, 'budget_exceeded']);
    expect(body.error.details).toEqual([
      {
        field: 'budget',
        problem: `budget of ${team} has $2.00 left, and $2.00 is needed`,
        budgetId: budget.id,
        budgetName: `budget of ${team}`,
        amountUsd: 10,
        committedUsd: 8,
        spentUsd: 0,
        leftUsd: 2,
        neededUsd: 2.000000001,
        until: expect.any(String),
      },
    ]);
    expect((await periodOf(opened, wide)).committed).toBe(8 * USD);
    expect(await of.all()).toHaveLength(1);
    expect((await of.ask(2)).status).toBe(201);
  });

  test('is refused while the circuit breaker of a budget is open', async () => {
    const budget = await of.budget(10, { breaker: { coolDownMinutes: 5 } });
    const { body } = await of.ask(10);
    await of.charge(body.id, { costUsd: 10 });
    await opened.store.fold();
    const refused = await of.ask<Failure>(1);
    expect([refused.status, refused.body.error.code]).toEqual([409, 'circuit_open']);
    expect(refused.body.error.details?.[0]).toMatchObject({ budgetId: budget.id, spentUsd: 10 });
  });

  test('passes as an emergency where the budget allows that, with a reason, and is audited', async () => {
    const budget = await of.budget(1, { policy: { ...DEFAULT_POLICY, allowEmergency: true } });
    expect((await of.ask(5, { priority: 8 })).status).toBe(409);
    const { status, body } = await of.ask(5, { priority: 8, emergencyReason: 'the shop is down' });
    expect(status).toBe(201);
    expect(body.past).toEqual([{ way: 'emergency', budgetId: budget.id, reason: 'the shop is down' }]);
    const { rows } = await bursar.client.get<{ rows: object[] }>(
      `/audit?budget=${budget.id}&event=emergency`,
    );
    expect(rows).toEqual([
      expect.objectContaining({ subject: body.id, reason: 'the shop is down', details: { amountUsd: 5 } }),
    ]);
  });

  test('again under one Idempotency-Key brings the same hold, and after a no it asks again', async () => {
    const headers = { 'idempotency-key': `${team}-key` };
    await of.budget(10);
    expect((await of.ask(11, {}, headers)).status).toBe(409);
    const answers = await Promise.all(Array.from({ length: 8 }, () => of.ask(3, {}, headers)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    const other = await of.ask<Failure>(4, {}, headers);
    expect([other.status, other.body.error.code]).toEqual([409, 'conflict']);
    expect(other.body.error.details).toEqual([
      { field: 'Idempotency-Key', problem: `belongs to hold ${answers[0]?.body.id}` },
    ]);
    expect(await of.all()).toHaveLength(1);
    const stranger = await clientOf(bursar, opened, 'same-key', 'operator');
    const theirs = await stranger.send<ApiHold>('POST', '/holds', { scope: { team }, amountUsd: 4 }, headers);
    expect([theirs.status, theirs.body.id === answers[0]?.body.id]).toEqual([201, false]);
  });

  test.each([
    ['amountUsd', { amountUsd: -1 }],
    ['amountUsd', { amountUsd: 0 }],
    ['amountUsd', { amountUsd: 1e16 }],
    ['amountUsd', { amountUsd: 9_000_000.01 }],
    ['amountUsd', { amountUsd: 0.0000000001 }],
    ['amountUsd', { amountUsd: null }],
    ['amountUsd', { amountUsd: '7' }],
    ['amountUsd', {}],
    ['ttlSeconds', { amountUsd: 1, ttlSeconds: 0 }],
    ['ttlSeconds', { amountUsd: 1, ttlSeconds: 7 * 86_400 + 1 }],
    ['ttlSeconds', { amountUsd: 1, ttlSeconds: 1.5 }],
    ['priority', { amountUsd: 1, priority: 11 }],
    ['emergencyReason', { amountUsd: 1, emergencyReason: 'no urgent priority' }],
    ['scope.team', { amountUsd: 1, scope: { team: '' } }],
    ['scope.planet', { amountUsd: 1, scope: { planet: 'x' } }],
    ['amount', { amountUsd: 1, amount: 1 }],
  ])('names %s where it is wrong in %j, and stores nothing', async (field, body) => {
    const { total } = await bursar.client.get<{ total: number }>('/holds');
    const answer = await bursar.client.send<ErrorBody>('POST', '/holds', body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_input']);
    expect(answer.body.error.details?.map((detail) => detail.field)).toContain(field);
    expect((await bursar.client.get<{ total: number }>('/holds')).total).toBe(total);
  });
});

test('another organization does not see a hold, and a viewer only looks', async () => {
  const { body: hold } = await of.ask(1);
  const stranger = await clientOf(bursar, opened, 'hold-strangers', 'admin');
  for (const [method, path, body] of [
    ['GET', `/holds/${hold.id}`, undefined],
    ['DELETE', `/holds/${hold.id}`, undefined],
    ['POST', `/holds/${hold.id}/entries`, { costUsd: 1 }],
  ] as const)
    expect([method, (await stranger.send(method, path, body)).status]).toEqual([method, 404]);
  expect(await stranger.get('/holds')).toEqual({ holds: [], total: 0, has_more: false });
  const viewer = await clientOf(bursar, opened, 'default', 'viewer');
  expect((await viewer.send('GET', `/holds/${hold.id}`)).status).toBe(200);
  expect((await viewer.send('POST', '/holds', { amountUsd: 1 })).status).toBe(403);
  expect((await viewer.send('DELETE', `/holds/${hold.id}`)).status).toBe(403);
  expect((await viewer.send('POST', `/holds/${hold.id}/entries`, { costUsd: 1 })).status).toBe(403);
  expect((await bursar.client.get<ApiHold>(`/holds/${hold.id}`)).leftUsd).toBe(1);
});
