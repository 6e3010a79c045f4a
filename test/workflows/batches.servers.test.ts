import { Client, Connection as TemporalConnection } from '@temporalio/client';
import type { Connection } from 'mongoose';
import type { ApiBatch, ApiBatchResult } from '../../api/batch-schemas.ts';
import { connectMongo } from '../../config/connections.ts';
import { isEnded, type RunState } from '../../domain/run.ts';
import { createStore, type Store } from '../../store/index.ts';
import type { Run } from '../../store/run-record.ts';
import { type BatchFields, batchOf, mostRunsAtATime, untilBatch } from '../support/batches.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { SHOP } from '../support/shop.ts';

let bursar: Bursar;
let connection: Connection;
let store: Store;
let projectId: string;

beforeAll(async () => {
  bursar = await startBursar();
  connection = await connectMongo(bursar.environment.MONGODB_URI ?? '');
  store = createStore(connection);
  projectId = (await bursar.client.upload(SHOP)).id;
}, 90_000);

afterAll(async () => {
  await Promise.all([bursar?.stop(), connection?.close()]);
});

type Refused = { error: { code: string; message: string; details: { field: string; problem: string }[] } };
type Submitted = ApiBatch & { added: number; unchanged: number };

const SLOW = 'offline:latencyMs=150/gpt-5-mini';
const fileOf = (name: string, count: number, more: BatchFields = {}) =>
  batchOf(projectId, { name, ...more }, count);
const submit = (file: object) => bursar.client.post<Submitted>('/batches', file);
const refused = (path: string, body: object) => bursar.client.send<Refused>('POST', path, body);
const runsOf = async (id: string): Promise<Run[]> =>
  (await store.runs.ofBatch('default', id, { limit: 100 })).rows;

const until = (id: string, wanted: (batch: ApiBatch) => boolean) => untilBatch(bursar, id, wanted);
const untilEnded = (id: string) => until(id, ({ state }) => isEnded(state as RunState));

async function differences() {
  do await store.fold();
  while ((await store.entries.unposted(1)).length > 0);
  return (await store.checkLedger('default')).differences;
}

test('all that is wrong with a file is told at once, and nothing of it is stored', async () => {
  const file = fileOf('wrong', 5);
  const runs = [
    ...file.runs.slice(0, 1),
    { externalId: 'r0', variables: { model: 'stg_orders' } },
    { externalId: 'no-model' },
    { externalId: 'no-such', variables: { model: 'nothing_of_this_name' } },
    { externalId: 'fast', variables: { model: 'stg_orders' }, options: { concurrency: 1000 } },
    { variables: { model: 'stg_orders' } },
  ];
  const first = await refused('/batches', { ...file, runs });
  expect([first.status, first.body.error.code]).toEqual([400, 'invalid_input']);
  expect(first.body.error.details).toEqual(
    [
      { field: 'runs.1.externalId', problem: expect.stringContaining('runs.0 too') },
      {
        field: 'runs.2.input.select.0',
        problem: 'no value is given for the variable model (externalId "no-model")',
      },
      { field: 'runs.4.options.concurrency', problem: expect.stringMatching(/64.*\(externalId "fast"\)$/) },
      { field: 'runs.5.externalId', problem: expect.any(String) },
    ].sort((a, b) => (a.field < b.field ? -1 : 1)),
  );
  const unknown = await refused('/batches', { ...file, runs: [runs[0], runs[3]] });
  expect([unknown.status, unknown.body.error.details[0]?.field]).toEqual([
    400,
    expect.stringMatching(/^runs\.1\.input\./),
  ]);
  expect(await bursar.client.get('/batches')).toEqual({ batches: [], total: 0, has_more: false });
  expect(await store.runs.model.countDocuments({ org: 'default' })).toBe(0);
});

test('the same file again changes nothing, more runs are added, others of a name are refused', async () => {
  const file = fileOf('weekly', 2);
  const [one, other] = await Promise.all([submit(file), submit(file)]);
  expect(one.id).toBe(other.id);
  expect([one.added + other.added, one.unchanged + other.unchanged]).toEqual([2, 2]);
  const ended = await untilEnded(one.id);
  expect(ended).toMatchObject({
    state: 'completed',
    progress: { total: 2, percent: 100, items: { processed: 2 } },
  });
  const before = await runsOf(one.id);
  expect(await submit(file)).toMatchObject({ id: one.id, state: 'completed', added: 0, unchanged: 2 });
  expect(await runsOf(one.id)).toEqual(before);
  const changed = { ...file, runs: [{ externalId: 'r1', variables: { model: 'stg_orders' } }] };
  const conflict = await refused('/batches', changed);
  expect([conflict.status, conflict.body.error.message]).toEqual([409, expect.stringContaining('"r1"')]);
  expect(await submit(fileOf('weekly', 3))).toMatchObject({ added: 1, unchanged: 2, progress: { total: 3 } });
  expect(await untilEnded(one.id)).toMatchObject({
    state: 'completed',
    progress: { items: { processed: 3 } },
  });
  expect((await runsOf(one.id)).slice(0, 2)).toEqual(before);
  const lines = String((await bursar.client.send('GET', `/batches/${one.id}/results`)).body)
    .trim()
    .split('\n');
  const results = lines.map((line) => JSON.parse(line) as ApiBatchResult);
  expect(results.map(({ externalId, state, items }) => [externalId, state, items.done])).toEqual(
    ['r0', 'r1', 'r2'].map((id) => [id, 'completed', 1]),
  );
  const sum = results.reduce((total, { costUsd }) => total + costUsd, 0);
  expect((await untilEnded(one.id)).cost.actualUsd).toBeCloseTo(sum, 9);
});

test('one approval of the sum lets all begin, one after the other where that is asked for', async () => {
  const estimate = await bursar.client.post<{ costUsd: { p90: number } }>(
    '/batches/estimate',
    fileOf('', 3, { name: undefined }),
  );
  // Each by itself is far below.
  await bursar.client.send('PUT', '/admin/settings', { costWarningThreshold: estimate.costUsd.p90 * 0.9 });
  const { id } = await submit(fileOf('approved', 3, { order: 'sequential' }));
  const waiting = await until(id, ({ waitReason }) => waitReason === 'approval');
  expect(waiting).toMatchObject({ state: 'waiting', cost: { estimatedUsd: estimate.costUsd, heldUsd: 0 } });
  expect(waiting.progress).toMatchObject({ total: 3, parked: 3, items: { total: 3, processed: 0 } });
  expect((await refused(`/batches/${id}/approve`, { hash: 'f'.repeat(64) })).status).toBe(409);
  const [first] = await runsOf(id);
  expect((await refused(`/runs/${first?._id}/execute`, {})).status).toBe(409);
  // Whoever has news for it starts a workflow that was lost.
  const temporal = await TemporalConnection.connect({ address: bursar.environment.TEMPORAL_ADDRESS ?? '' });
  await new Client({ connection: temporal }).workflow.getHandle(`batch:${id}`).terminate();
  await temporal.close();
  const approved = await bursar.client.post<ApiBatch>(`/batches/${id}/approve`, {
    hash: waiting.cost.estimateHash,
  });
  expect(approved.approval?.by).toMatch(/^key_/);
  expect((await untilEnded(id)).state).toBe('completed');
  await bursar.client.send('PUT', '/admin/settings', { costWarningThreshold: null });
  const runs = await runsOf(id);
  expect(mostRunsAtATime(runs)).toBe(1);
  const began = runs.map(({ startedAt }) => startedAt?.getTime() ?? 0);
  expect(began).toEqual(began.toSorted((a, b) => a - b));
});

test('a sum over the hard limit ends the batch as rejected, unspent', async () => {
  await bursar.client.send('PUT', '/admin/settings', { costHardLimit: 0.000001 });
  const { id } = await submit(fileOf('too dear', 2));
  const ended = await untilEnded(id);
  await bursar.client.send('PUT', '/admin/settings', { costHardLimit: null });
  expect(ended).toMatchObject({
    state: 'rejected',
    failure: { code: 'estimate_over_limit' },
    cost: { actualUsd: 0 },
  });
  expect(ended.progress).toMatchObject({ parked: 0, ended: { cancelled: 2 } });
});

test('a budget that lacks a nano-dollar lets none begin; with it, one hold pays for all', async () => {
  // Of the whole project each: what they will probably cost is more than one call may cost at worst.
  const input = { projectId, layers: ['summary'] };
  const defaults = { kind: 'documentation', input, options: {}, scope: { team: 'batches' } };
  const file = { ...fileOf('paid', 3, { order: 'sequential' }), defaults };
  const estimate = await bursar.client.post<ApiBatch['cost'] & { costUsd: { p90: number } }>(
    '/batches/estimate',
    file,
  );
  const amount = Math.round(estimate.costUsd.p90 * 1e9);
  const budget = await bursar.client.post<{ id: string }>('/budgets', {
    name: 'for batches',
    scope: { team: 'batches' },
    period: { type: 'monthly' },
    amountUsd: (amount - 1) / 1e9,
  });
  const period = async () => (await store.budgetPeriods.ofBudget('default', budget.id, 1))[0];
  const { id } = await submit(file);
  const waiting = await until(id, ({ waitReason }) => waitReason === 'budget');
  expect(waiting).toMatchObject({
    waitBudget: { id: budget.id, name: 'for batches' },
    cost: { actualUsd: 0, heldUsd: 0 },
    progress: { parked: 3 },
  });
  expect((await period())?.committed).toBe(0);
  await bursar.client.post(`/budgets/${budget.id}/raise`, { amountUsd: 1e-9, reason: 'the last bit' });
  for (const done of [1, 2]) {
    await until(id, ({ progress }) => progress.ended.completed >= done);
    // What the batch has taken it keeps, whoever of its runs holds it or has spent it.
    expect((await period())?.committed).toBe(amount);
    expect(await differences()).toEqual([]);
  }
  const holds = await store.holds.ofOwner('default', id);
  expect(holds.map((hold) => [hold.amount, hold.state])).toEqual([[amount, 'open']]);
  const [pool] = holds;
  const own = await Promise.all((await runsOf(id)).map(({ _id }) => store.holds.ofOwner('default', _id)));
  for (const hold of own.flat()) expect([hold.pool, hold.periods]).toEqual([pool?._id, pool?.periods]);
  const ended = await untilEnded(id);
  expect(ended).toMatchObject({ state: 'completed', cost: { heldUsd: 0 } });
  expect(await differences()).toEqual([]);
  const last = await period();
  expect([last?.committed, (last?.spent ?? 0) / 1e9]).toEqual([last?.spent, ended.cost.actualUsd]);
});

test('no more runs are under way than the batch says, also where its budget is changed', async () => {
  const scope = { team: 'side' };
  const terms = { name: 'side', scope, period: { type: 'monthly' }, amountUsd: 1 };
  const budget = await bursar.client.post<{ id: string }>('/budgets', terms);
  const { id } = await submit(fileOf('side by side', 6, { options: { model: SLOW }, scope, parallelism: 2 }));
  await until(id, ({ progress }) => progress.ended.completed >= 2);
  expect((await bursar.client.send('PATCH', `/budgets/${budget.id}`, { amountUsd: 2 })).status).toBe(200);
  expect((await untilEnded(id)).state).toBe('completed');
  expect(mostRunsAtATime(await runsOf(id))).toBe(2);
  // For what had not begun a hold was taken anew.
  const holds = await store.holds.ofOwner('default', id);
  expect(holds.map(({ state, left }) => [state, left])).toEqual(Array(2).fill(['closed', 0]));
  expect(await differences()).toEqual([]);
});

test('a paused batch is quiet and holds nothing; resumed it goes on', async () => {
  const { id } = await submit(
    fileOf('paused', 3, { options: { model: SLOW }, scope: { team: 'side' }, parallelism: 1 }),
  );
  await until(id, ({ progress }) => progress.ended.completed >= 1);
  const asked = await bursar.client.post<ApiBatch>(`/batches/${id}/pause`);
  expect(asked.state).toBe('pausing');
  const paused = await until(id, ({ state }) => state === 'paused');
  expect(paused.cost.heldUsd).toBe(0);
  expect(await differences()).toEqual([]);
  const after = await until(id, () => true);
  expect([after.state, after.progress.items]).toEqual(['paused', paused.progress.items]);
  await bursar.client.post(`/batches/${id}/resume`);
  expect((await refused(`/batches/${id}/resume`, {})).status).toBe(409);
  expect(await untilEnded(id)).toMatchObject({ state: 'completed', progress: { items: { processed: 3 } } });
  expect(await differences()).toEqual([]);
});

test('cancelling ends what has not begun at once, and what is under way soon after', async () => {
  const slow = { model: 'offline:latencyMs=5000/gpt-5-mini' };
  const { id } = await submit(fileOf('stopped', 5, { parallelism: 2, options: slow }));
  await until(id, ({ progress }) => progress.parked === 3);
  const asked = await bursar.client.post<ApiBatch>(`/batches/${id}/cancel`);
  expect(asked).toMatchObject({ state: 'cancelling', progress: { parked: 0 } });
  const ended = await untilEnded(id);
  expect(ended).toMatchObject({
    state: 'cancelled',
    progress: { ended: { cancelled: 5 } },
    cost: { heldUsd: 0 },
  });
  expect((await refused(`/batches/${id}/cancel`, {})).status).toBe(409);
  expect((await refused('/batches', fileOf('stopped', 6, { options: slow }))).status).toBe(409);
  expect(await differences()).toEqual([]);
});
