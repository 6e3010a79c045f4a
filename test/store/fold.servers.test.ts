import { startProgram } from '../support/bursar.ts';
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
  storeOf,
  type World,
} from './ledger/world.ts';

let ledgers: Ledgers;

beforeEach(async () => {
  // The fold is one for the whole database.
  ledgers = await openLedgers(process.env.BURSAR_TEST_MONGODB ?? '', 3);
});
afterEach(() => ledgers.close());

/** So many calls of 7 against a budget, settled and not counted yet. */
async function spend(world: World, calls: number): Promise<void> {
  const hold = await holdOf(world, calls * 10, { scope: { team: 'a' } });
  const { settle } = storeOf(world, 0);
  await Promise.all(
    Array.from({ length: calls }, async () => {
      const draw = await drawFrom(world, hold, 10);
      await settle(hold, draw, entryIn(world, hold, draw, 7));
    }),
  );
}

async function newWorldOf(amount: number): Promise<World> {
  const world = await emptyWorld(ledgers.stores);
  await addBudget(world, amount);
  await addBudget(world, amount, { scope: { team: 'a' } });
  return world;
}

async function expectSpent(world: World, calls: number): Promise<void> {
  expect(await differencesIn(world)).toEqual([]);
  for (const budget of world.budgets)
    expect(await periodIn(world, budget)).toMatchObject({ committed: calls * 10, spent: calls * 7 });
  const [day, ...more] = await storeOf(world, 0).dailyCosts.list(world.org, '2000-01-01', '2099-01-01', {});
  expect(more).toEqual([]);
  expect(day).toMatchObject({ team: 'a', count: calls, cost: calls * 7, min: 7, max: 7 });
}

test('a fold that dies at any step: the next one finishes it, and each cost counts once', async () => {
  const deaths = await eachDeath(ledgers.uri, {
    prepare: async () => {
      const world = await newWorldOf(100);
      await spend(world, 9);
      return world;
    },
    operation: (store) => store.fold(),
    recover: async (world) => {
      await storeOf(world, 1).fold();
      await expectSpent(world, 9);
    },
  });
  expect(deaths).toBeGreaterThanOrEqual(10);
});

test('a fold that dies before its look at what was spent: the next one tells of the threshold', async () => {
  await eachDeath(ledgers.uri, {
    prepare: async () => {
      const world = await newWorldOf(100);
      const hold = await holdOf(world, 100);
      const draw = await drawFrom(world, hold, 100);
      await storeOf(world, 0).settle(hold, draw, entryIn(world, hold, draw, 80));
      return world;
    },
    operation: (store) => store.fold(),
    recover: async (world) => {
      await storeOf(world, 1).fold();
      const { rows } = await storeOf(world, 0).auditLog.list(world.org, { event: 'warning' }, { limit: 9 });
      expect(rows).toMatchObject([{ details: { spentNanoUsd: 80, amountNanoUsd: 100 } }]);
    },
  });
});

test('two folds at once count each cost once', async () => {
  const world = await newWorldOf(10_000);
  for (let round = 1; round <= 5; round += 1) {
    await spend(world, 20);
    await Promise.all(ledgers.stores.flatMap((store) => [store.fold(), store.fold()]));
    await expectSpent(world, round * 20);
  }
});

test('folds in several processes, one of them killed again and again, count each cost once', async () => {
  const world = await newWorldOf(100_000);
  const start = () => startProgram('test/store/ledger/fold-main.ts', {}, [ledgers.uri]);
  const [steady, ...others] = await Promise.all([start(), start()]);
  let victim = others[0];
  for (let round = 1; round <= 3; round += 1) {
    await spend(world, 100);
    await victim?.kill();
    victim = await start();
    await spend(world, 50);
  }
  await Promise.all([steady?.kill(), victim?.kill()]);
  await expectSpent(world, 450);
});

test('many costs are counted in several batches, the last one not full', async () => {
  const world = await newWorldOf(100_000);
  await spend(world, 1_100);
  expect(await storeOf(world, 0).foldOnce()).toBe(1_000);
  expect(await storeOf(world, 1).foldOnce()).toBe(100);
  expect(await storeOf(world, 2).foldOnce()).toBe(0);
  await expectSpent(world, 1_100);
});
