import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiEntry, ApiHold } from '../../api/hold-schemas.ts';
import { granted, periodOf, wanted } from '../store/money.ts';
import { type Bursar, createClient, startBursar } from '../support/bursar.ts';
import { type Failure, holdsOf, USD } from './holds-of.ts';
import { checkLedger } from './ledger.ts';
import { type ErrorBody, type OpenStore, openStore } from './second-organization.ts';

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

describe('charging a hold', () => {
  test('makes an entry, and the hold keeps so much less', async () => {
    const budget = await of.budget(10);
    const { body: hold } = await of.ask(5);
    const usage = { inputTokens: 100, outputTokens: 20, cachedReadTokens: 50 };
    const { status, body } = await of.charge(hold.id, { id: 'call-1', costUsd: 1.25, usage, step: 'answer' });
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
    await of.budget(10);
    const { body: hold } = await of.ask(5);
    const same = { id: 'a', costUsd: 1, usage: { inputTokens: 1, outputTokens: 0 } };
    const answers = await Promise.all(Array.from({ length: 8 }, () => of.charge(hold.id, same)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
    expect(answers.map(({ body }) => body.hold.leftUsd)).toEqual(Array(8).fill(4));
    for (const other of [{ costUsd: 2 }, { step: 'x' }, { usage: { inputTokens: 2, outputTokens: 0 } }]) {
      const { status, body } = await of.charge<Failure>(hold.id, { ...same, ...other });
      expect([status, body.error.code, body.error.details?.[0]]).toEqual([
        409,
        'conflict',
        expect.objectContaining({ field: 'id' }),
      ]);
    }
    expect((await of.charge(hold.id, { costUsd: 1 })).body.hold.leftUsd).toBe(3);
    expect((await of.charge(hold.id, { costUsd: 1 })).body.hold.leftUsd).toBe(2);
  });

  test('with more than is left is kept as an overrun, beyond the limit of the budget', async () => {
    const budget = await of.budget(5);
    const { body: hold } = await of.ask(5);
    const { body } = await of.charge(hold.id, { costUsd: 5.000000001 });
    expect([body.hold.leftUsd, body.entry.flag, body.entry.costUsd]).toEqual([0, 'overrun', 5.000000001]);
    expect(await periodOf(opened, budget)).toMatchObject({ left: -1 });
    const { rows } = await bursar.client.get<{ rows: { subject: string; details: object }[] }>(
      '/audit?event=overrun',
    );
    expect(rows.find(({ subject }) => subject === hold.id)?.details).toEqual({
      costUsd: 5.000000001,
      beyondUsd: 0.000000001,
    });
    expect((await of.ask(0.000000001)).status).toBe(409);
  });

  test('that is closed or over keeps the cost all the same', async () => {
    const budget = await of.budget(10);
    const { body: closed } = await of.ask(5);
    await of.release(closed.id);
    expect((await of.charge(closed.id, { costUsd: 2 })).body).toMatchObject({
      hold: { state: 'closed', leftUsd: 0 },
      entry: { flag: 'overrun', costUsd: 2 },
    });
    const { body: over } = await of.ask(5, { ttlSeconds: 1 });
    await sleep(1100);
    expect((await of.charge(over.id, { costUsd: 2 })).body).toMatchObject({
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
    await of.budget(100);
    const mortal = await bursar.startApi();
    const client = createClient(String(mortal.ready.url), bursar.key);
    const { id } = await client.post<ApiHold>('/holds', { scope: { team }, amountUsd: 20 });
    const costs = Array.from({ length: 60 }, (_, at) => ({ id: `c${at}`, costUsd: 0.1 + at / 1000 }));
    const statusOf = (to: typeof client, cost: object) =>
      to.send('POST', `/holds/${id}/entries`, cost).then(
        ({ status }) => status,
        () => 0,
      );
    const sending = Promise.all(costs.map((cost) => statusOf(client, cost)));
    await sleep(60);
    await mortal.kill();
    expect(new Set(await sending)).toContain(0);
    expect((await checkLedger(bursar)).differences).toEqual([]);
    await Promise.all(
      costs.map(async (cost) => {
        // The server keeps what the dead process was about to write until it ends its transaction.
        for (let status = 503; status !== 201; status = await statusOf(bursar.client, cost))
          expect(status).toBe(503);
      }),
    );
    const { entries, total } = await bursar.client.get<{ entries: ApiEntry[]; total: number }>(
      `/costs/entries?run=${id}&limit=100`,
    );
    const nano = (usd: number) => Math.round(usd * USD);
    const sum = entries.reduce((all, { costUsd }) => all + nano(costUsd), 0);
    expect([total, sum]).toEqual([60, costs.reduce((all, { costUsd }) => all + nano(costUsd), 0)]);
    expect(nano((await of.release(id)).body.leftUsd)).toBe(0);
  }, 150_000);

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
    const { body: hold } = await of.ask(1);
    const answer = await of.charge<ErrorBody>(hold.id, body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_input']);
    expect(answer.body.error.details?.map((detail) => detail.field)).toContain(field);
    const { total } = await bursar.client.get<{ total: number }>(`/costs/entries?run=${hold.id}`);
    expect([total, (await bursar.client.get<ApiHold>(`/holds/${hold.id}`)).leftUsd]).toEqual([0, 1]);
  });
});

describe('releasing a hold', () => {
  test('gives back what is left, and may be repeated', async () => {
    const budget = await of.budget(10);
    const { body: hold } = await of.ask(5);
    await of.charge(hold.id, { costUsd: 1 });
    const { status, body } = await of.release(hold.id);
    expect([status, body.state, body.leftUsd, body.amountUsd]).toEqual([200, 'closed', 0, 5]);
    expect(Date.parse(body.closedAt ?? '')).not.toBeNaN();
    expect(await of.release(hold.id)).toMatchObject({ status: 200, body });
    expect(await periodOf(opened, budget)).toMatchObject({ committed: 1 * USD, left: 9 * USD });
  });
});

test('the hold of a run is shown, and neither charged nor released over the API', async () => {
  await of.budget(10);
  const hold = await granted(opened, wanted(USD, { owner: `run-${team}`, scope: { team } }));
  expect((await bursar.client.get<ApiHold>(`/holds/${hold._id}`)).owner).toBe(`run-${team}`);
  for (const refused of [
    await of.charge<Failure>(hold._id, { costUsd: 1 }),
    await of.release<Failure>(hold._id),
  ]) {
    expect([refused.status, refused.body.error.code]).toEqual([409, 'conflict']);
    expect(refused.body.error.message).toContain(`it belongs to the run run-${team}`);
  }
  const { holds } = await bursar.client.get<{ holds: ApiHold[] }>(`/holds?owner=run-${team}&state=open`);
  expect(holds.map(({ id }) => id)).toEqual([hold._id]);
  expect((await bursar.client.get<{ total: number }>(`/holds?owner=run-${team}&state=closed`)).total).toBe(0);
  expect((await bursar.client.send('GET', '/holds?state=melted')).status).toBe(400);
});
