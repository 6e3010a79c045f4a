import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiHold } from '../../api/hold-schemas.ts';
import { codeRows, read } from '../docs/pages.ts';
import { newBudget } from '../store/money.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { clientOf, type OpenStore, openStore } from './second-organization.ts';

let bursar: Bursar;
let opened: OpenStore;

beforeAll(async () => {
  bursar = await startBursar({ workers: 0 });
  opened = await openStore(bursar);
});
afterAll(async () => {
  await opened.close();
  await bursar.stop();
});

/** The value of each sample, by its name with its labels. */
async function metrics() {
  const response = await fetch(`${bursar.client.url}/metrics`);
  const text = await response.text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const values = new Map(lines.map((line) => [line.split(' ')[0], Number(line.split(' ')[1])]));
  return { status: response.status, type: response.headers.get('content-type'), text, values };
}

test('tell of money over all organizations, without a key, and are kept for five seconds', async () => {
  const before = await metrics();
  expect([before.status, before.type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  for (const [, name] of before.text.matchAll(/^# TYPE (\w+)/gm))
    expect(before.text).toContain(`# HELP ${name} `);
  expect(before.values.get('total_spend_tracked_dollars')).toBe(0);
  expect(before.values.get('cost_model_drift_percent')).toBeNaN();

  await newBudget(opened, 10e9);
  await newBudget(opened, 5e9, { scope: { team: 'other' }, active: false });
  const hold = await bursar.client.post<ApiHold>('/holds', { amountUsd: 9 });
  await bursar.client.post(`/holds/${hold.id}/entries`, { costUsd: 7.75 });
  const stranger = await clientOf(bursar, opened, 'metric-strangers', 'admin');
  const job = { jobId: 'j1', queueName: 'q', jobType: 't', cpuTime: 1000, memoryMbSeconds: 0 };
  const sizes = { payloadBytes: 0, redisOps: 0, networkBytes: 0 };
  const { totalCostUsd } = await stranger.post<{ totalCostUsd: number }>('/costs/jobs', { ...job, ...sizes });
  const benchmark = { jobType: 't', actualCost: 1, calculatedCost: 1.5, cpuTime: 1, memoryMbSeconds: 0 };
  const timestamp = new Date().toISOString();
  await stranger.post('/benchmarks', { ...benchmark, ...sizes, timestamp });
  await opened.store.fold();
  for (let at = 0; at < 3; at += 1) await bursar.client.post('/budgets/check', { queue: 'q', priority: 5 });
  expect((await metrics()).values.get('open_holds_total')).toBe(0);
  await sleep(5_100);

  const { values } = await metrics();
  expect(values.get('active_budgets_total')).toBe(1);
  expect(values.get('open_holds_total')).toBe(1);
  expect(values.get('held_dollars')).toBe(1.25);
  expect(values.get('committed_dollars')).toBe(9);
  expect(values.get('total_spend_tracked_dollars')).toBeCloseTo(7.75 + totalCostUsd, 9);
  expect(values.get('budget_warnings_total')).toBe(1);
  expect([values.get('budget_throttles_total'), values.get('budget_blocks_total')]).toEqual([0, 0]);
  expect(values.get('budget_decisions_total{type="warn"}')).toBe(3);
  expect(values.get('budget_checks_per_second')).toBeGreaterThan(0);
  expect(values.get('cost_calculation_duration_ms_count')).toBe(1);
  expect(values.get('cost_model_drift_percent')).toBeCloseTo(50, 6);
});

test('say nothing of who there is', async () => {
  const { text } = await metrics();
  for (const name of ['default', 'metric-strangers', bursar.key]) expect(text).not.toContain(name);
});

test('are those that docs/ledger.md lists, by their types', async () => {
  const { text } = await metrics();
  const told = Array.from(text.matchAll(/^# TYPE (\w+) (\w+)$/gm), ([, name, type]) => [name, type]);
  const listed = codeRows(read('docs/ledger.md')).filter(([name = '']) => /^[a-z_]+$/.test(name));
  expect(listed.map(([name, type]) => [name, type])).toEqual(told);
});
