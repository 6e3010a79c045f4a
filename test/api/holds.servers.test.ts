import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiEntry, ApiHold } from '../../api/hold-schemas.ts';
import type { BudgetNumbers } from '../../domain/errors.ts';
import { granted, newBudget, periodOf, wanted } from '../store/money.ts';
import { type Bursar, createClient, startBursar } from '../support/bursar.ts';
import { checkLedger } from './ledger.ts';
import { clientOf, type ErrorBody, type OpenStore, openStore } from './second-organization.ts';

const USD = 1e9;
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
/** Scopes of their own keep the tests apart. */
let teams = 0;
let team: string;
beforeEach(() => {
  teams += 1;
  team = `team-${teams}`;
});
afterEach(async () => expect((await checkLedger(bursar)).differences).toEqual([]));

type Failure = ErrorBody & { error: { details?: Partial<BudgetNumbers>[] } };
interface Charged {
  hold: ApiHold;
  entry: ApiEntry;
}

const budgetOf = (usd: number, more: object = {}) =>
  newBudget(opened, usd * USD, { name: `budget of ${team}`, scope: { team }, ...more });
const ask = <T = ApiHold>(amountUsd: unknown, more: object = {}, headers = {}) =>
  bursar.client.send<T>('POST', '/holds', { scope: { team }, amountUsd, ...more }, headers);
const charge = <T = Charged>(id: string, body: object) =>
  bursar.client.send<T>('POST', `/holds/${id}/entries`, body);
const release = <T = ApiHold>(id: string) => bursar.client.send<T>('DELETE', `/holds/${id}`);
const holdsOf = async () =>
  (await bursar.client.get<{ holds: ApiHold[] }>('/holds?limit=100')).holds.filter(
    ({ scope }) => scope.team === team,
  );

describe('asking for a hold', () => {
  test('sets the amount aside out of every budget of the scope', async () => {
    const budget = await budgetOf(10);
    const before = Date.now();
    const { status, body, headers } = await ask(2.5, { scope: { team, model: 'x/y' }, ttlSeconds: 60 });
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

  test('is refused with the numbers of the budget that has least left, and nothing is set aside', async () => {
    const wide = await newBudget(opened, 1000 * USD, { name: 'wide', scope: { team } });
    const budget = await budgetOf(10);
    await ask(8);
    const { status, body } = await ask<Failure>(2.000000001);
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
    expect(await holdsOf()).toHaveLength(1);
    expect((await ask(2)).status).toBe(201);
  });

  test('is refused while the circuit breaker of a budget is open', async () => {
    const budget = await budgetOf(10, { breaker: { coolDownMinutes: 5 } });
    const { body } = await ask(10);
    await charge(body.id, { costUsd: 10 });
    await opened.store.fold();
    const refused = await ask<Failure>(1);
    expect([refused.status, refused.body.error.code]).toEqual([409, 'circuit_open']);
    expect(refused.body.error.details?.[0]).toMatchObject({ budgetId: budget.id, spentUsd: 10 });
  });

  test('passes as an emergency where the budget allows that, with a reason, and is audited', async () => {
    const budget = await budgetOf(1, { policy: { ...(await policyOf()), allowEmergency: true } });
    expect((await ask(5, { priority: 8 })).status).toBe(409);
    const { status, body } = await ask(5, { priority: 8, emergencyReason: 'the shop is down' });
    expect(status).toBe(201);
    expect(body.past).toEqual([{ way: 'emergency', budgetId: budget.id, reason: 'the shop is down' }]);
    const { rows } = await bursar.client.get<{ rows: object[] }>(
      `/audit?budget=${budget.id}&event=emergency`,
    );
    expect(rows).toEqual([
      expect.objectContaining({ subject: body.id, reason: 'the shop is down', details: { amountUsd: 5 } }),
    ]);
  });

  async function policyOf() {
    return (await import('../../domain/budgets/budget.ts')).DEFAULT_POLICY;
  }

  test('again under the same Idempotency-Key brings the same hold, and after a no it asks again', async () => {
    const headers = { 'idempotency-key': `${team}-key` };
    await budgetOf(10);
    expect((await ask(11, {}, headers)).status).toBe(409);
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(3, {}, headers)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    const other = await ask<Failure>(4, {}, headers);
    expect([other.status, other.body.error.code]).toEqual([409, 'conflict']);
    expect(other.body.error.details).toEqual([
      { field: 'Idempotency-Key', problem: `belongs to hold ${answers[0]?.body.id}` },
    ]);
    expect(await holdsOf()).toHaveLength(1);
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

describe('charging a hold', () => {
  test('makes an entry, and the hold keeps so much less', async () => {
    const budget = await budgetOf(10);
    const { body: hold } = await ask(5);
    const usage = { inputTokens: 100, outputTokens: 20, cachedReadTokens: 50 };
    const { status, body } = await charge(hold.id, { id: 'call-1', costUsd: 1.25, usage, step: 'answer' });
    expect(status).toBe(201);
    expect(body.hold).toEqual({ ...hold, leftUsd: 3.75 });
    expect(body.entry).toEqual({
      id: `${hold.id}:call-1`,
      hold: hold.id,
      run: null,
      costUsd: 1.25,
      usage,
      step: 'answer',
      flag: null,
      scope: { team },
      components: null,
      at: expect.any(String),
      day: new Date().toISOString().slice(0, 10),
    });
    await opened.store.fold();
    expect(await periodOf(opened, budget)).toMatchObject({ committed: 5 * USD, spent: 1.25 * USD });
  });

  test('again with the same id changes nothing; with another cost it is refused', async () => {
    await budgetOf(10);
    const { body: hold } = await ask(5);
    const same = { id: 'a', costUsd: 1, usage: { inputTokens: 1, outputTokens: 0 } };
    const answers = await Promise.all(Array.from({ length: 8 }, () => charge(hold.id, same)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
    expect(answers.map(({ body }) => body.hold.leftUsd)).toEqual(Array(8).fill(4));
    for (const other of [{ costUsd: 2 }, { step: 'x' }, { usage: { inputTokens: 2, outputTokens: 0 } }]) {
      const { status, body } = await charge<Failure>(hold.id, { ...same, ...other });
      expect([status, body.error.code, body.error.details?.[0]]).toEqual([
        409,
        'conflict',
        expect.objectContaining({ field: 'id' }),
      ]);
    }
    expect((await charge(hold.id, { costUsd: 1 })).body.hold.leftUsd).toBe(3);
    expect((await charge(hold.id, { costUsd: 1 })).body.hold.leftUsd).toBe(2);
  });

  test('with more than is left is kept as an overrun, beyond the limit of the budget', async () => {
    const budget = await budgetOf(5);
    const { body: hold } = await ask(5);
    const { body } = await charge(hold.id, { costUsd: 5.000000001 });
    expect([body.hold.leftUsd, body.entry.flag, body.entry.costUsd]).toEqual([0, 'overrun', 5.000000001]);
    expect(await periodOf(opened, budget)).toMatchObject({ left: -1 });
    const { rows } = await bursar.client.get<{ rows: { subject: string; details: object }[] }>(
      '/audit?event=overrun',
    );
    expect(rows.find(({ subject }) => subject === hold.id)?.details).toEqual({
      costUsd: 5.000000001,
      beyondUsd: 0.000000001,
    });
    expect((await ask(0.000000001)).status).toBe(409);
  });

  test('that is closed or over keeps the cost all the same', async () => {
    const budget = await budgetOf(10);
    const { body: closed } = await ask(5);
    await release(closed.id);
    expect((await charge(closed.id, { costUsd: 2 })).body).toMatchObject({
      hold: { state: 'closed', leftUsd: 0 },
      entry: { flag: 'overrun', costUsd: 2 },
    });
    const { body: over } = await ask(5, { ttlSeconds: 1 });
    await sleep(1100);
    expect((await charge(over.id, { costUsd: 2 })).body).toMatchObject({
      hold: { leftUsd: 3 },
      entry: { flag: null },
    });
    expect(await opened.store.holds.leftovers(new Date(), 100)).toEqual(
      expect.arrayContaining([expect.objectContaining({ _id: over.id })]),
    );
    await opened.store.release({ _id: over.id, org: 'default' }, new Date());
    expect(await periodOf(opened, budget)).toMatchObject({ committed: 4 * USD });
  });

  test('goes on where the API was killed in the middle: each cost is there once', async () => {
    await budgetOf(100);
    const mortal = await bursar.startApi();
    const client = createClient(String(mortal.ready.url), bursar.key);
    const { id } = await client.post<ApiHold>('/holds', { scope: { team }, amountUsd: 20 });
    const costs = Array.from({ length: 60 }, (_, at) => ({ id: `c${at}`, costUsd: 0.1 + at / 1000 }));
    const send = (to: typeof client) =>
      Promise.all(costs.map((cost) => to.send('POST', `/holds/${id}/entries`, cost).catch(() => undefined)));
    const sending = send(client);
    await sleep(120);
    await mortal.kill();
    const answered = (await sending).filter((answer) => answer?.status === 201).length;
    expect(answered).toBeLessThan(60);
    expect((await checkLedger(bursar)).differences).toEqual([]);
    expect((await send(bursar.client)).map((answer) => answer?.status)).toEqual(Array(60).fill(201));
    const { entries, total } = await bursar.client.get<{ entries: ApiEntry[]; total: number }>(
      `/costs/entries?run=${id}&limit=100`,
    );
    const nano = (usd: number) => Math.round(usd * USD);
    const sum = entries.reduce((all, { costUsd }) => all + nano(costUsd), 0);
    expect([total, sum]).toEqual([60, costs.reduce((all, { costUsd }) => all + nano(costUsd), 0)]);
    expect(nano((await release(id)).body.leftUsd)).toBe(0);
  });

  test.each([
    ['costUsd', { costUsd: -0.1 }],
    ['costUsd', { costUsd: 1e16 }],
    ['costUsd', {}],
    ['id', { costUsd: 1, id: 'a:b' }],
    ['id', { costUsd: 1, id: '' }],
    ['usage.inputTokens', { costUsd: 1, usage: { inputTokens: -1, outputTokens: 0 } }],
    ['usage.outputTokens', { costUsd: 1, usage: { inputTokens: 1 } }],
    ['cost', { costUsd: 1, cost: 1 }],
  ])('names %s where it is wrong in %j, and stores nothing', async (field, body) => {
    const { body: hold } = await ask(1);
    const answer = await charge<ErrorBody>(hold.id, body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_input']);
    expect(answer.body.error.details?.map((detail) => detail.field)).toContain(field);
    const { total } = await bursar.client.get<{ total: number }>(`/costs/entries?run=${hold.id}`);
    expect([total, (await bursar.client.get<ApiHold>(`/holds/${hold.id}`)).leftUsd]).toEqual([0, 1]);
  });
});

describe('releasing a hold', () => {
  test('gives back what is left, and may be repeated', async () => {
    const budget = await budgetOf(10);
    const { body: hold } = await ask(5);
    await charge(hold.id, { costUsd: 1 });
    const { status, body } = await release(hold.id);
    expect([status, body.state, body.leftUsd, body.amountUsd]).toEqual([200, 'closed', 0, 5]);
    expect(Date.parse(body.closedAt ?? '')).not.toBeNaN();
    expect(await release(hold.id)).toMatchObject({ status: 200, body });
    expect(await periodOf(opened, budget)).toMatchObject({ committed: 1 * USD, left: 9 * USD });
  });
});

test('the hold of a run is shown, and neither charged nor released over the API', async () => {
  await budgetOf(10);
  const hold = await granted(opened, wanted(USD, { owner: `run-${team}`, scope: { team } }));
  expect((await bursar.client.get<ApiHold>(`/holds/${hold._id}`)).owner).toBe(`run-${team}`);
  for (const refused of [await charge<Failure>(hold._id, { costUsd: 1 }), await release<Failure>(hold._id)]) {
    expect([refused.status, refused.body.error.code]).toEqual([409, 'conflict']);
    expect(refused.body.error.message).toContain(`it belongs to the run run-${team}`);
  }
  const { holds } = await bursar.client.get<{ holds: ApiHold[] }>(`/holds?owner=run-${team}&state=open`);
  expect(holds.map(({ id }) => id)).toEqual([hold._id]);
  expect((await bursar.client.get<{ total: number }>(`/holds?owner=run-${team}&state=closed`)).total).toBe(0);
  expect((await bursar.client.send('GET', '/holds?state=melted')).status).toBe(400);
});

describe('64 requests of 7 at once on a budget of 100', () => {
  test.each([1, 2])('are granted exactly 14 times over %i API process(es)', async (processes) => {
    const budget = await budgetOf(100);
    const other = processes === 1 ? undefined : await bursar.startApi();
    const clients = [bursar.client, createClient(String(other?.ready.url ?? bursar.client.url), bursar.key)];
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, at) =>
        (clients[at % 2] ?? bursar.client).send('POST', '/holds', { scope: { team }, amountUsd: 7 }),
      ),
    );
    const count = (status: number) => answers.filter((answer) => answer.status === status).length;
    expect([count(201), count(409)]).toEqual([14, 50]);
    expect(await periodOf(opened, budget)).toMatchObject({ committed: 98 * USD, left: 2 * USD });
    await other?.kill();
  });
});

test('another organization does not see a hold, and a viewer only looks', async () => {
  const { body: hold } = await ask(1);
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
