import { setTimeout as sleep } from 'node:timers/promises';
import { newStore, type OpenedStore, ORG } from './database.ts';
import { differencesOf, drawOf, entryOf, granted, newBudget, periodOf, wanted } from './money.ts';

let opened: OpenedStore;

beforeEach(async () => {
  opened = await newStore();
});
afterEach(() => opened.close());

test('of 64 requests of 7 at once on a budget of 100 exactly 14 are granted', async () => {
  const budget = await newBudget(opened, 100);
  const results = await Promise.all(Array.from({ length: 64 }, () => opened.store.acquire(wanted(7))));
  expect(results.filter((result) => 'granted' in result)).toHaveLength(14);
  expect(await periodOf(opened, budget)).toMatchObject({ committed: 98, left: 2, spent: 0 });
  expect(await differencesOf(opened)).toEqual([]);
});

test('a hold takes from every budget that its scope falls under, or from none', async () => {
  const all = await newBudget(opened, 100);
  const team = await newBudget(opened, 50, { scope: { team: 'a' } });
  const other = await newBudget(opened, 50, { scope: { team: 'b' } });
  const result = await opened.store.acquire(wanted(60, { scope: { team: 'a' } }));
  expect(result).toMatchObject({ denied: { reason: 'budget', budget: team.id, leftNanoUsd: 50 } });
  expect((await periodOf(opened, all)).committed).toBe(0);
  await granted(opened, wanted(50, { scope: { team: 'a' } }));
  expect((await periodOf(opened, all)).committed).toBe(50);
  expect((await periodOf(opened, team)).left).toBe(0);
  expect(await opened.store.budgetPeriods.ofBudget(ORG, other.id, 9)).toEqual([]);
});

test('draws never take more than a hold has, and settling gives back what was not needed', async () => {
  const budget = await newBudget(opened, 100);
  const hold = await granted(opened, wanted(100));
  const draws = Array.from({ length: 15 }, () => drawOf(10));
  const taken = await Promise.all(draws.map((draw) => opened.store.holds.draw(hold._id, draw)));
  expect(taken.filter(Boolean)).toHaveLength(10);
  const done = draws.filter((_, index) => taken[index]);
  await Promise.all(done.map((draw) => opened.store.settle(hold, draw, entryOf(hold, draw, 3))));
  expect(await opened.store.holds.find(ORG, hold._id)).toMatchObject({ left: 70, open: [] });
  await opened.store.fold();
  expect(await periodOf(opened, budget)).toMatchObject({ committed: 100, left: 0, spent: 30 });
  expect(await opened.store.release(hold, new Date())).toBe(70);
  expect(await periodOf(opened, budget)).toMatchObject({ committed: 30, left: 70, spent: 30 });
  expect(await differencesOf(opened)).toEqual([]);
});

test('a call that was refused while another attempt gave it up for lost costs nothing', async () => {
  const budget = await newBudget(opened, 100);
  const hold = await granted(opened, wanted(100));
  const draw = drawOf(40);
  await opened.store.holds.draw(hold._id, draw);
  await opened.store.holds.closeDraw(hold._id, draw.draw, draw.worst);
  await opened.store.settle(hold, draw, { ...entryOf(hold, draw, 40), flag: 'assumed' });
  expect(await opened.store.entries.find(draw.draw)).toBeUndefined();
  expect(await differencesOf(opened)).toEqual([]);
  expect(await periodOf(opened, budget)).toMatchObject({ committed: 100, spent: 0 });
});

test('the books agree also between the two writes of a settlement', async () => {
  await newBudget(opened, 100);
  const hold = await granted(opened, wanted(100));
  const draw = drawOf(40);
  await opened.store.holds.draw(hold._id, draw);
  await opened.store.entries.insert(entryOf(hold, draw, 30));
  expect(await differencesOf(opened)).toEqual([]);
});

test('what a settled draw gives back is there for the next draw, in one update', async () => {
  await newBudget(opened, 100);
  const hold = await granted(opened, wanted(100));
  const [first, second, third] = [drawOf(60), drawOf(80), drawOf(10)];
  expect(await opened.store.holds.draw(hold._id, first)).toBe(true);
  await opened.store.settle(hold, first, entryOf(hold, first, 10), true);
  expect(await opened.store.holds.find(ORG, hold._id)).toMatchObject({ left: 40, open: [first] });
  expect(await opened.store.holds.draw(hold._id, second)).toBe(true);
  expect(await opened.store.holds.find(ORG, hold._id)).toMatchObject({ left: 10, open: [second] });
  // What is missing by one is missing, and what was to be closed is closed all the same.
  await opened.store.settle(hold, second, entryOf(hold, second, 81), true);
  expect(await opened.store.holds.draw(hold._id, third)).toBe(false);
  expect(await opened.store.holds.find(ORG, hold._id)).toMatchObject({ left: 9, open: [] });
  expect(await differencesOf(opened)).toEqual([]);
});

test('a draw that may be closed soon is closed without another draw too, and never twice', async () => {
  await newBudget(opened, 100);
  const hold = await granted(opened, wanted(100));
  const draw = drawOf(60);
  await opened.store.holds.draw(hold._id, draw);
  await opened.store.settle(hold, draw, entryOf(hold, draw, 10), true);
  await opened.store.settle(hold, draw, entryOf(hold, draw, 10));
  await sleep(100);
  expect(await opened.store.holds.find(ORG, hold._id)).toMatchObject({ left: 90, open: [] });
  const next = drawOf(50);
  await opened.store.holds.draw(hold._id, next);
  await opened.store.settle(hold, next, entryOf(hold, next, 20), true);
  await sleep(100);
  expect(await opened.store.holds.find(ORG, hold._id)).toMatchObject({ left: 70, open: [] });
});

test('of requests that come together as many are granted as fit, and one id is granted once', async () => {
  const budget = await newBudget(opened, 100);
  const requests = Array.from({ length: 20 }, () => wanted(7));
  const results = await Promise.all([...requests, ...requests].map((each) => opened.store.acquire(each)));
  const count = (what: string) => results.filter((result) => what in result).length;
  expect([count('granted'), count('taken'), count('denied')]).toEqual([14, 14, 12]);
  expect(await periodOf(opened, budget)).toMatchObject({ committed: 98, left: 2 });
  expect(await differencesOf(opened)).toEqual([]);
});
