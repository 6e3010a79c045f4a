import type { Connection } from 'mongoose';
import type { ApiRun } from '../../api/run-schemas.ts';
import { connectMongo } from '../../config/connections.ts';
import { createStore, type Store } from '../../store/index.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { manifestOf } from '../support/shop.ts';

let bursar: Bursar;
let connection: Connection;
let store: Store;
let projectId: string;

beforeAll(async () => {
  bursar = await startBursar({ workers: 2 });
  connection = await connectMongo(bursar.environment.MONGODB_URI ?? '');
  store = createStore(connection);
  projectId = (await bursar.client.upload({ manifest: manifestOf(40) })).id;
}, 90_000);

afterAll(async () => {
  await Promise.all([bursar?.stop(), connection?.close()]);
});

const budgetOf = async (amountUsd: number, team: string, more = {}) =>
  bursar.client.post<{ id: string }>('/budgets', {
    name: `for ${team}`,
    scope: { team },
    period: { type: 'monthly' },
    amountUsd,
    ...more,
  });

const start = (team: string, options = {}) =>
  bursar.client.post<ApiRun>('/runs', {
    kind: 'documentation',
    input: { projectId, layers: ['summary'] },
    options,
    scope: { team },
  });

async function differences() {
  await store.fold();
  return (await store.checkLedger('default')).differences;
}

test('a run without budgets leaves an entry for each call, and nothing is held at its end', async () => {
  const run = await start('none', { model: 'offline/gpt-4o-mini' });
  const ended = await bursar.client.untilEnded(run.id);
  expect(ended.state).toBe('completed');
  const entries = await store.entries.ofRun('default', run.id, { limit: 1000 });
  expect(entries).toHaveLength(ended.calls);
  expect(entries.reduce((sum, entry) => sum + entry.costNanoUsd, 0) / 1e9).toBeCloseTo(
    ended.cost.actualUsd,
    9,
  );
  expect(await store.holds.unsettledOf('default', run.id)).toEqual([]);
  expect(await differences()).toEqual([]);
});

test('a budget for about half is never passed; the run waits and says why, and a raise lets it end', async () => {
  const whole = await bursar.client.untilEnded((await start('measure')).id);
  const amount = Number((whole.cost.actualUsd / 2).toFixed(9));
  const budget = await budgetOf(amount, 'half');
  const run = await start('half', { concurrency: 8 });
  const waiting = await bursar.client.until(run.id, ({ state }) => state === 'waiting', 30_000);
  expect(waiting).toMatchObject({ waitReason: 'budget', waitBudget: { id: budget.id, name: 'for half' } });
  expect(waiting.waitingSince).not.toBeNull();
  expect(waiting.cost.actualUsd).toBeLessThanOrEqual(amount);
  expect(waiting.progress.processed).toBeGreaterThan(5);
  const [period] = await store.budgetPeriods.ofBudget('default', budget.id, 1);
  expect(period?.committed).toBeLessThanOrEqual(period?.ceiling ?? 0);
  expect(await store.holds.unsettledOf('default', run.id)).toEqual([]);
  await bursar.client.post(`/budgets/${budget.id}/raise`, { amountUsd: 1, reason: 'the test goes on' });
  const ended = await bursar.client.untilEnded(run.id, 30_000);
  expect([ended.state, ended.progress.processed]).toEqual(['completed', 40]);
  expect(await differences()).toEqual([]);
});
