import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type { ApiRun } from '../../api/run-schemas.ts';
import { connectMongo } from '../../config/connections.ts';
import { createStore, type Store } from '../../store/index.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { itemsOf, mostAtATime } from '../support/provider.ts';
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

const start = (team: string, options = {}, project = projectId) =>
  bursar.client.post<ApiRun>('/runs', {
    kind: 'documentation',
    input: { projectId: project, layers: ['summary'] },
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

test('a budget for about half is never passed: the run waits, says why, and ends after a raise', async () => {
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

test('a run that may wait no longer is let past all budgets by an admin, which is audited', async () => {
  const budget = await budgetOf(0.000001, 'bypassed');
  const run = await start('bypassed');
  await bursar.client.until(run.id, ({ waitReason }) => waitReason === 'budget', 20_000);
  await bursar.client.post(`/runs/${run.id}/bypass`, { reason: 'the board meets tomorrow' });
  const ended = await bursar.client.untilEnded(run.id, 30_000);
  expect([ended.state, ended.bypass?.reason]).toEqual(['completed', 'the board meets tomorrow']);
  const { rows } = await store.auditLog.list('default', { budget: budget.id }, { limit: 100 });
  expect(rows.map(({ event }) => event)).toContain('bypassed');
  const [period] = await store.budgetPeriods.ofBudget('default', budget.id, 1);
  expect(period?.left).toBeLessThan(0);
  expect(await differences()).toEqual([]);
});

test('priority 8 passes a budget that allows emergencies, with its reason; priority 7 waits', async () => {
  await budgetOf(0.000001, 'urgent', { policy: { allowEmergency: true } });
  const emergencyReason = 'an outage';
  const usual = await start('urgent', { priority: 7, emergencyReason });
  await bursar.client.until(usual.id, ({ waitReason }) => waitReason === 'budget', 20_000);
  const urgent = await start('urgent', { priority: 8, emergencyReason });
  expect((await bursar.client.untilEnded(urgent.id, 30_000)).state).toBe('completed');
  const { rows } = await store.auditLog.list('default', { event: 'emergency' }, { limit: 10 });
  expect(rows[0]).toMatchObject({ reason: 'an outage', by: urgent.id });
  await bursar.client.send('POST', `/runs/${usual.id}/cancel`);
  await bursar.client.untilEnded(usual.id);
});

test('a paused run gives its money back, and takes it again when it goes on', async () => {
  const budget = await budgetOf(1, 'paused');
  const run = await start('paused', { model: 'offline:latencyMs=200/gpt-5-mini' });
  await bursar.client.until(run.id, ({ progress }) => progress.done >= 2, 20_000);
  const held = await bursar.client.get<ApiRun>(`/runs/${run.id}`);
  expect(held.cost.heldUsd).toBeGreaterThan(0);
  await bursar.client.send('POST', `/runs/${run.id}/pause`);
  const paused = await bursar.client.until(run.id, ({ state }) => state === 'paused', 20_000);
  expect(paused.cost.heldUsd).toBe(0);
  await store.fold();
  const [period] = await store.budgetPeriods.ofBudget('default', budget.id, 1);
  expect(period?.committed).toBe(period?.spent);
  await bursar.client.send('POST', `/runs/${run.id}/resume`);
  expect((await bursar.client.untilEnded(run.id, 60_000)).state).toBe('completed');
  expect(await differences()).toEqual([]);
});

test('a budget that is made and one that is deleted during a run count from the next call on', async () => {
  const run = await start('changing', { model: 'offline:latencyMs=150/gpt-5-mini' });
  await bursar.client.until(run.id, ({ progress }) => progress.done >= 2, 20_000);
  const budget = await budgetOf(0.000001, 'changing');
  const waiting = await bursar.client.until(run.id, ({ state }) => state === 'waiting', 20_000);
  expect(waiting.waitBudget?.id).toBe(budget.id);
  expect((await bursar.client.send('DELETE', `/budgets/${budget.id}`)).status).toBeLessThan(300);
  expect((await bursar.client.untilEnded(run.id, 60_000)).state).toBe('completed');
  expect(await differences()).toEqual([]);
});

test('above its throttle threshold a budget makes the window smaller', async () => {
  const measure = await bursar.client.untilEnded((await start('measured')).id, 30_000);
  const amountUsd = Number((measure.cost.actualUsd * 20).toFixed(9));
  const thresholds = { warning: 0.001, throttle: 0.004, block: 1 };
  const { id } = await budgetOf(amountUsd, 'throttled', { thresholds });
  // Long enough for the word to come round on a busy machine: spend is folded, and read, once a second.
  const { id: long } = await bursar.client.upload({ manifest: manifestOf(160) });
  const options = { concurrency: 8, model: 'offline:latencyMs=300/gpt-5-mini' };
  const run = await start('throttled', options, long);
  for (let status = ''; status !== 'throttled'; await sleep(50))
    ({ status } = await bursar.client.get<{ status: string }>(`/budgets/${id}`));
  const heardAt = Date.now() + 3_000;
  await bursar.client.untilEnded(run.id, 60_000);
  const items = await itemsOf(bursar.client, run);
  const late = items.filter(({ startedAt }) => Date.parse(startedAt ?? '') > heardAt);
  expect(late.length).toBeGreaterThan(8);
  expect(mostAtATime(items)).toBe(8);
  expect(mostAtATime(late)).toBeLessThanOrEqual(4);
}, 90_000);

test('the most urgent of the runs that wait goes first when there is money again', async () => {
  const budget = await budgetOf(0.000001, 'queue');
  const low = await start('queue', { priority: 2 });
  await bursar.client.until(low.id, ({ waitReason }) => waitReason === 'budget', 20_000);
  const high = await start('queue', { priority: 7 });
  await bursar.client.until(high.id, ({ waitReason }) => waitReason === 'budget', 20_000);
  await bursar.client.post(`/budgets/${budget.id}/raise`, { amountUsd: 1, reason: 'both may go on' });
  const [first, second] = await Promise.all([
    bursar.client.untilEnded(high.id, 60_000),
    bursar.client.untilEnded(low.id, 60_000),
  ]);
  const wentOn = ({ id }: ApiRun) =>
    store.runs
      .find('default', id)
      .then((run) => run?.history.findLast(({ state }) => state === 'running')?.at);
  expect((await wentOn(first))?.getTime()).toBeLessThan((await wentOn(second))?.getTime() ?? 0);
});
