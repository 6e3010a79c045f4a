import type { Hold } from '../../store/holds.ts';
import { racing, trues } from './database.ts';
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
  ledgers = await openLedgers(process.env.BURSAR_TEST_MONGODB ?? '', 4);
});
beforeEach(async () => {
  world = await emptyWorld(ledgers.stores);
});
afterAll(() => ledgers.close());

const found = (hold: Hold) => storeOf(world, 0).holds.find(world.org, hold._id);
const minutesLater = (minutes: number) => new Date(world.now.getTime() + minutes * 60_000);

test('of 64 requests of 7 at once, by four processes, a budget of 100 grants exactly 14', async () => {
  const budget = await addBudget(world, 100);
  const results = await racing(64, (index) => storeOf(world, index).acquire(requestOf(world, 7)));
  expect(results.filter((result) => 'granted' in result)).toHaveLength(14);
  expect(await periodIn(world, budget)).toMatchObject({ committed: 98, left: 2 });
  expect(await differencesIn(world)).toEqual([]);
});

test('what several processes take together is never more than there is, 20 times', async () => {
  for (let turn = 0; turn < 20; turn += 1) {
    const turnWorld = await emptyWorld(ledgers.stores);
    const budget = await addBudget(turnWorld, 100);
    // The first goes alone, the others meanwhile wait for each other.
    const results = await racing(48, (index) => storeOf(turnWorld, index).acquire(requestOf(turnWorld, 7)));
    expect(results.filter((result) => 'granted' in result)).toHaveLength(14);
    expect(await periodIn(turnWorld, budget)).toMatchObject({ committed: 98, left: 2 });
  }
});

test('a late attempt beside its successor: one makes the entry, the money goes back once', async () => {
  const budget = await addBudget(world, 100);
  const hold = await holdOf(world, 100);
  const draws = await racing(10, () => drawFrom(world, hold, 10));
  await Promise.all(
    draws.flatMap((draw) =>
      [0, 1, 2].map((store) => storeOf(world, store).settle(hold, draw, entryIn(world, hold, draw, 4))),
    ),
  );
  expect(await found(hold)).toMatchObject({ left: 60, open: [] });
  expect(await differencesIn(world)).toEqual([]);
  expect(await periodIn(world, budget)).toMatchObject({ committed: 100, spent: 40 });
});

test('a late attempt that knows the cost beside one that assumes it: the true cost stands', async () => {
  const budget = await addBudget(world, 100);
  const hold = await holdOf(world, 100);
  const draws = await racing(10, () => drawFrom(world, hold, 10));
  await Promise.all(
    draws.flatMap((draw) => [
      storeOf(world, 0).settle(hold, draw, { ...entryIn(world, hold, draw, 10), flag: 'assumed' }),
      storeOf(world, 1).settle(hold, draw, entryIn(world, hold, draw, 4)),
      storeOf(world, 2).settle(hold, draw, entryIn(world, hold, draw, 4)),
    ]),
  );
  expect(await found(hold)).toMatchObject({ left: 60, open: [] });
  expect(await differencesIn(world)).toEqual([]);
  expect(await periodIn(world, budget)).toMatchObject({ committed: 100, spent: 40 });
});

test('a late attempt that was refused beside one that assumes its cost: the books agree', async () => {
  const budget = await addBudget(world, 100);
  const hold = await holdOf(world, 100);
  const draws = await racing(10, () => drawFrom(world, hold, 10));
  await Promise.all(
    draws.flatMap((draw) => [
      storeOf(world, 0).settle(hold, draw, { ...entryIn(world, hold, draw, 10), flag: 'assumed' }),
      storeOf(world, 1).holds.closeDraw(hold._id, draw.draw, draw.worst),
    ]),
  );
  expect((await found(hold))?.open).toEqual([]);
  await storeOf(world, 0).release(hold, world.now);
  expect(await differencesIn(world)).toEqual([]);
  const { committed, spent } = await periodIn(world, budget);
  expect(committed).toBe(spent);
});

test('a late figure over an assumed one becomes a correction, and frees the difference', async () => {
  const budget = await addBudget(world, 100);
  const hold = await holdOf(world, 50);
  const draw = await drawFrom(world, hold, 50);
  const store = storeOf(world, 0);
  await store.settle(hold, draw, { ...entryIn(world, hold, draw, 50), flag: 'assumed' });
  await store.release(hold, world.now);
  await racing(3, (index) => storeOf(world, index).settle(hold, draw, entryIn(world, hold, draw, 20)));
  expect(await found(hold)).toMatchObject({ state: 'closed', left: 30 });
  expect(await store.release(hold, world.now)).toBe(30);
  expect(await differencesIn(world)).toEqual([]);
  expect(await periodIn(world, budget)).toMatchObject({ committed: 20, left: 80, spent: 20 });
});

test('settlements behind the release, and at the same time, bring all the money back', async () => {
  const budget = await addBudget(world, 100);
  const hold = await holdOf(world, 100);
  const draws = await racing(8, () => drawFrom(world, hold, 10));
  await Promise.all([
    ...draws.map((draw, index) => storeOf(world, index).settle(hold, draw, entryIn(world, hold, draw, 3))),
    storeOf(world, 1).release(hold, world.now),
    storeOf(world, 2).release(hold, world.now),
  ]);
  for (const left of await storeOf(world, 3).holds.leftovers(world.now, 1_000))
    await storeOf(world, 3).release(left, world.now);
  expect(await found(hold)).toMatchObject({ state: 'closed', left: 0, open: [] });
  expect(await differencesIn(world)).toEqual([]);
  expect(await periodIn(world, budget)).toMatchObject({ committed: 24, left: 76, spent: 24 });
});

test('two runs that each keep a rest and wait for the other: both give it back, one goes on', async () => {
  await addBudget(world, 100);
  const [one, other] = [await holdOf(world, 50), await holdOf(world, 50)];
  const draw = await drawFrom(world, one, 30);
  await storeOf(world, 0).settle(one, draw, entryIn(world, one, draw, 30));
  const least = 60;
  for (const hold of [one, other])
    expect(
      await storeOf(world, 0).extend((await found(hold)) ?? hold, { amount: least, least }, world.now),
    ).toHaveProperty('denied');
  // Whoever waits keeps nothing: what the two have left, 20 and 50, is enough for one.
  expect(await storeOf(world, 0).release(one, world.now)).toBe(20);
  expect(await storeOf(world, 1).release(other, world.now)).toBe(50);
  const results = await racing(2, (index) => storeOf(world, index).acquire(requestOf(world, least)));
  expect(results.filter((result) => 'granted' in result)).toHaveLength(1);
  expect(await differencesIn(world)).toEqual([]);
});

test('eight draws that miss at once: one extends the hold, the others draw from that', async () => {
  const budget = await addBudget(world, 1_000);
  const hold = await holdOf(world, 10);
  const extended: string[] = [];
  const drawn = await racing(8, async (index) => {
    const store = storeOf(world, index);
    const draw = { draw: `${hold._id}.${index}`, seq: index, step: 'summary', worst: 10, at: world.now };
    for (let turn = 0; turn < 20; turn += 1) {
      if (await store.holds.draw(hold._id, draw)) return true;
      const fresh = await found(hold);
      if (fresh === undefined || fresh.left >= 10) continue;
      const result = await store.extend(fresh, { amount: 80, least: 10 }, world.now);
      if (typeof result === 'string') extended.push(result);
    }
    return false;
  });
  expect(trues(drawn)).toBe(8);
  expect(extended.filter((result) => result === 'extended')).toHaveLength(1);
  expect(await found(hold)).toMatchObject({ amount: 90, left: 10 });
  expect(await differencesIn(world)).toEqual([]);
  expect(await periodIn(world, budget)).toMatchObject({ committed: 90, left: 910 });
});

test('a hold does not outlive the period that it is taken from; its calls count in that period', async () => {
  const budget = await addBudget(world, 100);
  const hold = await holdOf(world, 80);
  const draw = await drawFrom(world, hold, 50);
  const first = await periodIn(world, budget);
  expect(hold.validUntil).toEqual(first.end);
  world.now = new Date(first.end.getTime() - 1);
  const late = await drawFrom(world, hold, 10);
  world.now = first.end;
  await expect(drawFrom(world, hold, 1)).rejects.toThrow('it cannot be drawn');
  expect(
    await storeOf(world, 0).extend((await found(hold)) ?? hold, { amount: 1, least: 1 }, world.now),
  ).toBe('raced');
  const next = await holdOf(world, 100);
  await storeOf(world, 0).settle(hold, draw, entryIn(world, hold, draw, 40));
  await storeOf(world, 0).settle(hold, late, entryIn(world, hold, late, 10));
  await storeOf(world, 0).release(hold, world.now);
  expect(await differencesIn(world)).toEqual([]);
  const [second, before] = await storeOf(world, 0).budgetPeriods.ofBudget(world.org, budget.id, 9);
  expect(before).toMatchObject({ _id: first._id, committed: 50, left: 50, spent: 50 });
  expect(second).toMatchObject({ committed: 100, left: 0, spent: 0, start: first.end });
  expect(next.periods).toEqual([second?._id]);
});

test('a hold that lives for a time is not drawn from behind it, and is found and given back', async () => {
  const budget = await addBudget(world, 100);
  const hold = await holdOf(world, 80, { owner: 'api', validUntil: minutesLater(10) });
  world.now = minutesLater(10);
  await expect(drawFrom(world, hold, 1)).rejects.toThrow('it cannot be drawn');
  const left = await storeOf(world, 1).holds.leftovers(new Date(world.now.getTime() + 1), 1_000);
  for (const each of left) if (each.org === world.org) await storeOf(world, 1).release(each, world.now);
  expect(await periodIn(world, budget)).toMatchObject({ committed: 0, left: 100 });
});

test("one user's calls never take from another user's counter", async () => {
  const budget = await addBudget(world, 50, { per: 'user' });
  const ann = await holdOf(world, 50, { scope: { user: 'ann' } });
  const bob = await holdOf(world, 20, { scope: { user: 'bob' } });
  const { acquire, settle, release } = storeOf(world, 0);
  expect(await acquire(requestOf(world, 1, { scope: { user: 'ann' } }))).toHaveProperty('denied');
  const draw = await drawFrom(world, ann, 50);
  await settle(ann, draw, entryIn(world, ann, draw, 50));
  await release(ann, world.now);
  // Nobody's calls fall under no counter of a user.
  await holdOf(world, 1_000, { scope: {} });
  expect(await differencesIn(world)).toEqual([]);
  const periods = await storeOf(world, 0).budgetPeriods.ofBudget(world.org, budget.id, 9);
  const byUser = Object.fromEntries(
    periods.map(({ user, committed, spent }) => [user, { committed, spent }]),
  );
  expect(byUser).toEqual({ ann: { committed: 50, spent: 50 }, bob: { committed: 20, spent: 0 } });
  expect(bob.periods).toHaveLength(1);
});
