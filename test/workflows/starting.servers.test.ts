import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type { ApiRun } from '../../api/run-schemas.ts';
import { connectMongo } from '../../config/connections.ts';
import { createStore, type Store } from '../../store/index.ts';
import { SEARCH_ATTRIBUTES, workflowIdOf } from '../../workflows/messages.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { openTemporal } from '../support/histories.ts';
import { SHOP } from '../support/shop.ts';

let bursar: Bursar;
let temporal: Awaited<ReturnType<typeof openTemporal>>;
let connection: Connection;
let store: Store;
let projectId: string;

beforeAll(async () => {
  [bursar, temporal] = await Promise.all([startBursar({ apis: 2 }), openTemporal()]);
  connection = await connectMongo(bursar.environment.MONGODB_URI ?? '');
  store = createStore(connection);
  projectId = (await bursar.client.upload(SHOP)).id;
}, 90_000);

afterAll(async () => {
  await Promise.all([bursar?.stop(), temporal?.close(), connection?.close()]);
});

const handleOf = (id: string) => temporal.client.workflow.getHandle(workflowIdOf(id));
const request = (layers: string[]) => ({ kind: 'documentation', input: { projectId, layers } });

/** Runs that were made some minutes ago, so that housekeeping does not take them for new ones. */
async function age(id: string): Promise<void> {
  await store.runs.model.updateOne({ _id: id }, { $set: { createdAt: new Date(Date.now() - 300_000) } });
}

/** What the schedule starts every minute. */
async function keepHouse(): Promise<void> {
  await temporal.client.workflow.execute('housekeeping', {
    taskQueue: bursar.name,
    workflowId: `housekeeping-${Math.random()}`,
  });
}

/** A run as the API stores it, of a process that died before it started the workflow. */
async function storedRun(id: string): Promise<void> {
  const like = await bursar.client.startRun({ projectId, layers: ['summary'] });
  await bursar.client.untilEnded(like.id);
  const run = await store.runs.find('default', like.id);
  if (run === undefined) throw new Error('the run is not stored');
  const { org, kind, input, options, triggeredBy, requestHash } = run;
  await store.runs.create({ _id: id, org, kind, input, options, triggeredBy, requestHash });
}

test('housekeeping starts a stored run whose workflow never started, after a moment', async () => {
  await storedRun('neverstarted');
  await keepHouse();
  await expect(handleOf('neverstarted').describe()).rejects.toThrow(/not found/i);
  await age('neverstarted');
  await keepHouse();
  expect((await bursar.client.untilEnded('neverstarted')).state).toBe('completed');
});

test('a run whose workflow was terminated ends as failed, counts right, can be retried', async () => {
  const run = await bursar.client.startRun({ projectId }, { model: 'offline:latencyMs=150/gpt-5-mini' });
  await bursar.client.until(run.id, ({ progress }) => progress.done >= 1);
  await handleOf(run.id).terminate();
  await age(run.id);
  await keepHouse();
  const ended = await bursar.client.untilEnded(run.id, 5_000);
  expect([ended.state, ended.failure?.code]).toEqual(['failed', 'unexpected']);
  expect(ended.failure?.message).toContain('terminated');
  await sleep(1_000);
  expect((await bursar.client.send('POST', `/runs/${run.id}/retry`)).status).toBe(202);
  const again = await bursar.client.untilEnded(run.id);
  expect([again.state, again.round, again.progress.done]).toEqual(['completed', 2, 15]);
});

test('housekeeping delivers a pause, a resume and a cancel that got lost on their way', async () => {
  const run = await bursar.client.startRun({ projectId }, { model: 'offline:latencyMs=400/gpt-5-mini' });
  await bursar.client.until(run.id, ({ state }) => state === 'running');
  await age(run.id);
  await store.runs.request('default', run.id, { pauseRequested: true });
  await keepHouse();
  await bursar.client.until(run.id, ({ state }) => state === 'paused', 10_000);
  await store.runs.request('default', run.id, { pauseRequested: false });
  await keepHouse();
  await bursar.client.until(run.id, ({ state }) => state === 'running', 10_000);
  await store.runs.request('default', run.id, { cancelRequested: true });
  await keepHouse();
  expect((await bursar.client.untilEnded(run.id, 10_000)).state).toBe('cancelled');
});

test('housekeeping leaves an ended run and a run that is at work alone', async () => {
  const done = await bursar.client.startRun({ projectId, layers: ['summary'] });
  const busy = await bursar.client.startRun({ projectId }, { model: 'offline:latencyMs=100/gpt-5-mini' });
  const before = await bursar.client.untilEnded(done.id);
  await Promise.all([age(done.id), age(busy.id)]);
  await keepHouse();
  expect(await bursar.client.get<ApiRun>(`/runs/${done.id}`)).toMatchObject({
    state: before.state,
    endedAt: before.endedAt,
    round: 1,
  });
  expect((await bursar.client.untilEnded(busy.id)).state).toBe('completed');
});

test('a workflow that is started once more for an ended round changes nothing', async () => {
  const failObject = { model: 'offline:failObject=order_summary,failCode=llm_bad_request/gpt-5-mini' };
  const run = await bursar.client.startRun({ projectId, layers: ['summary'] }, failObject);
  const ended = await bursar.client.untilEnded(run.id);
  await handleOf(run.id).result();
  const input = { org: 'default', runId: run.id, kind: 'documentation', round: 1 };
  const second = temporal.client.workflow.execute('run', {
    taskQueue: bursar.name,
    workflowId: workflowIdOf(run.id),
    args: [{ ...input, concurrency: 4, searchAttributes: false }],
  });
  await expect(second).rejects.toThrow();
  expect(await bursar.client.get<ApiRun>(`/runs/${run.id}`)).toEqual(ended);
});

test('the same Idempotency-Key brings the same run, and with another request it is a conflict', async () => {
  const headers = { 'Idempotency-Key': 'nightly' };
  const send = (layers: string[]) => bursar.client.send<ApiRun>('POST', '/runs', request(layers), headers);
  const [first, second] = [await send(['summary']), await send(['summary'])];
  expect([first.status, second.status]).toEqual([202, 202]);
  expect(second.body.id).toBe(first.body.id);
  expect((await send(['business'])).status).toBe(409);
  expect((await bursar.client.untilEnded(first.body.id)).round).toBe(1);
  expect((await send(['summary'])).body).toMatchObject({ id: first.body.id, state: 'completed', round: 1 });
});

test('two API processes that race with the same key make one run and one workflow', async () => {
  const before = await bursar.client.get<{ total: number }>('/runs?limit=1');
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      bursar.clients[index % 2]!.send<ApiRun>('POST', '/runs', request(['summary']), {
        'Idempotency-Key': 'raced',
      }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(202));
  const ids = new Set(answers.map(({ body }) => body.id));
  expect(ids.size).toBe(1);
  const ended = await bursar.client.untilEnded([...ids][0] ?? '');
  expect([ended.state, ended.progress.done]).toEqual(['completed', 15]);
  expect((await bursar.client.get<{ total: number }>('/runs?limit=1')).total).toBe(before.total + 1);
});

test('Temporal shows organization, kind and state as attributes, and a line of progress', async () => {
  const run = await bursar.client.startRun({ projectId, layers: ['summary'] });
  const ended = await bursar.client.untilEnded(run.id);
  await handleOf(run.id).result();
  const described = await handleOf(run.id).describe();
  const attributes = Object.fromEntries(
    described.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]),
  );
  expect(attributes).toMatchObject({
    BursarOrg: 'default',
    BursarKind: 'documentation',
    BursarState: 'completed',
  });
  expect(attributes).not.toHaveProperty('BursarWaitReason');
  expect(described.memo?.progress).toBe(ended.message);
  expect(ended.message).toContain('15 of 15 objects');
  const own = `WorkflowId='${workflowIdOf(run.id)}'`;
  const query = `BursarState='completed' AND BursarKind='documentation' AND ${own}`;
  for (const deadline = Date.now() + 10_000; ; await sleep(100)) {
    const found: string[] = [];
    for await (const execution of temporal.client.workflow.list({ query })) found.push(execution.workflowId);
    if (found.length > 0) break;
    expect(Date.now()).toBeLessThan(deadline);
  }
});

test('Temporal shows why a run waits, for as long as it waits', async () => {
  const slow = await bursar.client.startRun(
    { projectId, layers: ['summary'] },
    { model: 'offline:rateLimitEvery=1,retryAfterMs=60000/gpt-5-mini', concurrency: 1 },
  );
  await bursar.client.until(slow.id, ({ state }) => state === 'waiting');
  const reasonOf = async () =>
    (await handleOf(slow.id).describe()).typedSearchAttributes.get(SEARCH_ATTRIBUTES.waitReason);
  // The stored state comes first; the workflow shows it in Temporal with its next task.
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await sleep(50))
    if ((await reasonOf()) !== undefined) break;
  expect(await reasonOf()).toBe('rate_limit');
  expect((await handleOf(slow.id).describe()).memo?.progress).toContain('limits the rate');
  await bursar.client.send('POST', `/runs/${slow.id}/cancel`);
  await bursar.client.untilEnded(slow.id);
  await expect(handleOf(slow.id).result()).rejects.toThrow();
  expect(await reasonOf()).toBeUndefined();
});
