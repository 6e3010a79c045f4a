import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiRun } from '../../api/run-schemas.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { SHOP } from '../support/shop.ts';
import { type ErrorBody, type OpenStore, openStore } from './second-organization.ts';

interface Estimate {
  hash: string;
  basis: string;
  items: number;
  reusedItems: number;
  calls: number;
  costUsd: { p50: number; p90: number };
  steps: { step: string; basis: string; samples: number; outputTokens: { p50: number; p90: number } }[];
  classes: { class: string; items: number; costUsd: { p90: number } }[];
  overhead: { costUsd: { p90: number } };
  reuseSavings: { calls: number; costUsd: { p50: number } };
}
interface Accuracy {
  days: number;
  overall: { runs: number; coverage: number | null };
  weeks: { runs: number }[];
  groups: { model: string; basis: string; runs: number }[];
}

let bursar: Bursar;
let opened: OpenStore;
let projectId: string;
beforeAll(async () => {
  bursar = await startBursar();
  opened = await openStore(bursar);
  projectId = (await bursar.client.upload(SHOP, { name: 'shop' })).id;
});
afterAll(async () => {
  await opened.close();
  await bursar.stop();
});

const estimateOf = (options: object = {}) =>
  bursar.client.post<Estimate>('/estimates', { kind: 'documentation', input: { projectId }, options });
const accuracy = (query = '') => bursar.client.get<Accuracy>(`/estimates/accuracy${query}`);

/** What a run has taught comes a moment after its end. */
async function untilRuns(runs: number): Promise<Accuracy> {
  for (let look = 0; look < 100; look += 1) {
    const report = await accuracy();
    if (report.overall.runs >= runs) return report;
    await sleep(100);
  }
  throw new Error(`fewer than ${runs} runs have taught`);
}

async function run(options: object = {}): Promise<ApiRun> {
  const { id } = await bursar.client.startRun({ projectId }, options as Record<string, unknown>);
  return bursar.client.untilEnded(id);
}

test('an estimate is cold at first, calibrated by the first run, and right about the second', async () => {
  const cold = await estimateOf();
  expect(cold).toMatchObject({ basis: 'cold', items: 15, reusedItems: 0, calls: 90 });
  expect(cold.hash).toMatch(/^[0-9a-f]{64}$/);
  expect((await estimateOf()).hash).toBe(cold.hash);
  expect((await estimateOf({ model: 'offline/gpt-5' })).hash).not.toBe(cold.hash);
  expect(cold.classes.map(({ class: name, items }) => [name, items]).toSorted()).toEqual([
    ['intermediate', 3],
    ['marts', 5],
    ['staging', 7],
  ]);
  const sum = cold.classes.reduce((all, { costUsd }) => all + costUsd.p90, cold.overhead.costUsd.p90);
  expect(sum).toBeCloseTo(cold.costUsd.p90, 9);

  const first = await run();
  expect([first.state, first.cost.estimatedUsd]).toEqual(['completed', cold.costUsd]);
  expect(await bursar.client.get(`/runs/${first.id}/estimate`)).toEqual(cold);
  await untilRuns(1);
  const calibrated = await estimateOf();
  expect(calibrated.basis).toBe('calibrated');
  expect(calibrated.steps.map(({ basis, samples }) => [basis, samples])).toEqual(
    Array(6).fill(['calibrated', 15]),
  );
  expect(calibrated.hash).not.toBe(cold.hash);

  const second = await run({ regenerateAll: true });
  const { p50, p90 } = second.cost.estimatedUsd ?? { p50: 0, p90: 0 };
  expect(second.cost.actualUsd).toBeLessThanOrEqual(p90);
  expect(Math.abs(second.cost.actualUsd - p50) / p50).toBeLessThan(0.1);
  const report = await untilRuns(2);
  expect(report).toMatchObject({ days: 90, overall: { runs: 2 }, weeks: [{ runs: 2 }] });
  expect(report.groups.map(({ model, basis, runs }) => [model, basis, runs])).toEqual([
    ['offline/gpt-5-mini', 'calibrated', 1],
    ['offline/gpt-5-mini', 'cold', 1],
  ]);
}, 60_000);

test('what is fresh saves what it would have cost', async () => {
  await run({ skipExisting: true });
  const estimate = await estimateOf({ skipExisting: true });
  expect(estimate).toMatchObject({ items: 15, reusedItems: 15, calls: 0, costUsd: { p50: 0, p90: 0 } });
  const anew = await estimateOf({ regenerateAll: true });
  expect(estimate.reuseSavings.calls).toBe(90);
  expect(estimate.reuseSavings.costUsd.p50).toBeCloseTo(anew.costUsd.p50, 9);
}, 60_000);

test('a rehearsal with faults is calibrated as the model it stands in for', async () => {
  expect((await estimateOf({ model: 'offline:latencyMs=5,failEvery=7/gpt-5-mini' })).basis).toBe(
    'calibrated',
  );
  expect((await estimateOf({ model: 'offline/gpt-4o' })).basis).toBe('cold');
});

test('a cancelled run teaches nothing', async () => {
  const { id } = await bursar.client.startRun(
    { projectId },
    { model: 'offline:latencyMs=200/gpt-5-mini', regenerateAll: true, concurrency: 1 },
  );
  await bursar.client.until(id, ({ calls }) => calls > 0);
  await bursar.client.post(`/runs/${id}/cancel`);
  expect((await bursar.client.untilEnded(id)).state).toBe('cancelled');
  await sleep(1_000);
  expect(await opened.store.estimates.hasLearned('default', id, 1)).toBe(false);
}, 60_000);

test('accuracy is told for some days and one kind, and refuses what is neither', async () => {
  expect((await accuracy('?kind=intelligence')).overall).toMatchObject({ runs: 0, coverage: null });
  expect((await accuracy('?kind=documentation&days=1')).overall.runs).toBeGreaterThanOrEqual(2);
  for (const [query, field] of [
    ['days=0', 'days'],
    ['days=731', 'days'],
    ['kind=cooking', 'kind'],
    ['day=1', 'day'],
  ] as const) {
    const { status, body } = await bursar.client.send<ErrorBody>('GET', `/estimates/accuracy?${query}`);
    expect([status, body.error.details?.[0]?.field]).toEqual([400, field]);
  }
});

test('a run that is not estimated yet has no estimate to show', async () => {
  const { run: stored } = await opened.store.runs.create({
    _id: 'unestimated',
    org: 'default',
    kind: 'documentation',
    input: { projectId, revision: 1, layers: ['summary'] },
    options: { concurrency: 1, maxRetries: 0, skipExisting: false, regenerateAll: false, model: 'offline' },
    triggeredBy: { id: 'key_1' },
    requestHash: 'h',
  } as never);
  const { status, body } = await bursar.client.send<ErrorBody>('GET', `/runs/${stored._id}/estimate`);
  expect([status, body.error.code]).toEqual([404, 'not_found']);
});
