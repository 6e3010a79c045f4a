import { type Bursar, startBursar } from '../support/bursar.ts';
import { SHOP } from '../support/shop.ts';

interface Sum {
  count: number;
  failed: number;
  calls: number;
  retries: number;
  costUsd: number;
  durationMs: { p50: number; p95: number };
}

let bursar: Bursar;
let costUsd: number;
beforeAll(async () => {
  bursar = await startBursar();
  const { id: projectId } = await bursar.client.upload(SHOP, { name: 'shop' });
  const model = 'offline:failObject=stg_orders,failCode=llm_bad_request,latencyMs=5/gpt-5-mini';
  const first = await bursar.client.startRun({ projectId, layers: ['summary', 'business'] }, { model });
  const ended = await bursar.client.untilEnded(first.id);
  costUsd = ended.cost.actualUsd;
}, 90_000);
afterAll(() => bursar?.stop());

const get = <T>(path: string) => bursar.client.get<T>(`/telemetry/${path}`);

test('steps, models and time series add up to what the run has cost', async () => {
  const { steps } = await get<{ steps: (Sum & { step: string })[] }>('steps');
  expect(steps.map(({ step }) => step).sort()).toEqual(['business', 'summary']);
  const { models } = await get<{ models: (Sum & { model: string; provider: string })[] }>('providers');
  expect(models.map(({ provider }) => provider)).toEqual(['offline']);
  const { points } = await get<{ points: Sum[] }>('series?by=hour');
  for (const rows of [steps, models, points])
    expect(rows.reduce((sum, row) => sum + row.costUsd, 0)).toBeCloseTo(costUsd, 12);
  const summary = steps.find(({ step }) => step === 'summary');
  expect(summary).toMatchObject({ count: 15, failed: 1, retries: 0 });
  expect(summary?.durationMs.p95).toBeGreaterThanOrEqual(summary?.durationMs.p50 ?? Number.NaN);
  expect(summary?.durationMs.p50).toBeGreaterThanOrEqual(5);
});

test('failures are told by their fingerprint', async () => {
  const { errors } = await get<{ errors: { code: string; count: number; step: string }[] }>('errors');
  expect(errors).toEqual([expect.objectContaining({ code: 'llm_bad_request', count: 1, step: 'summary' })]);
});

test('the queue says how runs went through, and what is open now', async () => {
  const queue = await get<{ runs: number; byState: object; waitMs: { p50: number }; items: number }>('queue');
  expect(queue).toMatchObject({ runs: 1, byState: { completed_with_errors: 1 }, items: 15 });
  expect(queue.waitMs.p50).toBeGreaterThan(0);
  expect(await get('state')).toMatchObject({ runs: [], workers: 1 });
});

test('all of it can be taken away as lines, without any text', async () => {
  const answer = await bursar.client.send<string>('GET', '/telemetry/export');
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
  const lines = answer.body.trimEnd().split('\n');
  const rows = lines.map((line) => JSON.parse(line) as { type: string; costUsd: number; actualUsd: number });
  const steps = rows.filter(({ type }) => type === 'step');
  expect(rows.filter(({ type }) => type === 'run')).toMatchObject([
    { state: 'completed_with_errors', actualUsd: costUsd, items: { total: 15, done: 14, failed: 1 } },
  ]);
  expect(steps.reduce((sum, row) => sum + row.costUsd, 0)).toBeCloseTo(costUsd, 12);
  const [{ step: name } = { step: '' }] = (await get<{ steps: { step: string }[] }>('steps')).steps;
  expect(steps).toContainEqual(expect.objectContaining({ layer: name, status: 'done', calls: 1 }));
  expect(steps.filter((row) => 'output' in row)).toEqual([]);
  const { calibrations } = await get<{ calibrations: object[] }>('calibration');
  expect(calibrations).toContainEqual(
    expect.objectContaining({ kind: 'documentation', step: 'summary', samples: 14, calibrated: true }),
  );
});

test('a time without anything is empty, and one that cannot be is refused', async () => {
  const past = 'start=2020-01-01T00:00:00Z&end=2020-01-02T00:00:00Z';
  expect(await get(`steps?${past}`)).toEqual({ steps: [] });
  expect(await get(`queue?${past}`)).toMatchObject({ runs: 0, waitMs: { p50: 0, p95: 0 }, itemsPerHour: 0 });
  for (const query of ['start=2020-01-02T00:00:00Z&end=2020-01-01T00:00:00Z', 'start=2020-01-01T00:00:00Z'])
    expect((await bursar.client.send('GET', `/telemetry/steps?${query}`)).status).toBe(400);
});
