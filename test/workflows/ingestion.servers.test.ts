import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiIngestion } from '../../api/ingestions.ts';
import type { ApiIngestedJobs } from '../../api/jobs.ts';
import { type OpenStore, openStore } from '../api/second-organization.ts';
import { jobCsv } from '../bench/job-csv.ts';
import { proveIngestKills } from '../proof/ingest-kill.ts';
import { type Bursar, createClient, startBursar } from '../support/bursar.ts';
import { openTemporal } from '../support/histories.ts';

let bursar: Bursar;
let opened: OpenStore;
let temporal: Awaited<ReturnType<typeof openTemporal>>;
beforeAll(async () => {
  [bursar, temporal] = await Promise.all([startBursar(), openTemporal()]);
  opened = await openStore(bursar);
});
afterAll(() => Promise.all([bursar?.stop(), opened?.close(), temporal?.close()]));

const HEAD = 'job_id,team_name,model_name,provider,start_time,status,cost_usd\n';
const line = (id: string, cost = '1.5') => `${id},ops,LLaMA,aws,2026-01-02T10:00:00Z,completed,${cost}\n`;

/** A client of an organization of its own. */
async function tenant(org: string) {
  const client = createClient(bursar.client.url, await opened.keyOf(org, 'operator'));
  const send = async (path: string, body: string | Uint8Array, headers: Record<string, string> = {}) => {
    const all = { 'x-api-key': client.key, 'content-type': 'text/csv', ...headers };
    const url = `${client.url}/api/v1${path}`;
    const answer = await fetch(url, { method: 'POST', headers: all, body: body as never });
    return { status: answer.status, body: (await answer.json()) as ApiIngestion };
  };
  return {
    ...client,
    post: send,
    show: (id: string) => client.get<ApiIngestion>(`/ingestions/${id}`),
    list: async () => (await client.get<{ ingestions: ApiIngestion[] }>('/ingestions')).ingestions,
    jobs: async () => (await client.get<{ total: number }>('/jobs?limit=1')).total,
    async ended(id: string): Promise<ApiIngestion> {
      return until(
        () => this.show(id),
        ({ endedAt }) => endedAt !== null,
      );
    },
  };
}

async function until<T>(look: () => Promise<T>, isSo: (seen: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + 30_000; ; await sleep(20)) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`still not so: ${JSON.stringify(seen)}`);
  }
}

const partsOf = (org: string) => opened.store.ingestionParts.model.countDocuments({ org });

test('a file goes on after kill -9 of the worker, and each of its jobs is counted once', async () => {
  await proveIngestKills(bursar, { jobs: 6_000, kills: 2 });
}, 180_000);

test('a file is read as in one request: the same counts, cost and problems, whatever is wrong', async () => {
  const rows = Array.from({ length: 1_200 }, (_, at) => line(`j${at}`, at % 7 === 0 ? 'much' : '2'));
  const twice = [line('j1', '3'), line('j2'), line('j1', '4')];
  const text = HEAD + [...rows, ...twice].join('');
  const broken = `${text}"a quote that is left open`;
  const [one, other] = [await tenant('at-once'), await tenant('durably')];
  for (const file of [text, broken, text]) {
    const atOnce = (await one.post('/jobs/ingest', file)).body as unknown as ApiIngestedJobs;
    const sent = await other.post('/ingestions', file);
    expect([sent.status, sent.body.failed]).toEqual([202, 0]);
    const { inserted, updated, unchanged, failed, costUsd, errors, ...rest } = await other.ended(
      sent.body.id,
    );
    expect({ inserted, updated, unchanged, failed, costUsd, errors }).toEqual(atOnce);
    expect(rest).toMatchObject({ state: 'completed_with_errors', failure: null, format: 'csv' });
  }
  expect(await other.jobs()).toBe(await one.jobs());
  expect(await partsOf('durably')).toBe(0);
  expect(await one.list()).toEqual([]);
});

test('charges of FOCUS depend on those before, and are the same jobs at once and durably', async () => {
  const client = await tenant('focus');
  const head = 'BilledCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ProviderName,ServiceName';
  const charge = (cost: string, currency = 'USD') =>
    `${cost},${currency},2026-01-02T00:00:00Z,2026-01-03T00:00:00Z,AWS,Compute`;
  const rows = Array.from({ length: 1_500 }, () => charge('0.0000000004'));
  const text = [head.concat(',SubAccountName'), ...[...rows, charge('1', 'EUR')].map((row) => `${row},ops`)];
  const atOnce = await client.post('/jobs/ingest', text.join('\n'));
  expect(atOnce.body).toMatchObject({ inserted: 1_500, failed: 1, costUsd: 0.0000006 });
  const sent = await client.post('/ingestions', text.join('\n'));
  const errors = [{ line: 1_502, field: 'BillingCurrency', problem: expect.stringContaining('EUR') }];
  const same = { inserted: 0, updated: 0, unchanged: 1_500, failed: 1, costUsd: 0.0000006, errors };
  expect(await client.ended(sent.body.id)).toMatchObject(same);
});

test('what is wrong as a whole is refused at the door, and nothing of it stays', async () => {
  const client = await tenant('refused');
  const answers = await Promise.all([
    client.post('/ingestions', ''),
    client.post('/ingestions', HEAD),
    client.post('/ingestions', new Uint8Array([0x1f, 0x8b, 1, 2, 3])),
    client.post('/ingestions?map=nothing', line('a')),
    client.post('/ingestions', line('a'), { 'content-type': 'text/html' }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400]);
  expect([await client.list(), await partsOf('refused')]).toEqual([[], 0]);
});

test('a file that is cut off on its way is not brought in, and comes in under the same key', async () => {
  const client = await tenant('cut-off');
  const headers = { 'x-api-key': client.key, 'content-type': 'text/csv', 'idempotency-key': 'night' };
  const text = HEAD + Array.from({ length: 2_500 }, (_, at) => line(`j${at}`)).join('');
  const sending = request(`${client.url}/api/v1/ingestions`, { method: 'POST', headers });
  sending.on('error', () => {});
  sending.write(text.slice(0, -1_000));
  const [begun] = await until(client.list, ([first]) => (first?.progress.total ?? 0) >= 1_000);
  const id = begun?.id ?? '';
  expect((await client.post('/ingestions', text, headers)).status).toBe(409);
  sending.destroy();
  expect(await client.ended(id)).toMatchObject({
    state: 'failed',
    failure: expect.stringContaining('whole'),
  });
  expect([
    await client.jobs(),
    await until(
      () => partsOf('cut-off'),
      (parts) => parts === 0,
    ),
  ]).toEqual([0, 0]);
  const again = await client.post('/ingestions', text, headers);
  expect([again.status, again.body.id]).toEqual([202, id]);
  expect(await client.ended(id)).toMatchObject({ state: 'completed', inserted: 2_500 });
  // The same file is the same ingestion, another one is a mistake.
  expect((await client.post('/ingestions', text, headers)).body).toMatchObject({ id, state: 'completed' });
  expect((await client.post('/ingestions', text + line('more'), headers)).status).toBe(409);
});

test('a cancelled ingestion has counted exactly what it has written, and writes no more', async () => {
  const client = await tenant('cancelled');
  const { id } = (await client.post('/ingestions', [...jobCsv(8_000)].join(''))).body;
  const stranger = await tenant('stranger');
  expect((await stranger.send('POST', `/ingestions/${id}/cancel`)).status).toBe(404);
  await until(
    () => client.show(id),
    ({ progress }) => progress.rows >= 1_000,
  );
  const cancelled = await client.send<ApiIngestion>('POST', `/ingestions/${id}/cancel`);
  expect(cancelled.body.state).toBe('cancelled');
  const written = await client.jobs();
  expect(written).toBeLessThan(8_000);
  await temporal.client.workflow.getHandle(`ingestion:${id}`).result();
  expect([cancelled.body.inserted, (await client.show(id)).inserted, await client.jobs()]).toEqual(
    Array(3).fill(written),
  );
  expect(await partsOf('cancelled')).toBe(0);
  expect((await client.send('POST', `/ingestions/${id}/cancel`)).status).toBe(409);
});

test('of two attempts at the same place one writes, and of the other nothing is left', async () => {
  const { ingestions, writeJobs, entries, jobs } = opened.store;
  const begun = { _id: 'raced', org: 'raced', parts: 'raced', rows: 0 };
  const how = { format: 'csv', mapping: { columns: [], constants: [] }, requestHash: '' };
  await ingestions.create({ ...begun, ...how, createdBy: { id: 'k' }, createdAt: new Date() });
  await ingestions.queue(begun, {
    bytes: 1,
    total: 1,
    contentHash: 'c',
    mapping: { columns: [], constants: [] },
  });
  await ingestions.begin('raced', 'raced');
  const attempt = (id: string) => {
    const cost = { costNanoUsd: 7, costBasis: 'given' as const };
    const job = { id, team: 'ops', model: 'm', provider: 'p', status: 'pending' as const, ...cost };
    return writeJobs('raced', [job], new Date(), async (session, written) => {
      const read = { rows: 1, failed: 0, costNanoUsd: 7, errors: [] };
      if (!(await ingestions.advanceIn(session, begun, read, written))) throw new Error('overtaken');
    });
  };
  const outcomes = await Promise.allSettled(['a', 'b', 'c'].map(attempt));
  const statuses = outcomes.map(({ status }) => status).toSorted();
  expect(statuses).toEqual(['fulfilled', 'rejected', 'rejected']);
  const counted = { rows: 1, inserted: 1, costNanoUsd: 7 };
  expect(await ingestions.find('raced', 'raced')).toMatchObject(counted);
  expect(await jobs.model.countDocuments({ o: 'raced' })).toBe(1);
  expect(await entries.model.countDocuments({ o: 'raced' })).toBe(1);
  await ingestions.end(begun, ['running'], { state: 'cancelled' });
});

test('housekeeping starts what was never started, and ends what will never arrive or was ended', async () => {
  const client = await tenant('swept');
  const { ingestions, ingestionParts } = opened.store;
  const stored = async (_id: string) => {
    const begun = { _id, org: 'swept', parts: randomBytes(4).toString('hex') };
    const how = { format: 'csv', mapping: { columns: [], constants: [] }, requestHash: '' };
    await ingestions.create({ ...begun, ...how, createdBy: { id: 'k' }, createdAt: new Date() });
    const row = { job_id: _id, team_name: 'ops', model_name: 'm', provider: 'p', status: 'pending' };
    await ingestionParts.add('swept', begun.parts, 0, [JSON.stringify({ line: 2, row })]);
    return begun;
  };
  const arrived = { bytes: 1, total: 1, contentHash: 'c', mapping: { columns: [], constants: [] } };
  const [silent, waiting, ended] = [await stored('silent'), await stored('waiting'), await stored('ended')];
  for (const each of [waiting, ended]) await ingestions.queue(each, arrived);
  // Known to Temporal as a workflow that somebody has terminated.
  const handle = await temporal.client.workflow.start('ingestion', {
    taskQueue: 'nobody',
    workflowId: 'ingestion:ended',
    args: [{ org: 'swept', ingestion: 'ended' }],
  });
  await handle.terminate();
  const keepHouse = () =>
    temporal.client.workflow.execute('housekeeping', {
      taskQueue: bursar.name,
      workflowId: `housekeeping-${Math.random()}`,
    });
  await keepHouse();
  expect((await client.list()).filter(({ endedAt }) => endedAt !== null)).toEqual([]);
  const long = { $set: { movedAt: new Date(Date.now() - 600_000) } };
  await ingestions.model.updateMany({ org: 'swept' }, long);
  await keepHouse();
  expect(await client.ended('waiting')).toMatchObject({ state: 'completed', inserted: 1 });
  const failures = [await client.ended(silent._id), await client.ended(ended._id)].map(
    (each) => each.failure,
  );
  expect(failures).toEqual([expect.stringContaining('whole'), expect.stringContaining('terminated')]);
  expect([await partsOf('swept'), await client.jobs()]).toEqual([0, 1]);
});
