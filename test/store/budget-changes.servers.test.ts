import { setTimeout as sleep } from 'node:timers/promises';
import { eachDeath } from './ledger/mortal.ts';
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
});
afterAll(() => ledgers.close());

const TEAM = { scope: { team: 'a' } };
const OTHER = { scope: { team: 'b' } };

/** A draw of 1: what it needs is there, so that only the hold's state can refuse it. */
async function canDraw(of: World, hold: { _id: string }): Promise<boolean> {
  const draw = { draw: `${hold._id}.x`, seq: 1, step: 'summary', worst: 1, at: of.now };
  return storeOf(of, 0).holds.draw(hold._id, draw);
}

test('a budget created during a run: the next draw in its scope misses, the next hold counts', async () => {
  await addBudget(world, 100);
  const [held, beside] = [await holdOf(world, 40, TEAM), await holdOf(world, 10, OTHER)];
  const created = await addBudget(world, 30, TEAM);
  expect([await canDraw(world, held), await canDraw(world, beside)]).toEqual([false, true]);
  expect(await storeOf(world, 0).release(held, world.now)).toBe(40);
  await holdOf(world, 30, TEAM);
  expect(await periodIn(world, created)).toMatchObject({ committed: 30, left: 0 });
  expect(await storeOf(world, 0).acquire(requestOf(world, 1, TEAM))).toMatchObject({
    denied: { budget: created.id, leftNanoUsd: 0, neededNanoUsd: 1 },
  });
  expect(await differencesIn(world)).toEqual([]);
});

test('a budget lowered below what is committed: no new hold or draw, but settlements', async () => {
  const budget = await addBudget(world, 100);
  const hold = await holdOf(world, 80);
  const draw = await drawFrom(world, hold, 50);
  const { budgets, settle, acquire } = storeOf(world, 0);
  await budgets.edit(world.org, budget.id, { amountNanoUsd: 60 }, 'key_1', world.now);
  expect(await periodIn(world, budget)).toMatchObject({ amount: 60, ceiling: 60, committed: 80, left: -20 });
  expect(await canDraw(world, hold)).toBe(false);
  expect(await acquire(requestOf(world, 1))).toMatchObject({
    denied: { budget: budget.id, leftNanoUsd: -20 },
  });
  await settle(hold, draw, entryIn(world, hold, draw, 45));
  expect(await storeOf(world, 0).release(hold, world.now)).toBe(35);
  expect(await differencesIn(world)).toEqual([]);
  expect(await periodIn(world, budget)).toMatchObject({ committed: 45, left: 15, spent: 45 });
  expect(await acquire(requestOf(world, 15))).toHaveProperty('granted');
});

test('a budget deleted during a run: its hold goes stale, what was spent stays in its history', async () => {
  const [budget, all] = [await addBudget(world, 50), await addBudget(world, 100)];
  const hold = await holdOf(world, 50);
  const draw = await drawFrom(world, hold, 20);
  const store = storeOf(world, 0);
  await store.budgets.remove(world.org, budget.id, 'key_1', world.now);
  expect(await canDraw(world, hold)).toBe(false);
  await store.settle(hold, draw, entryIn(world, hold, draw, 20));
  await store.release(hold, world.now);
  await holdOf(world, 80);
  expect(await differencesIn(world)).toEqual([]);
  expect(await periodIn(world, budget)).toMatchObject({ committed: 20, left: 30, spent: 20 });
  expect(await periodIn(world, all)).toMatchObject({ committed: 100, left: 0, spent: 20 });
});

test('a raise frees exactly its amount, in this period alone', async () => {
  const budget = await addBudget(world, 100);
  await holdOf(world, 100);
  const { budgets, acquire } = storeOf(world, 0);
  const raise = { id: 'r1', amountNanoUsd: 25, reason: 'month end', by: 'key_1', at: world.now };
  await budgets.raise(world.org, budget.id, (await periodIn(world, budget))._id, raise);
  expect(await acquire(requestOf(world, 26))).toHaveProperty('denied');
  expect(await acquire(requestOf(world, 25))).toHaveProperty('granted');
  world.now = new Date(world.now.getTime() + 86_400_000);
  await holdOf(world, 1);
  expect(await periodIn(world, budget)).toMatchObject({ amount: 100, raised: 0, ceiling: 100, committed: 1 });
});

test('a period that opens while its budget is edited has the amount that the budget has then', async () => {
  for (let day = 1; day <= 8; day += 1) {
    const budget = await addBudget(world, 100);
    const stale = { ...budget };
    const { budgets } = storeOf(world, 0);
    const { budgetPeriods } = storeOf(world, 1);
    await Promise.all([
      budgets.edit(world.org, budget.id, { amountNanoUsd: 40 + day }, 'key_1', world.now),
      budgetPeriods.at(stale, undefined, world.now),
    ]);
    const amount = 40 + day;
    expect(await periodIn(world, budget)).toMatchObject({ amount, ceiling: amount, left: amount });
  }
});

test('a hold taken while a budget is created counts against it, or cannot be drawn from', async () => {
  await addBudget(world, 10_000);
  for (let round = 0; round < 12; round += 1) {
    const [hold, created] = await Promise.all([
      holdOf(world, 10),
      sleep(round).then(() => addBudget(world, 50)),
    ]);
    const within = hold.periods.some((period) => period.startsWith(created.id));
    expect(await canDraw(world, hold)).toBe(within);
    await storeOf(world, 0).budgets.remove(world.org, created.id, 'key_1', world.now);
  }
});

test('whoever opens a period tells it once, and knows of an edit that it has not read', async () => {
  const budget = await addBudget(world, 100);
  await storeOf(world, 0).budgets.edit(world.org, budget.id, { amountNanoUsd: 70 }, 'key_1', world.now);
  const opened = await Promise.all(
    [0, 1, 0, 1].map((store) => storeOf(world, store).budgetPeriods.at(budget, undefined, world.now)),
  );
  expect(opened.filter((period) => period?.opened)).toHaveLength(1);
  expect(await periodIn(world, budget)).toMatchObject({ amount: 70, left: 70 });
  const told = await storeOf(world, 0).auditLog.list(world.org, { event: 'reset' }, { limit: 9 });
  expect(told.rows).toMatchObject([{ budget: budget.id, details: { amountNanoUsd: 70 } }]);
});

const CHANGES = {
  create: (store, of) => store.budgets.create(of.org, `${of.org}:new`, terms(of), 'key_1', of.now),
  lower: (store, of) =>
    store.budgets.edit(of.org, of.budgets[0]?.id ?? '', { amountNanoUsd: 30 }, 'key_1', of.now),
  delete: (store, of) => store.budgets.remove(of.org, of.budgets[0]?.id ?? '', 'key_1', of.now),
} satisfies Record<string, (store: World['stores'][0], of: World) => Promise<unknown>>;

function terms(of: World) {
  const [first] = of.budgets;
  if (first === undefined) throw new Error('there is a budget');
  const { id: _id, org: _org, createdBy: _by, createdAt: _at, updatedAt: _updated, ...rest } = first;
  return { ...rest, ...TEAM, amountNanoUsd: 30 };
}

for (const [name, change] of Object.entries(CHANGES))
  test(`a death while somebody would ${name} a budget: all of it has happened, or nothing`, async () => {
    const deaths = await eachDeath(ledgers.uri, {
      prepare: async () => {
        const fresh = await emptyWorld(ledgers.stores);
        await addBudget(fresh, 100);
        return { fresh, hold: await holdOf(fresh, 40, TEAM), before: await versionOf(fresh) };
      },
      operation: (store, { fresh }) => change(store, fresh),
      recover: async ({ fresh, hold, before }) => {
        await storeOf(fresh, 1).budgets.finishChanges();
        const hasChanged = (await versionOf(fresh)) !== before;
        expect(await canDraw(fresh, hold)).toBe(!hasChanged);
        expect(await differencesIn(fresh)).toEqual([]);
      },
    });
    expect(deaths).toBeGreaterThanOrEqual(8);
  });

const versionOf = (of: World) => storeOf(of, 0).organizations.budgetsVersion(of.org);

test('calls of a model without a price need a hold of nothing, and get it', async () => {
  const budget = await addBudget(world, 100);
  const hold = await holdOf(world, 0);
  const draw = await drawFrom(world, hold, 0);
  await storeOf(world, 0).settle(hold, draw, entryIn(world, hold, draw, 0));
  expect(await differencesIn(world)).toEqual([]);
  expect(await periodIn(world, budget)).toMatchObject({ committed: 0, left: 100, spent: 0 });
});

test('a request that is repeated when nothing is left finds the hold that it has got', async () => {
  await addBudget(world, 100);
  const request = requestOf(world, 100);
  expect(await storeOf(world, 0).acquire(request)).toHaveProperty('granted');
  expect(await storeOf(world, 1).acquire(request)).toMatchObject({ taken: { _id: request.id, left: 100 } });
});
