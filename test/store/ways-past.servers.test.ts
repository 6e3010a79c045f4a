import { DEFAULT_POLICY } from '../../domain/budgets/budget.ts';
import type { Hold } from '../../store/holds.ts';
import { racing } from './database.ts';
import {
  addBudget,
  differencesIn,
  drawFrom,
  emptyWorld,
  entryIn,
  holdOf,
  type Ledgers,
  openLedgers,
  periodIn,
  requestOf,
  storeOf,
  type World,
} from './ledger/world.ts';

let ledgers: Ledgers;
let world: World;

beforeAll(async () => {
  ledgers = await openLedgers(process.env.BURSAR_TEST_MONGODB ?? '', 2);
});
beforeEach(async () => {
  world = await emptyWorld(ledgers.stores);
  // What was spent is looked at by the clock of whoever folds.
  world.now = new Date();
});
afterAll(() => ledgers.close());

const YEARLY = { period: { type: 'yearly', timeZone: 'UTC' } } as const;
const HOUR_MS = 3_600_000;
const later = (ms: number) => new Date(world.now.getTime() + ms);

async function spend(hold: Hold, cost: number): Promise<void> {
  const draw = await drawFrom(world, hold, cost);
  await storeOf(world, 0).settle(hold, draw, entryIn(world, hold, draw, cost));
  await storeOf(world, 0).fold();
}

async function eventsOf(event: 'bypassed' | 'emergency' | 'grace_started' | 'breaker_opened' | 'overrun') {
  return (await storeOf(world, 0).auditLog.list(world.org, { event }, { limit: 9 })).rows;
}

test('grace begins when the limit first stands in the way, and admits its maximum exactly', async () => {
  const policy = { ...DEFAULT_POLICY, gracePeriodHours: 2, graceMaximumNanoUsd: 30 };
  const budget = await addBudget(world, 100, { ...YEARLY, policy });
  await holdOf(world, 90);
  const { acquire } = storeOf(world, 0);
  expect(await acquire(requestOf(world, 41))).toHaveProperty('denied');
  expect(await acquire(requestOf(world, 40))).toHaveProperty('granted');
  expect(await periodIn(world, budget)).toMatchObject({ amount: 100, grace: 30, ceiling: 130, left: 0 });
  expect(await eventsOf('grace_started')).toMatchObject([{ details: { graceNanoUsd: 30 } }]);
});

test('grace begins once, whoever is refused first', async () => {
  const policy = { ...DEFAULT_POLICY, gracePeriodHours: 2, graceMaximumNanoUsd: 30 };
  const budget = await addBudget(world, 100, { ...YEARLY, policy });
  const results = await racing(8, (index) => storeOf(world, index).acquire(requestOf(world, 26)));
  expect(results.filter((result) => 'granted' in result)).toHaveLength(5);
  expect(await periodIn(world, budget)).toMatchObject({ grace: 30, ceiling: 130, committed: 130 });
  expect(await eventsOf('grace_started')).toHaveLength(1);
});

test('an emergency passes the budgets that allow it, with its reason, and no other', async () => {
  const policy = { ...DEFAULT_POLICY, allowEmergency: true };
  const open = await addBudget(world, 10, { ...YEARLY, policy });
  const urgent = { priority: 8, emergency: 'the shop is down' };
  const { acquire } = storeOf(world, 0);
  expect(await acquire(requestOf(world, 50, { priority: 8 }))).toHaveProperty('denied');
  expect(await acquire(requestOf(world, 50, { ...urgent, priority: 7 }))).toHaveProperty('denied');
  expect(await acquire(requestOf(world, 50, urgent))).toHaveProperty('granted');
  expect(await periodIn(world, open)).toMatchObject({ committed: 50, left: -40 });
  expect(await eventsOf('emergency')).toMatchObject([{ budget: open.id, reason: 'the shop is down' }]);
  const strict = await addBudget(world, 10, YEARLY);
  expect(await acquire(requestOf(world, 50, urgent))).toMatchObject({ denied: { budget: strict.id } });
  expect(await differencesIn(world)).toEqual([]);
});

test('a bypass passes all budgets for its run, and each is told', async () => {
  const budgets = [await addBudget(world, 10, YEARLY), await addBudget(world, 20, YEARLY)];
  await holdOf(world, 50, { bypass: { reason: 'the chief wants it' } });
  const told = await eventsOf('bypassed');
  expect(new Set(told.map(({ budget }) => budget))).toEqual(new Set(budgets.map(({ id }) => id)));
  expect(told[0]).toMatchObject({ reason: 'the chief wants it', details: { amountNanoUsd: 50 } });
  expect(await storeOf(world, 0).acquire(requestOf(world, 1))).toHaveProperty('denied');
});

test('a budget that only warns counts all and refuses nothing', async () => {
  const budget = await addBudget(world, 10, { ...YEARLY, policy: { ...DEFAULT_POLICY, warnOnly: true } });
  await spend(await holdOf(world, 50), 50);
  expect(await periodIn(world, budget)).toMatchObject({ committed: 50, left: -40, spent: 50 });
  expect(await differencesIn(world)).toEqual([]);
});

test('what a provider bills beyond the worst case is counted and told, and lowers what is left', async () => {
  const budget = await addBudget(world, 100, YEARLY);
  const hold = await holdOf(world, 100);
  const draw = await drawFrom(world, hold, 100);
  await storeOf(world, 0).settle(hold, draw, entryIn(world, hold, draw, 130));
  expect(await storeOf(world, 0).release(hold, world.now)).toBe(-30);
  expect(await differencesIn(world)).toEqual([]);
  expect(await periodIn(world, budget)).toMatchObject({ committed: 130, left: -30, spent: 130 });
  expect(await eventsOf('overrun')).toMatchObject([{ details: { worstNanoUsd: 100, costNanoUsd: 130 } }]);
});

test('a late figure beyond what was assumed is told as well', async () => {
  await addBudget(world, 100, YEARLY);
  const hold = await holdOf(world, 100);
  const draw = await drawFrom(world, hold, 50);
  const store = storeOf(world, 0);
  await store.settle(hold, draw, { ...entryIn(world, hold, draw, 50), flag: 'assumed' });
  await store.settle(hold, draw, entryIn(world, hold, draw, 60));
  expect(await eventsOf('overrun')).toHaveLength(1);
  expect(await differencesIn(world)).toEqual([]);
});

test('a breaker opens when all is spent: no hold, no draw; closed by hand it stays closed', async () => {
  const budget = await addBudget(world, 100, { ...YEARLY, breaker: { coolDownMinutes: 5 } });
  await addBudget(world, 1_000, YEARLY);
  const hold = await holdOf(world, 100);
  await spend(hold, 60);
  expect((await periodIn(world, budget)).breaker).toBeUndefined();
  const under = await drawFrom(world, hold, 30);
  await spend(hold, 10);
  await storeOf(world, 0).settle(hold, under, entryIn(world, hold, under, 30));
  await storeOf(world, 0).fold();
  const { breaker } = await periodIn(world, budget);
  expect(breaker).toMatchObject({ state: 'open', cause: 'spent' });
  // Until somebody closes it or the period ends: time alone does not help.
  expect(breaker?.until).toBeUndefined();
  await expect(drawFrom(world, hold, 0)).rejects.toThrow('it cannot be drawn');
  const { acquire, budgets } = storeOf(world, 0);
  const tomorrow = later(24 * HOUR_MS);
  for (const at of [world.now, tomorrow])
    expect(await acquire(requestOf(world, 0, { at }))).toMatchObject({
      denied: { reason: 'circuit_open', budget: budget.id },
    });
  expect(await eventsOf('breaker_opened')).toHaveLength(1);
  await budgets.closeBreaker(world.org, budget.id, 'seen to', 'key_1', world.now);
  await storeOf(world, 0).spendWatch.look([(await periodIn(world, budget))._id], world.now);
  expect((await periodIn(world, budget)).breaker).toBeUndefined();
});

test('a breaker that only one of two budgets has stops what falls under it, and nothing else', async () => {
  await addBudget(world, 50, { ...YEARLY, scope: { team: 'a' }, breaker: { coolDownMinutes: 5 } });
  const [inside, outside] = [
    await holdOf(world, 50, { scope: { team: 'a' } }),
    await holdOf(world, 50, { scope: { team: 'b' } }),
  ];
  await spend(inside, 50);
  await drawFrom(world, outside, 10);
  const { acquire } = storeOf(world, 0);
  expect(await acquire(requestOf(world, 1, { scope: { team: 'a' } }))).toHaveProperty('denied');
  expect(await acquire(requestOf(world, 1, { scope: { team: 'b' } }))).toHaveProperty('granted');
});

describe('a breaker that looks at the speed', () => {
  const breaker = { velocity: { nanoUsd: 100, minutes: 10 }, coolDownMinutes: 5 };

  async function tripped() {
    const budget = await addBudget(world, 10_000, { ...YEARLY, breaker });
    const hold = await holdOf(world, 500);
    await spend(hold, 100);
    expect((await periodIn(world, budget)).breaker).toBeUndefined();
    await spend(hold, 1);
    expect((await periodIn(world, budget)).breaker).toMatchObject({ state: 'open', cause: 'velocity' });
    await storeOf(world, 0).release(hold, world.now);
    return budget;
  }
  const cooled = () => later(breaker.coolDownMinutes * 60_000 + 5_000);

  test('lets nothing through before it has cooled down, then one probe that is capped', async () => {
    const budget = await tripped();
    const { acquire } = storeOf(world, 0);
    expect(await acquire(requestOf(world, 1))).toMatchObject({ denied: { reason: 'circuit_open' } });
    world.now = cooled();
    const results = await racing(6, (index) =>
      storeOf(world, index).acquire(requestOf(world, 300, { least: 20 })),
    );
    const probes = results.flatMap((result) => ('granted' in result ? result.granted : []));
    expect(probes).toMatchObject([{ amount: 20, left: 20 }]);
    expect((await periodIn(world, budget)).breaker).toMatchObject({
      state: 'half_open',
      probe: probes[0]?._id,
    });
    const fresh = await storeOf(world, 0).holds.find(world.org, probes[0]?._id ?? '');
    expect(
      fresh && (await storeOf(world, 0).extend(fresh, { amount: 50, least: 1 }, world.now)),
    ).toMatchObject({ denied: { reason: 'circuit_open' } });
  });

  test('is closed by a probe that ends; what was burnt before does not open it again', async () => {
    const budget = await tripped();
    world.now = cooled();
    const probe = await holdOf(world, 20);
    await spend(probe, 5);
    await storeOf(world, 0).release(probe, world.now);
    expect((await periodIn(world, budget)).breaker).toBeUndefined();
    await storeOf(world, 0).spendWatch.look([(await periodIn(world, budget))._id], world.now);
    expect((await periodIn(world, budget)).breaker).toBeUndefined();
    expect(await storeOf(world, 0).acquire(requestOf(world, 300))).toHaveProperty('granted');
    expect(await differencesIn(world)).toEqual([]);
  });

  test('gives a probe a minute; then another takes its place, and the first closes nothing', async () => {
    const budget = await tripped();
    world.now = cooled();
    const first = await holdOf(world, 20);
    world.now = later(59_000);
    expect(await storeOf(world, 0).acquire(requestOf(world, 20))).toHaveProperty('denied');
    world.now = later(1_000);
    const second = await holdOf(world, 20);
    await storeOf(world, 0).release(first, world.now);
    expect((await periodIn(world, budget)).breaker).toMatchObject({ state: 'half_open', probe: second._id });
    await storeOf(world, 0).release(second, world.now);
    expect((await periodIn(world, budget)).breaker).toBeUndefined();
  });
});
