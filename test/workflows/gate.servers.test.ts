import type { ApiRun } from '../../api/run-schemas.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { SHOP } from '../support/shop.ts';

let bursar: Bursar;
let projectId: string;

beforeAll(async () => {
  bursar = await startBursar();
  projectId = (await bursar.client.upload(SHOP)).id;
}, 90_000);

afterAll(() => bursar?.stop());

const start = (options = {}) => bursar.client.startRun({ projectId, layers: ['summary'] }, options);
const set = async (settings: object) => {
  const { status } = await bursar.client.send('PUT', '/admin/settings', settings);
  expect(status).toBe(200);
};
const waiting = (id: string) => bursar.client.until(id, ({ state }) => state === 'waiting', 20_000);
const approve = (id: string, body: object) =>
  bursar.client.send<{ error: { code: string; message: string } }>('POST', `/runs/${id}/approve`, body);

test('an estimate over the warning threshold waits for an approval of exactly this estimate', async () => {
  await set({ costWarningThreshold: 0.000001, costHardLimit: null });
  const run = await waiting((await start()).id);
  expect(run).toMatchObject({ waitReason: 'approval', calls: 0, cost: { heldUsd: 0 } });
  expect(Date.parse(run.waitingUntil ?? '') - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
  const stale = await approve(run.id, { hash: 'f'.repeat(64) });
  expect([stale.status, stale.body.error.code]).toEqual([409, 'conflict']);
  expect((await bursar.client.get<ApiRun>(`/runs/${run.id}`)).state).toBe('waiting');
  const estimate = await bursar.client.get<{ hash: string }>(`/runs/${run.id}/estimate`);
  expect(estimate.hash).toBe(run.cost.estimateHash);
  expect((await approve(run.id, { hash: estimate.hash })).status).toBe(202);
  const ended = await bursar.client.untilEnded(run.id);
  expect([ended.state, ended.approval?.by]).toEqual(['completed', expect.stringMatching(/^key_/)]);
  expect((await approve(run.id, { hash: estimate.hash })).status).toBe(409);
});

test('an approval may limit what the run may cost: there it waits until the limit is raised', async () => {
  await set({ costWarningThreshold: 0.000001, costHardLimit: null });
  const run = await waiting((await start({ concurrency: 2 })).id);
  const cap = Number(((run.cost.estimatedUsd?.p50 ?? 0) / 2).toFixed(9));
  expect((await approve(run.id, { hash: run.cost.estimateHash, maxCostUsd: cap })).status).toBe(202);
  const stopped = await bursar.client.until(run.id, ({ waitReason }) => waitReason === 'budget', 30_000);
  expect(stopped.waitBudget).toEqual({ id: null, name: "the run's own limit" });
  expect(stopped.cost.actualUsd).toBeLessThanOrEqual(cap);
  await bursar.client.send('PUT', `/runs/${run.id}/limit`, { maxCostUsd: 1 });
  expect((await bursar.client.untilEnded(run.id, 30_000)).state).toBe('completed');
});

test('an estimate over the hard limit ends the run as rejected, with the numbers, unspent', async () => {
  await set({ costWarningThreshold: null, costHardLimit: 0.000002 });
  const ended = await bursar.client.untilEnded((await start()).id);
  expect([ended.state, ended.failure?.code, ended.calls]).toEqual(['rejected', 'estimate_over_limit', 0]);
  expect(ended.failure?.message).toMatch(/p90 of \$0\.\d+ is over the hard limit of \$0\.000002/);
  await set({ costHardLimit: null });
});

test('a run that waits for its approval can be cancelled', async () => {
  await set({ costWarningThreshold: 0.000001 });
  const run = await waiting((await start()).id);
  await bursar.client.send('POST', `/runs/${run.id}/cancel`);
  expect((await bursar.client.untilEnded(run.id, 10_000)).state).toBe('cancelled');
  await set({ costWarningThreshold: null });
});
