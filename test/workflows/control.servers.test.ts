import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiRun } from '../../api/run-schemas.ts';
import { workflowIdOf } from '../../workflows/messages.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { activitiesIn, executionsOf, openTemporal, tasksThatSaw } from '../support/histories.ts';
import { itemsOf, mostAtATime } from '../support/provider.ts';
import { manifestOf, SHOP } from '../support/shop.ts';

let bursar: Bursar;
let temporal: Awaited<ReturnType<typeof openTemporal>>;
let shop: string;
let flat: string;

beforeAll(async () => {
  [bursar, temporal] = await Promise.all([startBursar(), openTemporal()]);
  shop = (await bursar.client.upload(SHOP, { name: 'shop' })).id;
  flat = (await bursar.client.upload({ manifest: manifestOf(40, { parents: false }) }, { name: 'flat' })).id;
}, 90_000);

afterAll(async () => {
  await Promise.all([bursar?.stop(), temporal?.close()]);
});

const tell = (run: ApiRun, what: string) => bursar.client.send<ApiRun>('POST', `/runs/${run.id}/${what}`);
const statusOf = async (run: ApiRun, what: string) => (await tell(run, what)).status;

function start(latencyMs: number, options = {}, input: Record<string, unknown> = { projectId: shop }) {
  return bursar.client.startRun(input, { model: `offline:latencyMs=${latencyMs}/gpt-5-mini`, ...options });
}

test('after a pause steps under way end, none starts, and the run is paused once quiet', async () => {
  const run = await start(80);
  await bursar.client.until(run.id, ({ progress }) => progress.done >= 1);
  const paused = await tell(run, 'pause');
  expect([paused.status, paused.body.state]).toEqual([202, 'pausing']);
  await bursar.client.until(run.id, ({ state }) => state !== 'pausing');
  const quiet = await bursar.client.get<ApiRun>(`/runs/${run.id}`);
  expect([quiet.state, quiet.progress.current]).toEqual(['paused', null]);
  expect(quiet.pausedAt).not.toBeNull();
  expect(await itemsOf(bursar.client, run, 'working')).toEqual([]);
  await sleep(500);
  expect((await bursar.client.get<ApiRun>(`/runs/${run.id}`)).progress).toEqual(quiet.progress);

  expect(await statusOf(run, 'resume')).toBe(202);
  const ended = await bursar.client.untilEnded(run.id);
  expect([ended.state, ended.progress.done, ended.progress.percent]).toEqual(['completed', 15, 100]);

  const [execution] = await executionsOf(temporal.client, run.id);
  const events = execution?.events ?? [];
  const [pausedBy = 0] = tasksThatSaw(events, 'pause');
  const [resumedBy = 0] = tasksThatSaw(events, 'resume');
  const activities = activitiesIn(events);
  const items = activities.filter(({ name }) => name === 'processItem');
  const between = items.filter(({ decidedBy }) => decidedBy >= pausedBy && decidedBy < resumedBy);
  expect(between).toEqual([]);
  const shown = activities.find(({ input }) => input.state === 'paused');
  const underWay = items.filter(
    ({ eventId, endedBy }) => eventId < shown!.eventId && endedBy > shown!.eventId,
  );
  expect(underWay).toEqual([]);
  expect(items.filter(({ eventId }) => eventId < shown!.eventId).length).toBeGreaterThan(0);
});

test('a pause that is taken back again and again never leaves the run standing', async () => {
  const run = await start(60, { concurrency: 8 }, { projectId: flat, layers: ['summary', 'business'] });
  for (let round = 0; round < 8; round += 1) {
    await bursar.client.until(run.id, ({ state }) => state !== 'queued' && state !== 'planning');
    expect(await statusOf(run, 'pause')).toBe(202);
    await sleep(round * 90);
    expect(await statusOf(run, 'resume')).toBe(202);
  }
  const ended = await bursar.client.untilEnded(run.id, 25_000);
  expect([ended.state, ended.progress.done]).toEqual(['completed', 40]);
});

test('a cancel with slow calls in flight ends within two seconds and keeps what is done', async () => {
  const run = await start(20_000);
  await bursar.client.until(run.id, ({ progress }) => progress.current !== null);
  await sleep(500);
  expect((await itemsOf(bursar.client, run, 'working')).length).toBeGreaterThan(1);
  const askedAt = Date.now();
  expect((await tell(run, 'cancel')).body.state).toBe('cancelling');
  const ended = await bursar.client.untilEnded(run.id);
  expect(Date.now() - askedAt).toBeLessThan(2_000);
  expect([ended.state, ended.progress.failed]).toEqual(['cancelled', 0]);
  expect(await itemsOf(bursar.client, run, 'working')).toEqual([]);
  const handle = temporal.client.workflow.getHandle(workflowIdOf(run.id));
  await expect(handle.result()).rejects.toThrow();
  expect((await handle.describe()).status.name).toBe('CANCELLED');
});

test('a cancelled run keeps its finished objects, and a retry at once goes on with the rest', async () => {
  const run = await start(40, {}, { projectId: flat, layers: ['summary'] });
  await bursar.client.until(run.id, ({ progress }) => progress.done >= 10);
  await tell(run, 'cancel');
  const cancelled = await bursar.client.untilEnded(run.id);
  expect(cancelled.state).toBe('cancelled');
  expect(cancelled.progress.done).toBeGreaterThanOrEqual(10);
  expect(cancelled.progress.done).toBeLessThan(40);
  const before = (await itemsOf(bursar.client, run)).filter(({ state }) => state === 'done');

  expect(await statusOf(run, 'retry')).toBe(202);
  const ended = await bursar.client.untilEnded(run.id, 20_000);
  expect([ended.state, ended.round, ended.progress.done]).toEqual(['completed', 2, 40]);
  const after = new Map((await itemsOf(bursar.client, run)).map((item) => [item.seq, item.endedAt]));
  expect(before.map(({ seq }) => after.get(seq))).toEqual(before.map(({ endedAt }) => endedAt));
});

test('a run cancelled in the middle of its plan does all of its objects when retried', async () => {
  const run = await start(0, {}, { projectId: flat, layers: ['summary'] });
  await tell(run, 'cancel');
  expect((await bursar.client.untilEnded(run.id)).state).toBe('cancelled');
  await tell(run, 'retry');
  const ended = await bursar.client.untilEnded(run.id, 20_000);
  expect([ended.state, ended.progress.total, ended.progress.done]).toEqual(['completed', 40, 40]);
});

test('a run that is paused, even before it began to work, can be cancelled', async () => {
  const run = await start(50);
  expect(await statusOf(run, 'pause')).toBe(202);
  const paused = await bursar.client.until(run.id, ({ state }) => state === 'paused');
  expect([paused.progress.total, paused.progress.processed]).toEqual([15, 0]);
  await tell(run, 'cancel');
  expect((await bursar.client.untilEnded(run.id, 5_000)).state).toBe('cancelled');
});

test('a control is accepted again, and one that makes no sense is a conflict', async () => {
  const run = await start(100, {}, { projectId: flat, layers: ['summary'] });
  await bursar.client.until(run.id, ({ state }) => state === 'running');
  expect(await statusOf(run, 'resume')).toBe(409);
  expect([await statusOf(run, 'pause'), await statusOf(run, 'pause')]).toEqual([202, 202]);
  await bursar.client.until(run.id, ({ state }) => state === 'paused');
  expect([await statusOf(run, 'pause'), await statusOf(run, 'resume')]).toEqual([202, 202]);
  await bursar.client.until(run.id, ({ state }) => state === 'running');
  expect(await statusOf(run, 'resume')).toBe(409);
  expect(await statusOf(run, 'retry')).toBe(409);
  expect([await statusOf(run, 'cancel'), await statusOf(run, 'pause')]).toEqual([202, 409]);
  await bursar.client.untilEnded(run.id);
  for (const what of ['cancel', 'pause', 'resume']) expect(await statusOf(run, what)).toBe(409);
  expect((await bursar.client.send('POST', '/runs/nosuchrun/pause')).status).toBe(404);
});

test('the concurrency of an open run can be changed, and only to what is allowed', async () => {
  const run = await start(200, { concurrency: 1 }, { projectId: flat, layers: ['summary'] });
  await bursar.client.until(run.id, ({ progress }) => progress.done >= 3);
  const set = (concurrency: unknown) =>
    bursar.client.send<ApiRun>('PUT', `/runs/${run.id}/concurrency`, { concurrency });
  for (const wrong of [0, 65, 2.5, '8', null]) expect((await set(wrong)).status).toBe(400);
  const before = (await itemsOf(bursar.client, run)).filter(({ endedAt }) => endedAt !== null);
  expect(mostAtATime(before)).toBe(1);
  const { status, body } = await set(8);
  expect([status, body.options.concurrency]).toEqual([200, 8]);
  expect((await bursar.client.untilEnded(run.id)).state).toBe('completed');
  const after = (await itemsOf(bursar.client, run)).slice(before.length + 1);
  expect(mostAtATime(after)).toBe(8);
  expect((await set(4)).status).toBe(409);
});
