import { newStore, type OpenedStore, ORG, racing } from './database.ts';
import { differencesOf, drawOf, entryOf, granted, newBudget, periodOf, wanted } from './money.ts';

let opened: OpenedStore;

beforeEach(async () => {
  opened = await newStore();
});
afterEach(() => opened.close());

/** As several processes have it. */
const processes = () => Promise.all([1, 2].map(() => newStore(opened.connection.name)));
const poolOf = (amount: number) => granted(opened, wanted(amount, { owner: 'bat_1' }));
const leftIn = async (hold: { _id: string }) => (await opened.store.holds.find(ORG, hold._id))?.left;

test('of 32 runs in two processes that want 7 of a batch with 100 exactly 14 get it', async () => {
  const budget = await newBudget(opened, 100);
  const pool = await poolOf(100);
  const { store } = opened;
  const others = await processes();
  const got = await racing(32, async (at) =>
    others[at % 2]?.store.acquireFrom(pool._id, wanted(7, { owner: `run${at}` })),
  );
  await Promise.all(others.map(({ close }) => close()));
  const holds = got.flatMap((hold) => hold ?? []);
  expect(holds).toHaveLength(14);
  for (const hold of holds) expect([hold.pool, hold.periods]).toEqual([pool._id, pool.periods]);
  expect(await leftIn(pool)).toBe(2);
  expect(await periodOf(opened, budget)).toMatchObject({ committed: 100, left: 0 });
  expect(await differencesOf(opened)).toEqual([]);
  // What they do not need goes back to the batch, each once, and from there to the budget.
  const draws = holds.map(() => drawOf(5));
  await Promise.all(holds.map((hold, at) => store.holds.draw(hold._id, draws[at] ?? drawOf(5))));
  await Promise.all(
    holds.map(async (hold, at) => {
      const draw = draws[at] ?? drawOf(5);
      await store.settle(hold, draw, entryOf(hold, draw, 3));
      await Promise.all([store.release(hold, new Date()), store.release(hold, new Date())]);
    }),
  );
  expect(await leftIn(pool)).toBe(100 - 14 * 3);
  expect((await periodOf(opened, budget)).committed).toBe(100);
  expect(await differencesOf(opened)).toEqual([]);
  await store.release(pool, new Date());
  expect(await periodOf(opened, budget)).toMatchObject({ committed: 42, spent: 42, left: 58 });
  expect(await differencesOf(opened)).toEqual([]);
});

test('of calls that extend one hold from its batch at once one does, none beyond what there is', async () => {
  const budget = await newBudget(opened, 100);
  const pool = await poolOf(50);
  const { store } = opened;
  const hold = await store.acquireFrom(pool._id, wanted(10));
  if (hold === undefined) throw new Error('the batch had enough');
  const by = { amount: 30, least: 30 };
  // Who looks after that may find too little there.
  expect(await racing(8, () => store.extendFrom(hold, by, new Date()))).toContain(true);
  expect([await leftIn(hold), await leftIn(pool)]).toEqual([40, 10]);
  const now = await store.holds.find(ORG, hold._id);
  expect(now !== undefined && (await store.extendFrom(now, { amount: 11, least: 11 }, new Date()))).toBe(
    false,
  );
  expect(await periodOf(opened, budget)).toMatchObject({ committed: 50 });
  expect(await differencesOf(opened)).toEqual([]);
});

test('a batch whose budgets have changed gives nothing, and what came from it goes to them', async () => {
  const budget = await newBudget(opened, 100);
  const pool = await poolOf(60);
  const { store } = opened;
  const hold = await store.acquireFrom(pool._id, wanted(20));
  await newBudget(opened, 30, { name: 'narrower' });
  expect((await store.holds.find(ORG, pool._id))?.state).toBe('stale');
  expect(await store.acquireFrom(pool._id, wanted(5))).toBeUndefined();
  if (hold !== undefined) await store.release(hold, new Date());
  expect(await periodOf(opened, budget)).toMatchObject({ committed: 40 });
  expect(await differencesOf(opened)).toEqual([]);
});

test("a run's own limit counts beside the batch's hold", async () => {
  const budget = await newBudget(opened, 100);
  const pool = await poolOf(60);
  const { store } = opened;
  await store.budgetPeriods.openCap(ORG, 'run1', 15, new Date());
  const of = { owner: 'run1', cap: 'cap:run1' };
  expect(await store.acquireFrom(pool._id, wanted(20, of))).toBeUndefined();
  const hold = await store.acquireFrom(pool._id, wanted(20, { ...of, least: 1 }));
  expect(hold).toMatchObject({ amount: 15, periods: [...pool.periods, 'cap:run1'] });
  const cap = async () => (await store.budgetPeriods.findMany(['cap:run1']))[0];
  expect(await cap()).toMatchObject({ committed: 15, left: 0 });
  expect(await differencesOf(opened)).toEqual([]);
  if (hold !== undefined) await store.release(hold, new Date());
  expect(await cap()).toMatchObject({ committed: 0, left: 15 });
  expect([await leftIn(pool), (await periodOf(opened, budget)).committed]).toEqual([60, 60]);
  expect(await differencesOf(opened)).toEqual([]);
});
