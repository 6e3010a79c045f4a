import { createCharge } from '../../store/hold-charge.ts';
import { newStore, type OpenedStore, ORG, racing } from './database.ts';
import { differencesOf, granted, newBudget, periodOf, wanted } from './money.ts';

let opened: OpenedStore;

beforeEach(async () => {
  opened = await newStore();
});
afterEach(() => opened.close());

const api = { owner: 'api', id: 'hld_1' };
const cost = (id: string, costNanoUsd: number) => ({
  id: `hld_1:${id}`,
  costNanoUsd,
  by: 'key_1',
  at: new Date(),
});

test('a charge becomes an entry, and its hold keeps so much less', async () => {
  const budget = await newBudget(opened, 100);
  const hold = await granted(opened, wanted(60, api));
  const charged = await opened.store.charge(hold, { ...cost('a', 25), step: 'answer' });
  expect(charged).toMatchObject({
    isNew: true,
    hold: { left: 35, amount: 60, state: 'open', open: [] },
    entry: { id: 'hld_1:a', hold: 'hld_1', costNanoUsd: 25, step: 'answer' },
  });
  expect(charged?.entry).not.toHaveProperty('flag');
  expect(await opened.store.holds.find(ORG, 'hld_1')).toMatchObject({ left: 35 });
  expect(await periodOf(opened, budget)).toMatchObject({ committed: 60, left: 40 });
  expect(await differencesOf(opened)).toEqual([]);
  expect(await periodOf(opened, budget)).toMatchObject({ committed: 60, spent: 25 });
});

test('the same id again is the same cost, also many times at once', async () => {
  await newBudget(opened, 100);
  const hold = await granted(opened, wanted(60, api));
  const charges = await racing(16, () => opened.store.charge(hold, cost('a', 25)));
  expect(charges.filter((charged) => charged?.isNew)).toHaveLength(1);
  expect(charges.map((charged) => charged?.hold.left)).toEqual(Array(16).fill(35));
  expect(await differencesOf(opened)).toEqual([]);
});

test('what a hold does not have is an overrun: committed beyond the limit, and told', async () => {
  const budget = await newBudget(opened, 100);
  const hold = await granted(opened, wanted(100, api));
  await opened.store.charge(hold, cost('a', 99));
  const exactly = await opened.store.charge(hold, cost('b', 1));
  expect(exactly?.entry).not.toHaveProperty('flag');
  const beyond = await opened.store.charge(hold, cost('c', 1));
  expect(beyond).toMatchObject({ hold: { left: 0 }, entry: { costNanoUsd: 1, flag: 'overrun' } });
  expect(await periodOf(opened, budget)).toMatchObject({ committed: 101, left: -1 });
  expect(await differencesOf(opened)).toEqual([]);
  const { rows } = await opened.store.auditLog.list(ORG, { event: 'overrun' }, { limit: 9 });
  expect(rows).toEqual([
    expect.objectContaining({
      subject: 'hld_1',
      by: 'key_1',
      details: { costNanoUsd: 1, beyondNanoUsd: 1 },
    }),
  ]);
});

test('a cost is kept on a hold that is closed, stale or over, and by those periods alone', async () => {
  const budget = await newBudget(opened, 100);
  const now = Date.now();
  const over = await granted(opened, wanted(10, { ...api, validUntil: new Date(now - 1) }));
  expect(await opened.store.charge(over, cost('a', 4))).toMatchObject({ hold: { left: 6 } });
  await opened.store.holds.markStale(ORG, {});
  expect(await opened.store.charge(over, cost('b', 4))).toMatchObject({ hold: { left: 2, state: 'stale' } });
  expect(await opened.store.release(over, new Date())).toBe(2);
  expect(await opened.store.charge(over, cost('c', 4))).toMatchObject({
    hold: { left: 0, state: 'closed' },
    entry: { flag: 'overrun' },
  });
  expect(await periodOf(opened, budget)).toMatchObject({ committed: 12, left: 88 });
  expect(await opened.store.release(over, new Date())).toBe(0);
  expect(await differencesOf(opened)).toEqual([]);
});

test('charges, releases and other holds at once leave every counter right', async () => {
  const budget = await newBudget(opened, 1000);
  const hold = await granted(opened, wanted(500, api));
  await Promise.all([
    ...Array.from({ length: 40 }, (_, at) => opened.store.charge(hold, cost(String(at), 20))),
    ...Array.from({ length: 8 }, () => opened.store.acquire(wanted(10))),
    opened.store.release(hold, new Date()),
    opened.store.fold(),
  ]);
  await opened.store.release(hold, new Date());
  expect(await periodOf(opened, budget)).toMatchObject({ committed: 880, left: 120 });
  expect(await differencesOf(opened)).toEqual([]);
});

test('there is no charge without a hold of the organization', async () => {
  await newBudget(opened, 100);
  await granted(opened, wanted(60, api));
  expect(await opened.store.charge({ _id: 'hld_2', org: ORG }, cost('a', 1))).toBeUndefined();
  expect(await opened.store.charge({ _id: 'hld_1', org: 'other' }, cost('a', 1))).toBeUndefined();
  expect(await opened.store.entries.unposted(9)).toEqual([]);
});

/** The writes of a charge beyond what is left. */
const WRITES = ['insertIn', 'updateOne', 'updateMany', 'addIn'] as const;

test.each(WRITES)(
  'a process that dies before its %s leaves nothing, and the next one does it all',
  async (write) => {
    const budget = await newBudget(opened, 100);
    const hold = await granted(opened, wanted(10, api));
    const dying = createCharge(opened.connection, { ...opened.store, ...deadAt(write) });
    await expect(dying(hold, cost('a', 15))).rejects.toThrow('died');
    expect(await opened.store.holds.find(ORG, 'hld_1')).toMatchObject({ left: 10 });
    expect(await periodOf(opened, budget)).toMatchObject({ committed: 10 });
    expect(await differencesOf(opened)).toEqual([]);
    expect(await opened.store.charge(hold, cost('a', 15))).toMatchObject({ isNew: true, hold: { left: 0 } });
    expect(await periodOf(opened, budget)).toMatchObject({ committed: 15 });
    expect(await differencesOf(opened)).toEqual([]);
  },
);

/** The real repositories, of which one write is never carried out. */
function deadAt(write: (typeof WRITES)[number]) {
  const { entries, holds, budgetPeriods, auditLog } = opened.store;
  const die = () => Promise.reject(new Error('died'));
  const dead = <T extends { model: { collection: object } }>(repository: T, method: string): T => {
    const collection = new Proxy(repository.model.collection, {
      get: (target, name) => (name === method ? die : (target as Record<PropertyKey, unknown>)[name]),
    });
    return { ...repository, model: { ...repository.model, collection } };
  };
  return {
    entries: write === 'insertIn' ? { ...entries, insertIn: die } : entries,
    holds: write === 'updateOne' ? dead(holds, 'updateOne') : holds,
    budgetPeriods: write === 'updateMany' ? dead(budgetPeriods, 'updateMany') : budgetPeriods,
    auditLog: write === 'addIn' ? { ...auditLog, addIn: die } : auditLog,
  };
}
