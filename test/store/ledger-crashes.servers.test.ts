import type { Hold } from '../../store/holds.ts';
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

beforeAll(async () => {
  ledgers = await openLedgers(process.env.BURSAR_TEST_MONGODB ?? '', 1);
});
afterAll(() => ledgers.close());

/** Two budgets of 100, of which everything falls under both. */
async function twoBudgets(): Promise<World> {
  const world = await emptyWorld(ledgers.stores);
  await addBudget(world, 100);
  await addBudget(world, 100, { scope: { team: 'a' } });
  return world;
}

async function oneHold() {
  const world = await twoBudgets();
  return { world, hold: await holdOf(world, 60, { scope: { team: 'a' } }) };
}

async function oneDraw() {
  const { world, hold } = await oneHold();
  return { world, hold, draw: await drawFrom(world, hold, 50) };
}

/** Both budgets have these counters, and the books agree. */
async function expectCounters(world: World, counters: object): Promise<void> {
  expect(await differencesIn(world)).toEqual([]);
  for (const budget of world.budgets) expect(await periodIn(world, budget)).toMatchObject(counters);
}

const holdIn = (world: World, hold: Hold) => storeOf(world, 0).holds.find(world.org, hold._id);

test('a process that dies while it takes a hold has taken it from all budgets or from none', async () => {
  const deaths = await eachDeath(ledgers.uri, {
    prepare: async () => {
      const world = await twoBudgets();
      return { world, request: requestOf(world, 60, { scope: { team: 'a' } }) };
    },
    operation: (store, { request }) => store.acquire(request),
    recover: async ({ world, request }) => {
      expect(await differencesIn(world)).toEqual([]);
      const again = await storeOf(world, 0).acquire(request);
      expect('granted' in again || 'taken' in again).toBe(true);
      await expectCounters(world, { committed: 60, left: 40, spent: 0 });
    },
  });
  expect(deaths).toBeGreaterThanOrEqual(6);
});

test('a process that dies while it extends a hold has extended it in all budgets or in none', async () => {
  const deaths = await eachDeath(ledgers.uri, {
    prepare: oneHold,
    operation: (store, { world, hold }) => store.extend(hold, { amount: 40, least: 40 }, world.now),
    recover: async ({ world, hold }) => {
      // With the amount that was seen before: one that was extended already is not extended again.
      await storeOf(world, 0).extend(hold, { amount: 40, least: 40 }, world.now);
      expect(await holdIn(world, hold)).toMatchObject({ amount: 100, left: 100 });
      await expectCounters(world, { committed: 100, left: 0, spent: 0 });
    },
  });
  expect(deaths).toBeGreaterThanOrEqual(6);
});

test('a process that dies while it draws leaves a draw that counts at its worst, or nothing', async () => {
  const deaths = await eachDeath(ledgers.uri, {
    prepare: oneHold,
    operation: (store, { world, hold }) =>
      store.holds.draw(hold._id, {
        draw: `${hold._id}.1`,
        seq: 1,
        step: 'summary',
        worst: 50,
        at: world.now,
      }),
    recover: async ({ world, hold }, { carriedOut }) => {
      const found = await holdIn(world, hold);
      for (const draw of found?.open ?? [])
        await storeOf(world, 0).settle(hold, draw, { ...entryIn(world, hold, draw, 50), flag: 'assumed' });
      await storeOf(world, 0).release(hold, world.now);
      const spent = carriedOut || found?.open.length === 1 ? 50 : 0;
      await expectCounters(world, { committed: spent, left: 100 - spent, spent });
    },
  });
  expect(deaths).toBe(2);
});

for (const [name, cost] of [
  ['a cost', 30],
  ['a cost beyond the maximum of its call', 55],
] as const)
  test(`a process that dies while it settles ${name}: the next settles it once`, async () => {
    const deaths = await eachDeath(ledgers.uri, {
      prepare: oneDraw,
      operation: (store, { world, hold, draw }) => store.settle(hold, draw, entryIn(world, hold, draw, cost)),
      recover: async ({ world, hold, draw }) => {
        expect(await differencesIn(world)).toEqual([]);
        await storeOf(world, 0).settle(hold, draw, entryIn(world, hold, draw, cost));
        expect(await holdIn(world, hold)).toMatchObject({ left: 60 - cost, open: [] });
        await expectCounters(world, { committed: 60, left: 40, spent: cost });
        const told = await storeOf(world, 0).auditLog.list(world.org, { event: 'overrun' }, { limit: 9 });
        expect(told.rows).toHaveLength(cost > 50 ? 1 : 0);
      },
    });
    expect(deaths).toBe(cost > 50 ? 6 : 4);
  });

test('a process that dies while it assumes a cost, or corrects it later: both are done once', async () => {
  await eachDeath(ledgers.uri, {
    prepare: oneDraw,
    operation: async (store, { world, hold, draw }) => {
      await store.settle(hold, draw, { ...entryIn(world, hold, draw, 50), flag: 'assumed' });
      await store.settle(hold, draw, entryIn(world, hold, draw, 20));
    },
    recover: async ({ world, hold, draw }) => {
      const store = storeOf(world, 0);
      expect(await differencesIn(world)).toEqual([]);
      await store.settle(hold, draw, { ...entryIn(world, hold, draw, 50), flag: 'assumed' });
      await store.settle(hold, draw, entryIn(world, hold, draw, 20));
      expect(await holdIn(world, hold)).toMatchObject({ left: 40, open: [] });
      await expectCounters(world, { committed: 60, left: 40, spent: 20 });
      expect(await store.entries.find(draw.draw)).toMatchObject({ costNanoUsd: 50, flag: 'assumed' });
      expect(await store.entries.find(`${draw.draw}:c`)).toMatchObject({
        costNanoUsd: -30,
        flag: 'correction',
      });
    },
  });
});

test('a process that dies while it releases a hold: the money is back once', async () => {
  await eachDeath(ledgers.uri, {
    prepare: oneDraw,
    operation: (store, { world, hold }) => store.release(hold, world.now),
    recover: async ({ world, hold, draw }) => {
      const store = storeOf(world, 0);
      await store.release(hold, world.now);
      await store.release(hold, world.now);
      await expectCounters(world, { committed: 50, left: 50, spent: 0 });
      await store.settle(hold, draw, entryIn(world, hold, draw, 20));
      // What a settlement behind the release has freed is found and given back.
      for (const left of await store.holds.leftovers(world.now, 1_000))
        if (left.org === world.org) await store.release(left, world.now);
      await expectCounters(world, { committed: 20, left: 80, spent: 20 });
    },
  });
});

test('a process that dies while it posts costs from elsewhere: they count once', async () => {
  const cost = (world: World, costNanoUsd: number) => {
    const facts = { id: 'job1', scope: { team: 'a' }, at: world.now };
    return [{ ...facts, costNanoUsd, components: { cpu: costNanoUsd } }];
  };
  await eachDeath(ledgers.uri, {
    prepare: twoBudgets,
    operation: async ({ outsideCosts }, world) => {
      await outsideCosts.post(world.org, 'job', cost(world, 10));
      await outsideCosts.post(world.org, 'job', cost(world, 35));
    },
    recover: async (world) => {
      const { outsideCosts } = storeOf(world, 0);
      expect(await differencesIn(world)).toEqual([]);
      await outsideCosts.post(world.org, 'job', cost(world, 35));
      await outsideCosts.post(world.org, 'job', cost(world, 35));
      await expectCounters(world, { committed: 35, left: 65, spent: 35 });
    },
  });
});
