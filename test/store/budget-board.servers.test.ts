import { setTimeout as sleep } from 'node:timers/promises';
import { type BudgetBoard, createBudgetBoard } from '../../store/budget-board.ts';
import { newStore, type OpenedStore, ORG, racing } from './database.ts';
import { newBudget, terms } from './money.ts';

let opened: OpenedStore;
let board: BudgetBoard;
/** Commands that were sent to the database. */
let questions = 0;

beforeEach(async () => {
  opened = await newStore();
  board = createBudgetBoard(opened.store);
  opened.connection.set('debug', () => {
    questions += 1;
  });
});
afterEach(() => opened.close());

const request = (scope = {}) => ({ scope, priority: 5, at: new Date() });
const typeOf = async (scope = {}) => (await board.check(ORG, request(scope))).type;

test('checks within a second of a look ask the database nothing', async () => {
  for (let at = 0; at < 20; at += 1)
    await newBudget(opened, 10, {
      scope: at < 4 ? {} : { queue: `q${at}` },
      period: { type: 'daily', timeZone: 'Europe/Berlin' },
    });
  await typeOf({ queue: 'q7' });
  questions = 0;
  for (let at = 0; at < 300; at += 1) await board.check(ORG, request({ queue: 'q7', team: 'x' }));
  // A look in the background may come in between, whatever is asked.
  expect(questions).toBeLessThanOrEqual(4);
  expect(board.decisions).toEqual({ allow: 301, warn: 0, throttle: 0, block: 0 });
});

test('all who ask at once are answered by one read', async () => {
  await newBudget(opened, 0);
  questions = 0;
  const types = await racing(50, () => typeOf());
  expect(new Set(types)).toEqual(new Set(['block']));
  expect(questions).toBeLessThanOrEqual(4);
});

test('a change is seen after a second without being told, and at once when told', async () => {
  const { id } = await newBudget(opened, 0);
  expect(await typeOf()).toBe('block');
  await opened.store.budgets.edit(ORG, id, { amountNanoUsd: 100 }, 'key_1', new Date());
  await sleep(1000);
  expect(await typeOf()).toBe('allow');
  await opened.store.budgets.edit(ORG, id, { amountNanoUsd: 0 }, 'key_1', new Date());
  board.forget(ORG);
  expect(await typeOf()).toBe('block');
});

test('who asks for the first time is told what was spent, also by a budget made just now', async () => {
  expect(await typeOf()).toBe('allow');
  const budget = await newBudget(opened, 100, { per: 'user' });
  for (const user of ['ann', 'bob'])
    await opened.store.outsideCosts.post(ORG, 'job', [
      { id: user, scope: { user }, costNanoUsd: 100, components: {}, at: new Date() },
    ]);
  await opened.store.fold();
  board.forget(ORG);
  expect(await board.check(ORG, request({ user: 'ann' }))).toMatchObject({
    type: 'block',
    budgetId: budget.id,
  });
  expect(await typeOf({ user: 'bob' })).toBe('block');
  expect(await typeOf({ user: 'cid' })).toBe('allow');
  expect(await typeOf()).toBe('allow');
});

test('a run’s own limit and budgets of other organizations have no part in it', async () => {
  await opened.store.budgetPeriods.openCap(ORG, 'run1', 0, new Date());
  await opened.store.organizations.ensure('other', 'other');
  await opened.store.budgets.create('other', 'bud_other', terms(0), 'key_1', new Date());
  expect(await typeOf()).toBe('allow');
  expect((await board.check('other', request())).type).toBe('block');
});

test('a database that does not answer is told of, rather than old numbers given', async () => {
  expect(await typeOf()).toBe('allow');
  await opened.close();
  expect(await typeOf()).toBe('allow');
  await sleep(1050);
  await expect(typeOf()).rejects.toThrow();
});
