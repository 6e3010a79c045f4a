import type { ApiRun } from '../../api/run-schemas.ts';
import { NO_PROGRESS } from '../../domain/progress.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { manifestOf } from '../support/shop.ts';
import { BUDGET } from './budget-routes.ts';
import { BENCHMARKS } from './costing-routes.ts';
import { fillRun } from './fill-run.ts';
import { type ErrorBody, type OpenStore, openStore } from './second-organization.ts';

const OBJECTS = 23;
let bursar: Bursar;
let opened: OpenStore;
let project: string;
let run: string;
let budget: { id: string };
/** Every list of the API with the name of its rows and what tells rows apart. */
let lists: { path: string; name: string; key: string; total: number }[];

beforeAll(async () => {
  bursar = await startBursar({ workers: 0 });
  opened = await openStore(bursar);
  project = (await bursar.client.upload({ manifest: manifestOf(OBJECTS) })).id;
  for (let at = 0; at < 6; at += 1) await bursar.client.startRun({ projectId: project });
  run = (await bursar.client.startRun({ projectId: project })).id;
  await fillRun(opened, run, project, OBJECTS);
  await Promise.all(
    Array.from({ length: 4 }, (_, at) =>
      bursar.client.upload({ manifest: manifestOf(2) }, { name: `p${at}` }),
    ),
  );
  await bursar.client.post('/benchmarks', BENCHMARKS);
  for (let at = 0; at < 5; at += 1) {
    const hold = await bursar.client.post<{ id: string }>('/holds', { amountUsd: 1 });
    // Beyond what it has, which the audit log tells.
    await bursar.client.post(`/holds/${hold.id}/entries`, { costUsd: 2 });
  }
  for (let at = 0; at < 3; at += 1) budget = await bursar.client.post<{ id: string }>('/budgets', BUDGET);
  for (const amountUsd of [1, 2]) await bursar.client.send('PATCH', `/budgets/${budget.id}`, { amountUsd });
  for (let at = 0; at < 2; at += 1) await bursar.client.post('/cost-models', { weights: { base: at } });
  lists = [
    { path: '/runs', name: 'runs', key: 'id', total: 7 },
    { path: '/documentation/jobs', name: 'jobs', key: 'id', total: 7 },
    { path: '/documentation/projects', name: 'projects', key: 'id', total: 5 },
    { path: `/documentation/projects/${project}/objects`, name: 'objects', key: 'uniqueId', total: OBJECTS },
    { path: `/documentation/projects/${project}/documents`, name: 'documents', key: 'id', total: OBJECTS },
    { path: `/runs/${run}/documents`, name: 'documents', key: 'id', total: OBJECTS },
    { path: `/runs/${run}/items`, name: 'items', key: 'seq', total: OBJECTS },
    { path: `/runs/${run}/errors`, name: 'errors', key: 'object', total: OBJECTS },
    { path: `/runs/${run}/logs`, name: 'logs', key: 'object', total: OBJECTS },
    { path: '/holds', name: 'holds', key: 'id', total: 5 },
    { path: '/costs/entries', name: 'entries', key: 'id', total: 5 },
    { path: '/audit', name: 'rows', key: 'id', total: 10 },
    { path: '/budgets', name: 'budgets', key: 'id', total: 3 },
    { path: `/budgets/${budget.id}/audit`, name: 'rows', key: 'id', total: 3 },
    { path: '/benchmarks', name: 'benchmarks', key: 'id', total: BENCHMARKS.benchmarks.length },
    { path: '/cost-models', name: 'costModels', key: 'version', total: 3 },
  ];
});
afterAll(async () => {
  await opened.close();
  await bursar.stop();
});

type Page = { total: number; has_more: boolean; cursor?: string } & Record<string, Record<string, unknown>[]>;
const get = (path: string) => bursar.client.get<Page>(path);
const rowsOf = (page: Page, name: string, key: string) => page[name]?.map((row) => row[key]);

describe('every list', () => {
  test('is the same by pages of any size, by cursor and by skip', async () => {
    for (const { path, name, key, total } of lists) {
      const whole = await get(`${path}?limit=100`);
      const all = rowsOf(whole, name, key) ?? [];
      expect([path, all.length, new Set(all).size, whole.total, whole.has_more]).toEqual([
        path,
        total,
        total,
        total,
        false,
      ]);
      expect(whole).not.toHaveProperty('cursor');
      for (const limit of [1, 3, total]) {
        if (limit === 1 && total > 10) continue;
        const walked: unknown[] = [];
        let cursor: string | undefined;
        do {
          const page = await get(`${path}?limit=${limit}${cursor === undefined ? '' : `&cursor=${cursor}`}`);
          expect(page.total).toBe(total);
          walked.push(...(rowsOf(page, name, key) ?? []));
          cursor = page.cursor;
          expect(page.has_more).toBe(cursor !== undefined);
        } while (cursor !== undefined);
        expect([path, limit, walked]).toEqual([path, limit, all]);
      }
      const second = await get(`${path}?limit=2&skip=2`);
      expect([path, rowsOf(second, name, key)]).toEqual([path, all.slice(2, 4)]);
      const behind = await get(`${path}?skip=${total}`);
      expect([path, rowsOf(behind, name, key), behind.total, behind.has_more]).toEqual([
        path,
        [],
        total,
        false,
      ]);
    }
  });

  test('refuses limits out of bounds and positions that are none, naming them', async () => {
    const wrong = [
      'limit=0',
      'limit=101',
      'limit=-1',
      'limit=1.5',
      'limit=x',
      'limit=',
      'skip=-1',
      'skip=x',
      'cursor=%21',
    ];
    for (const { path } of lists)
      for (const query of wrong) {
        const { status, body } = await bursar.client.send<ErrorBody>('GET', `${path}?${query}`);
        expect([path, query, status, body.error?.details?.[0]?.field]).toEqual([
          path,
          query,
          400,
          query.split('=')[0],
        ]);
      }
  });

  test('refuses a filter that it does not know, rather than return everything', async () => {
    for (const [path, filter] of [
      ['/documentation/jobs', 'state'],
      ['/runs', 'status'],
      [`/runs/${run}/items`, 'status'],
      ['/holds', 'status'],
      ['/costs/entries', 'team'],
      ['/audit', 'kind'],
      ['/benchmarks', 'jobtype'],
      ['/cost-models', 'state'],
      ['/budgets', 'status'],
      [`/budgets/${budget.id}/audit`, 'event'],
      [`/documentation/projects/${project}/documents`, 'run'],
      [`/documentation/projects/${project}/export`, 'fromat'],
    ]) {
      const { status, body } = await bursar.client.send<ErrorBody>('GET', `${path}?${filter}=failed`);
      expect([path, status, body.error?.details?.[0]?.field]).toEqual([path, 400, filter]);
    }
  });

  test('refuses the cursor of another list, or takes it for a position, but never breaks', async () => {
    const cursors = await Promise.all(
      lists.map(async ({ path }) => (await get(`${path}?limit=1`)).cursor ?? ''),
    );
    for (const { path } of lists)
      for (const cursor of [...cursors, Buffer.from('{"$gt":""}').toString('base64url'), '', '%00']) {
        const { status } = await bursar.client.send('GET', `${path}?cursor=${cursor}`);
        expect([path, cursor, [200, 400].includes(status)]).toEqual([path, cursor, true]);
      }
  });

  test('keeps its place while rows come in before it', async () => {
    const first = await get('/runs?limit=2');
    await bursar.client.startRun({ projectId: project });
    const second = await get(`/runs?limit=2&cursor=${first.cursor}`);
    const seen = [...(rowsOf(first, 'runs', 'id') ?? []), ...(rowsOf(second, 'runs', 'id') ?? [])];
    const all = rowsOf(await get('/runs'), 'runs', 'id') ?? [];
    expect(seen).toEqual(all.slice(1, 5));
  });
});

describe('lists of a run', () => {
  test('go in the order in which its objects go, past the tenth', async () => {
    for (const name of ['items', 'errors', 'logs']) {
      const rows = (await get(`/runs/${run}/${name}`))[name] ?? [];
      const names = rows.map((row) => String(row.name ?? row.object));
      expect([name, names]).toEqual([name, names.toSorted()]);
    }
  });

  test('narrow by state and by object', async () => {
    expect((await get(`/runs/${run}/items?state=failed`)).total).toBe(OBJECTS);
    expect((await get(`/runs/${run}/items?state=done`)).total).toBe(0);
    expect(rowsOf(await get(`/runs/${run}/logs?seq=7`), 'logs', 'object')).toEqual(['model_000007']);
    expect((await bursar.client.send('GET', `/runs/${run}/items?state=dancing`)).status).toBe(400);
  });

  test('group equal failures, and the run itself carries the first twenty', async () => {
    const { groups } = await get(`/runs/${run}/errors?limit=1`);
    expect(groups).toEqual([
      {
        fingerprint: 'llm_refused:the-answer-names-x',
        code: 'llm_refused',
        message: 'the answer names "model_000000"',
        count: OBJECTS,
        example: 'model_000000',
      },
    ]);
    const { errorLog } = await bursar.client.get<{ errorLog: { count: number; errors: unknown[] } }>(
      `/runs/${run}`,
    );
    expect([errorLog.count, errorLog.errors.length]).toEqual([OBJECTS, 20]);
  });
});

test('the rate of a retried run is that of its new round, however long ago it began', async () => {
  const { runs } = opened.store;
  const { id } = await bursar.client.startRun({ projectId: project });
  await runs.move(
    'default',
    id,
    { state: 'failed', failure: { code: 'x', message: 'x', fingerprint: 'x' } },
    1,
  );
  await runs.model.updateOne({ _id: id }, { $set: { startedAt: new Date(Date.now() - 3_600_000) } });
  await runs.openRound('default', id, 1);
  await runs.setCounters('default', id, { ...NO_PROGRESS, total: 100 });
  await runs.move('default', id, { state: 'running' }, 2);
  await runs.addCounters('default', id, { done: 10 }, new Date(Date.now() + 1_000));
  const { progress } = await bursar.client.get<ApiRun>(`/runs/${id}`);
  expect(progress.itemsPerSecond).toBeGreaterThan(2);
  expect(progress.etaSeconds?.p50).toBeLessThan(60);
});

test('objects narrow by type, and one object comes with its code', async () => {
  const objects = `/documentation/projects/${project}/objects`;
  expect((await get(`${objects}?type=model`)).total).toBe(OBJECTS);
  expect((await get(`${objects}?type=seed`)).total).toBe(0);
  expect((await get(`${objects}?limit=1`)).objects?.[0]).not.toHaveProperty('code');
  const one = await bursar.client.get<{ code: string }>(`${objects}/model.big.model_000003`);
  expect(one.code).toMatch(/^-- 3\n/);
  expect((await bursar.client.send('GET', `${objects}/model.big.none`)).status).toBe(404);
});
