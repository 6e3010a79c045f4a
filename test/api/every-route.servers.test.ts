import type { ApiRun } from '../../api/run-schemas.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { type Provider, startProvider } from '../support/provider.ts';
import { shopForm } from '../support/shop.ts';
import { useAlertRoutes } from './alert-routes.ts';
import { useBudgetRoutes } from './budget-routes.ts';
import { CHANNEL_ENVIRONMENT, useChannelRoutes } from './channel-routes.ts';
import { useCompanyRoutes } from './company-routes.ts';
import { useConflicts } from './conflict-routes.ts';
import { useCostingRoutes } from './costing-routes.ts';
import { useEstimateRoutes } from './estimate-routes.ts';
import { useForecastRoutes } from './forecast-routes.ts';
import { useLesserApi } from './lesser-api.ts';
import { useMemoryRoutes } from './memory-routes.ts';
import { useMoneyRoutes } from './money-routes.ts';
import { type Operation, operationsOf } from './operations.ts';
import { useProviderRoutes } from './provider-routes.ts';
import { useReportRoutes } from './report-routes.ts';
import { RETENTION_ENVIRONMENT } from './retention-routes.ts';
import { useRunMoneyRoutes } from './run-money-routes.ts';
import { walkErrors } from './walk-errors.ts';

let bursar: Bursar;
let provider: Provider;
let operations: Operation[];
let project: string;
/** What was asked for and how it was answered, e.g. `GET /runs/{id} 200`. */
const seen = new Set<string>();

beforeAll(async () => {
  provider = await startProvider();
  const own = { BURSAR_ENCRYPTION_KEY: '0'.repeat(64), ...RETENTION_ENVIRONMENT };
  bursar = await startBursar({ environment: { ...own, ...CHANNEL_ENVIRONMENT } });
  operations = await operationsOf(bursar);
  project = ((await send('POST', '/documentation/projects', await shopForm())).body as { id: string }).id;
});
afterAll(() => Promise.all([bursar.stop(), provider.stop()]));

async function send<T = ApiRun>(method: string, path: string, body?: unknown, headers = {}) {
  const answer = await bursar.client.send<T>(method, path, body, headers);
  const bare = path.split('?')[0] ?? '';
  const template = operations
    .filter((operation) => operation.method === method)
    .map((operation) => operation.template)
    .toSorted((a, b) => a.split('{').length - b.split('{').length)
    .find((each) => new RegExp(`^${each.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(bare));
  seen.add(`${method} ${template} ${answer.status}`);
  return answer;
}

const SLOW = 'offline:latencyMs=300/gpt-5-mini';
const job = (options: object = {}) => ({ projectId: project, options: { layers: ['summary'], ...options } });
const until = (id: string, state: string) => bursar.client.until(id, (run) => run.state === state);

describe('documentation jobs', () => {
  test('start, show, pause, resume and cancel as their users know it', async () => {
    const started = await send('POST', '/documentation/jobs', job({ model: SLOW, concurrency: 1 }));
    const { id } = started.body;
    expect([started.status, started.headers.get('location')]).toEqual([
      202,
      `/api/v1/documentation/jobs/${id}`,
    ]);
    expect(started.body).toMatchObject({
      kind: 'documentation',
      input: { projectId: project, layers: ['summary'] },
      options: { skipExisting: false, regenerateAll: false, maxRetries: 3, concurrency: 1, model: SLOW },
    });
    await until(id, 'running');
    expect(['pausing', 'paused']).toContain(
      (await send('POST', `/documentation/jobs/${id}/pause`)).body.state,
    );
    const paused = await until(id, 'paused');
    expect(paused.message).toMatch(/^paused: \d+ of 15 objects/);
    expect(Date.parse(paused.pausedAt ?? '')).not.toBeNaN();
    expect([paused.progress.etaSeconds, paused.progress.itemsPerSecond]).toEqual([null, 0]);
    expect(await listed('paused')).toEqual([id]);
    expect((await send('POST', `/documentation/jobs/${id}/resume`)).status).toBe(202);
    const running = await bursar.client.until(id, ({ progress }) => progress.etaSeconds !== null);
    expect(running.pausedAt).toBeNull();
    expect(Date.parse(running.progress.estimatedCompletionAt ?? '')).toBeGreaterThan(Date.now() - 1000);
    const cancelled = await send('DELETE', `/documentation/jobs/${id}`);
    expect([cancelled.status, cancelled.body.state]).toEqual([202, 'cancelling']);
    const end = await until(id, 'cancelled');
    expect(end.progress.processed).toBeLessThan(15);
    expect((await send('DELETE', `/documentation/jobs/${id}`)).status).toBe(409);
    expect(await listed('cancelled')).toEqual([id]);
  });

  async function listed(status: string): Promise<string[]> {
    const { body } = await send<{ jobs: ApiRun[] }>('GET', `/documentation/jobs?status=${status}`);
    return body.jobs.map(({ id }) => id);
  }

  test('carry every field that their users read, and say what went wrong', async () => {
    const failing = job({ model: 'offline:failObject=stg_orders,failCode=llm_bad_request/gpt-5-mini' });
    const { id } = (await send('POST', '/documentation/jobs', failing)).body;
    await bursar.client.untilEnded(id);
    const { body } = await send('GET', `/documentation/jobs/${id}`);
    expect(body).toMatchObject({
      state: 'completed_with_errors',
      message: expect.stringMatching(/^completed with errors: 14 of 15 objects, 1 failed, \$0\.\d+$/),
      triggeredBy: { id: expect.stringMatching(/^key_/) },
      pausedAt: null,
      averageItemMs: expect.any(Number),
      progress: {
        total: 15,
        processed: 14,
        failed: 1,
        percent: 100,
        successRate: 14 / 15,
        estimatedCompletionAt: null,
      },
      errorLog: { count: 1, errors: [{ object: 'stg_orders', code: 'llm_bad_request' }] },
      cost: { heldUsd: 0, estimatedUsd: { p50: expect.any(Number), p90: expect.any(Number) } },
    });
    expect(body.averageItemMs).toBeGreaterThan(0);
    expect(body.cost.actualUsd).toBeGreaterThan(0);
    expect(await send('GET', `/runs/${id}`)).toMatchObject({ status: 200, body });
    const runs = (await send<{ runs: ApiRun[] }>('GET', '/runs?kind=documentation')).body.runs;
    const jobs = (await send<{ jobs: ApiRun[] }>('GET', '/documentation/jobs')).body.jobs;
    expect(jobs).toEqual(runs);
    expect(await listed('completed_with_errors')).toEqual([id]);
    expect((await send('GET', '/documentation/jobs?status=dancing')).status).toBe(400);

    const { body: failures } = await send<{ groups: { fingerprint: string }[] }>('GET', `/runs/${id}/errors`);
    const fingerprint = failures.groups[0]?.fingerprint ?? '';
    expect((await send('POST', `/runs/${id}/retry`, { fingerprint: 'no:such' })).status).toBe(409);
    expect((await send('GET', `/runs/${id}/retry-estimate?fingerprint=no:such`)).status).toBe(409);
    const again = await send<object>('GET', `/runs/${id}/retry-estimate?fingerprint=${fingerprint}`);
    expect(again.body).toMatchObject({ items: 1, calls: 1, steps: [{ step: 'summary' }] });
    expect((await send('GET', `/runs/${id}`)).body).toEqual(body);
    const retried = await send('POST', `/runs/${id}/retry`, { fingerprint });
    expect([retried.status, retried.body.state, retried.body.round]).toEqual([202, 'queued', 2]);
    expect((await bursar.client.untilEnded(id)).progress).toMatchObject({ processed: 14, failed: 1 });
  });
});

test('every other route answers as its entry says', async () => {
  const { id } = (
    await send('POST', '/runs', {
      kind: 'documentation',
      input: { projectId: project },
      options: { model: SLOW, concurrency: 1 },
    })
  ).body;
  await until(id, 'running');
  expect((await send('PUT', `/runs/${id}/concurrency`, { concurrency: 8 })).body.options.concurrency).toBe(8);
  await send('POST', `/runs/${id}/pause`);
  await until(id, 'paused');
  await send('POST', `/runs/${id}/resume`);
  await send('POST', `/runs/${id}/cancel`);
  await until(id, 'cancelled');
  await send('GET', `/runs/${id}/events`);
  const later = { kind: 'documentation', input: { projectId: project, layers: ['summary'] }, parked: true };
  const kept = (await send('POST', '/runs', later)).body;
  expect([kept.state, kept.parked, kept.message]).toEqual([
    'queued',
    true,
    'parked until somebody starts it',
  ]);
  expect((await send('POST', `/runs/${kept.id}/execute`)).body.parked).toBe(false);
  expect((await send('POST', `/runs/${kept.id}/execute`)).status).toBe(409);
  await bursar.client.untilEnded(kept.id);
  expect((await send('POST', '/runs/archive', { olderThanDays: 36_500 })).body).toMatchObject({
    archived: 0,
  });
  expect((await send('POST', `/runs/${kept.id}/restore`)).body.archivedAt).toBeNull();
  for (const part of ['items', 'logs', 'documents']) await send('GET', `/runs/${id}/${part}`);
  await useEstimateRoutes(send, id, project);
  await send('POST', '/documentation/projects', await shopForm());
  await send('POST', '/documentation/projects', await shopForm({ glossary: 'x'.repeat(100_001) }));
  await send('GET', '/documentation/projects');
  for (const part of ['', '/objects', '/objects/model.shop.stg_orders', '/documents', '/export'])
    await send('GET', `/documentation/projects/${project}${part}`);
  const { body } = await send<{ documents: { id: string }[] }>(
    'GET',
    `/documentation/projects/${project}/documents?state=proposed`,
  );
  const [one, other] = body.documents;
  await send('GET', `/documents/${one?.id}`);
  await send('POST', `/documents/${one?.id}/approve`);
  await send('POST', `/documents/${other?.id}/reject`);
  await send('POST', `/documentation/projects/${project}/documents/approve`, {});
  await send('POST', `/documentation/projects/${project}/documents/reject`, {});
  await useRunMoneyRoutes(send, project, (run) => until(run, 'waiting'));
  await useCostingRoutes(send);
  await useMoneyRoutes(send);
  await useMemoryRoutes(send);
  await useCompanyRoutes(send, (run) => bursar.client.untilEnded(run));
  await useProviderRoutes(send, provider);
  await useBudgetRoutes(send);
  await useReportRoutes(send);
  await useChannelRoutes(send);
  await useAlertRoutes(send);
  await useForecastRoutes(send);
  for (const part of ['calibration', 'export', 'steps', 'providers', 'errors', 'series', 'queue', 'state'])
    await send('GET', `/telemetry/${part}`);
  await send('GET', '/keys');
  const key = await send<{ id: string }>('POST', '/keys', { name: 'x', role: 'viewer' });
  await send('POST', `/keys/${key.body.id}/rotate`, {});
  await send('DELETE', `/keys/${key.body.id}`);
  const status = await send<object>('GET', '/status');
  expect(status.body).toMatchObject({
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    organization: 'default',
    role: 'admin',
    mongodb: { ok: true },
    temporal: { ok: true },
    workers: 1,
  });
  const ready = await fetch(`${bursar.client.url}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toMatchObject({ mongodb: true, temporal: true });
});

test('what contradicts the present state is said to do so', async () => {
  const { runs } = (await send<{ runs: ApiRun[] }>('GET', '/runs?state=completed_with_errors')).body;
  await useConflicts(send as never, runs[0]?.id ?? '', project);
  const { body } = await send<{ runs: ApiRun[] }>('GET', '/runs?kind=intelligence&state=completed');
  await bursar.client.post('/runs/archive', { olderThanDays: 0 });
  for (const part of ['items', 'errors', 'logs']) await send('GET', `/runs/${runs[0]?.id}/${part}`);
  await send('GET', `/intelligence/reports/${body.runs[0]?.id}`);
}, 60_000);

test('every operation is asked in the ways that go wrong for all alike', async () => {
  const { key } = await bursar.client.post<{ key: string }>('/keys', { name: 'looks', role: 'viewer' });
  await walkErrors(bursar.client.url, { admin: bursar.key, viewer: key }, operations, (operation, status) =>
    seen.add(`${operation.method} ${operation.template} ${status}`),
  );
}, 120_000);

test('what an API answers that has no encryption key, a failing model, and then no database', async () => {
  await useLesserApi(bursar, operations, (...answer) => seen.add(answer.join(' ')));
}, 120_000);

/** What the OpenAPI document names. */
const answers = () =>
  operations.flatMap(({ method, template, responses }) =>
    responses.map((status) => `${method} ${template} ${status}`),
  );

test('every answer that the OpenAPI document names was seen above', () => {
  expect(answers().length).toBeGreaterThan(400);
  expect(answers().filter((each) => !seen.has(each))).toEqual([]);
});

test('every error that was answered above is named in the OpenAPI document', () => {
  const documented = new Set(answers());
  expect([...seen].filter((each) => !documented.has(each))).toEqual([]);
});
