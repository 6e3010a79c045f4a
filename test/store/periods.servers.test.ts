import type { Period } from '../../domain/budgets/budget.ts';
import type { BudgetPeriod } from '../../store/budget-periods.ts';
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
  ledgers = await openLedgers(process.env.BURSAR_TEST_MONGODB ?? '', 1);
});
beforeEach(async () => {
  world = await emptyWorld(ledgers.stores);
});
afterAll(() => ledgers.close());

/**
 * Spends so much at each time, out of a budget of 100 for each period. @returns its periods, the oldest
 * first.
 */
async function spendAt(period: Period, costs: Record<string, number>) {
  const budget = await addBudget(world, 100, { period });
  for (const [at, cost] of Object.entries(costs)) {
    world.now = new Date(at);
    const hold = await holdOf(world, 20);
    const draw = await drawFrom(world, hold, 20);
    await storeOf(world, 0).settle(hold, draw, entryIn(world, hold, draw, cost));
    await storeOf(world, 0).release(hold, world.now);
  }
  expect(await differencesIn(world)).toEqual([]);
  const periods = await storeOf(world, 0).budgetPeriods.ofBudget(world.org, budget.id, 99);
  return periods.map(row).reverse();
}

function row({ start, end, committed, left, spent }: BudgetPeriod) {
  return [start.toISOString(), end.toISOString(), { committed, left, spent }];
}

const spent = (amount: number) => ({ committed: amount, left: 100 - amount, spent: amount });

test('the day on which clocks are set forward has 23 hours, and its own counters', async () => {
  const periods = await spendAt(
    { type: 'daily', timeZone: 'Europe/Berlin' },
    {
      '2035-03-24T22:59:59.999Z': 1,
      '2035-03-24T23:00:00Z': 2,
      '2035-03-25T00:59:59Z': 3,
      '2035-03-25T01:00:00Z': 4,
      '2035-03-25T21:59:59.999Z': 5,
      '2035-03-25T22:00:00Z': 6,
    },
  );
  expect(periods).toEqual([
    ['2035-03-23T23:00:00.000Z', '2035-03-24T23:00:00.000Z', spent(1)],
    ['2035-03-24T23:00:00.000Z', '2035-03-25T22:00:00.000Z', spent(14)],
    ['2035-03-25T22:00:00.000Z', '2035-03-26T22:00:00.000Z', spent(6)],
  ]);
});

test('the hour that comes twice when clocks are set back is one day of 25 hours', async () => {
  const periods = await spendAt(
    { type: 'daily', timeZone: 'Europe/Berlin' },
    {
      '2035-10-27T21:59:59Z': 1,
      // Half past two, and half past two again.
      '2035-10-28T00:30:00Z': 2,
      '2035-10-28T01:30:00Z': 3,
      '2035-10-28T22:59:59.999Z': 4,
      '2035-10-28T23:00:00Z': 5,
    },
  );
  expect(periods).toEqual([
    ['2035-10-26T22:00:00.000Z', '2035-10-27T22:00:00.000Z', spent(1)],
    ['2035-10-27T22:00:00.000Z', '2035-10-28T23:00:00.000Z', spent(9)],
    ['2035-10-28T23:00:00.000Z', '2035-10-29T23:00:00.000Z', spent(5)],
  ]);
});

test('months end with their last day, in the time zone of the budget', async () => {
  const periods = await spendAt(
    { type: 'monthly', timeZone: 'America/New_York' },
    {
      '2035-02-01T04:59:59.999Z': 1,
      '2035-02-01T05:00:00Z': 2,
      '2035-03-01T04:59:59.999Z': 3,
      '2035-03-01T05:00:00Z': 4,
      '2035-04-01T03:59:59.999Z': 5,
      '2035-04-01T04:00:00Z': 6,
    },
  );
  expect(periods).toEqual([
    ['2035-01-01T05:00:00.000Z', '2035-02-01T05:00:00.000Z', spent(1)],
    ['2035-02-01T05:00:00.000Z', '2035-03-01T05:00:00.000Z', spent(5)],
    ['2035-03-01T05:00:00.000Z', '2035-04-01T04:00:00.000Z', spent(9)],
    ['2035-04-01T04:00:00.000Z', '2035-05-01T04:00:00.000Z', spent(6)],
  ]);
});

test('a leap day is a day of February, and a period of its own for a daily budget', async () => {
  const costs = {
    '2036-02-28T23:59:59.999Z': 1,
    '2036-02-29T00:00:00Z': 2,
    '2036-02-29T23:59:59.999Z': 3,
    '2036-03-01T00:00:00Z': 4,
  };
  expect(await spendAt({ type: 'daily', timeZone: 'UTC' }, costs)).toEqual([
    ['2036-02-28T00:00:00.000Z', '2036-02-29T00:00:00.000Z', spent(1)],
    ['2036-02-29T00:00:00.000Z', '2036-03-01T00:00:00.000Z', spent(5)],
    ['2036-03-01T00:00:00.000Z', '2036-03-02T00:00:00.000Z', spent(4)],
  ]);
  world = await emptyWorld(ledgers.stores);
  expect(await spendAt({ type: 'monthly', timeZone: 'UTC' }, costs)).toEqual([
    ['2036-02-01T00:00:00.000Z', '2036-03-01T00:00:00.000Z', spent(6)],
    ['2036-03-01T00:00:00.000Z', '2036-04-01T00:00:00.000Z', spent(4)],
  ]);
});

test('a custom period ends with its last day; before and after it the budget limits nothing', async () => {
  const periods = await spendAt(
    { type: 'custom', startDate: '2035-06-10', endDate: '2035-06-12', timeZone: 'UTC' },
    {
      '2035-06-09T23:59:59.999Z': 1,
      '2035-06-10T00:00:00Z': 2,
      '2035-06-12T23:59:59.999Z': 3,
      '2035-06-13T00:00:00Z': 4,
    },
  );
  expect(periods).toEqual([['2035-06-10T00:00:00.000Z', '2035-06-13T00:00:00.000Z', spent(5)]]);
});

test('one cost under budgets of several periods and zones counts in each of them once', async () => {
  world.now = new Date('2035-12-31T23:30:00Z');
  const kinds = {
    day: await addBudget(world, 100, { period: { type: 'daily', timeZone: 'Asia/Tokyo' } }),
    week: await addBudget(world, 100, { period: { type: 'weekly', timeZone: 'UTC' } }),
    quarter: await addBudget(world, 100, { period: { type: 'quarterly', timeZone: 'UTC' } }),
    year: await addBudget(world, 100, { period: { type: 'yearly', timeZone: 'Europe/Berlin' } }),
  };
  const hold = await holdOf(world, 30);
  const draw = await drawFrom(world, hold, 20);
  await storeOf(world, 0).settle(hold, draw, entryIn(world, hold, draw, 12));
  expect(await differencesIn(world)).toEqual([]);
  const counters = { committed: 30, left: 70, spent: 12 };
  expect(row(await periodIn(world, kinds.day))).toEqual([
    '2035-12-31T15:00:00.000Z',
    '2036-01-01T15:00:00.000Z',
    counters,
  ]);
  expect(row(await periodIn(world, kinds.week))).toEqual([
    '2035-12-31T00:00:00.000Z',
    '2036-01-07T00:00:00.000Z',
    counters,
  ]);
  expect(row(await periodIn(world, kinds.quarter))).toEqual([
    '2035-10-01T00:00:00.000Z',
    '2036-01-01T00:00:00.000Z',
    counters,
  ]);
  expect(row(await periodIn(world, kinds.year))).toEqual([
    '2035-12-31T23:00:00.000Z',
    '2036-12-31T23:00:00.000Z',
    counters,
  ]);
  // The first of the four to end.
  expect(hold.validUntil.toISOString()).toBe('2036-01-01T00:00:00.000Z');
});

test('an edited budget: the present period has the new ceiling, one that is over keeps its own', async () => {
  const block = { warning: 0.5, throttle: 0.8, block: 0.9 };
  const budget = await addBudget(world, 100, {
    period: { type: 'daily', timeZone: 'UTC' },
    thresholds: block,
  });
  world.now = new Date('2035-05-01T12:00:00Z');
  await holdOf(world, 90);
  const { acquire, budgets, budgetPeriods } = storeOf(world, 0);
  expect(await acquire(requestOf(world, 1))).toHaveProperty('denied');
  world.now = new Date('2035-05-02T12:00:00Z');
  await holdOf(world, 50);
  await budgets.edit(world.org, budget.id, { amountNanoUsd: 77 }, 'key_1', world.now);
  // 0.9 × 77 = 69.3: not a nano-dollar more than 69.
  expect(await acquire(requestOf(world, 20))).toHaveProperty('denied');
  await holdOf(world, 19);
  await budgets.edit(world.org, budget.id, { thresholds: { ...block, block: 1 } }, 'key_1', world.now);
  await holdOf(world, 8);
  const [second, first] = await budgetPeriods.ofBudget(world.org, budget.id, 9);
  expect(first).toMatchObject({ amount: 100, ceiling: 90, committed: 90, left: 0 });
  expect(second).toMatchObject({ amount: 77, ceiling: 77, committed: 77, left: 0 });
  expect(await differencesIn(world)).toEqual([]);
});
