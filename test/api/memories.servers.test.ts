import type { ApiRun } from '../../api/run-schemas.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';

interface Shown {
  id: string;
  user: string;
  state: string;
  label: string | null;
  labelledBy: string | null;
  labelSetVersion: number | null;
  duplicateOf: string | null;
  reason: string | null;
}

let bursar: Bursar;
beforeAll(async () => {
  bursar = await startBursar({ environment: { ENRICHMENT_POLL_INTERVAL_MS: '50' } });
}, 90_000);
afterAll(() => bursar?.stop());

const post = (textContent: string, user = 'ada', key?: string) =>
  bursar.client.send<Shown>(
    'POST',
    '/memories',
    { textContent, user },
    key === undefined ? {} : { 'idempotency-key': key },
  );
const get = (id: string) => bursar.client.get<Shown>(`/memories/${id}`);

async function until(id: string, state: string): Promise<Shown> {
  for (let look = 0; look < 300; look += 1) {
    const memory = await get(id);
    if (memory.state === state) return memory;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`memory ${id} is ${(await get(id)).state}, not ${state}`);
}

test('a memory is classified and embedded by itself, and paid on the account of its user', async () => {
  const { status, body, headers } = await post('Remember to renew the insurance before August');
  expect([status, headers.get('location')]).toEqual([202, `/api/v1/memories/${body.id}`]);
  const done = await until(body.id, 'done');
  expect(done).toMatchObject({ label: 'task', labelledBy: 'model', labelSetVersion: 0, duplicateOf: null });
  const { entries } = await bursar.client.get<{ entries: { step: string; scope: { user?: string } }[] }>(
    '/costs/entries',
  );
  expect(entries.map(({ step, scope }) => `${step} ${scope.user}`).sort()).toEqual([
    'classification ada',
    'embedding ada',
  ]);
});

test('the same key is the same memory; with another text it is refused', async () => {
  const first = await post('My favourite colour is dark green', 'ada', 'k1');
  expect((await post('My favourite colour is dark green', 'ada', 'k1')).body.id).toBe(first.body.id);
  expect((await post('It is light green', 'ada', 'k1')).status).toBe(409);
});

test('the same text of the same user is enriched once, that of another user again', async () => {
  const text = 'Our office has twelve meeting rooms and a garden';
  const first = await until((await post(text, 'bob')).body.id, 'done');
  const calls = async () =>
    (await bursar.client.get<{ entries: object[] }>('/costs/entries?limit=100')).entries.length;
  const before = await calls();
  const copy = await until((await post(text, 'bob')).body.id, 'done');
  expect(copy).toMatchObject({ duplicateOf: first.id, label: first.label });
  expect(await calls()).toBe(before);
  expect(await until((await post(text, 'eve')).body.id, 'done')).toMatchObject({ duplicateOf: null });
  expect(await calls()).toBe(before + 2);
});

test('a correction wins over whatever comes later', async () => {
  const { id } = (await post('The concert of the school is on Friday evening', 'ada')).body;
  await bursar.client.send('PATCH', `/memories/${id}`, { label: 'opinion' });
  expect(await until(id, 'done')).toMatchObject({ label: 'opinion', labelledBy: 'user' });
  const wrong = await bursar.client.send('PATCH', `/memories/${id}`, { label: 'no such label' });
  expect([wrong.status, JSON.stringify(wrong.body)]).toEqual([400, expect.stringContaining('unknown')]);
});

test('search finds by meaning, of all users or one, and is paid', async () => {
  for (const text of ['The dentist can be reached at 555 0142', 'Bread is in the freezer'])
    await until((await post(text, 'carl')).body.id, 'done');
  const search = (query: string) =>
    bursar.client.get<{ results: (Shown & { textContent: string; similarity: number })[] }>(
      `/memories/search?${query}`,
    );
  const { results } = await search('q=number+of+the+dentist&limit=3');
  expect(results[0]?.textContent).toBe('The dentist can be reached at 555 0142');
  expect(results.map(({ similarity }) => similarity)).toEqual(
    results.map(({ similarity }) => similarity).toSorted((a, b) => b - a),
  );
  const ofCarl = await search('q=number+of+the+dentist&user=carl');
  expect(new Set(ofCarl.results.map(({ user }) => user))).toEqual(new Set(['carl']));
  const { todayCostsByOperation } = await bursar.client.get<{
    todayCostsByOperation: { operation: string; count: number }[];
  }>('/admin/ai-cost-tracking');
  expect(todayCostsByOperation.find(({ operation }) => operation === 'search')?.count).toBe(2);
});

test('labels of one’s own are a new version, which later memories get', async () => {
  const labels = [
    { name: 'garden', description: 'Of plants.', examples: ['Water the roses', 'Tomatoes need sun'] },
    {
      name: 'kitchen',
      description: 'Of cooking.',
      examples: ['Boil the eggs', 'The oven is at 200 degrees'],
    },
  ];
  const { body } = await bursar.client.send<{ version: number }>('POST', '/label-sets', { labels });
  expect(body.version).toBe(1);
  const memory = await until((await post('The roses need water every evening', 'ada')).body.id, 'done');
  expect(memory).toMatchObject({ label: 'garden', labelSetVersion: 1 });
  const twice = await bursar.client.send('POST', '/label-sets', { labels: [labels[0], labels[0]] });
  expect(twice.status).toBe(400);
});

test('its run stands among the runs: it can be paused and resumed, and never ends', async () => {
  const { runs } = await bursar.client.get<{ runs: ApiRun[] }>('/runs?kind=enrichment');
  const [run] = runs;
  expect([runs.length, run?.state]).toEqual([1, 'running']);
  const id = run?.id ?? '';
  await bursar.client.send('POST', `/runs/${id}/pause`);
  await bursar.client.until(id, ({ state }) => state === 'paused');
  const memory = (await post('Tomatoes need a lot of sun in June', 'ada')).body;
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect((await get(memory.id)).state).toBe('pending');
  await bursar.client.send('POST', `/runs/${id}/resume`);
  await until(memory.id, 'done');
  expect((await bursar.client.send('POST', `/runs/${id}/cancel`)).status).toBe(409);
});

test('kill -9 of the worker loses no memory and pays none twice', async () => {
  const added = await Promise.all(
    Array.from({ length: 25 }, (_, at) => post(`Boil ${at} eggs for the salad of the day`, 'dora')),
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  await bursar.workers.pop()?.kill();
  bursar.workers.push(await bursar.startWorker());
  for (const { body } of added) await until(body.id, 'done');
  const { todayCostsByOperation } = await bursar.client.get<{
    todayCostsByOperation: { operation: string; count: number }[];
  }>('/admin/ai-cost-tracking');
  const count = (name: string) =>
    todayCostsByOperation.find(({ operation }) => operation === name)?.count ?? 0;
  const { memories, embeddings } = await bursar.client.get<{ memories: number; embeddings: number }>(
    '/admin/stats',
  );
  expect(memories).toBeGreaterThan(embeddings);
  // Those in flight when it died may have been asked for once more.
  expect(count('embedding') - embeddings).toBeLessThanOrEqual(10);
  expect(count('classification') - embeddings).toBeLessThanOrEqual(10);
}, 60_000);

test.each<[object, string]>([
  [{ textContent: '' }, 'textContent'],
  [{ textContent: 'x'.repeat(8_001) }, 'textContent'],
  [{}, 'textContent'],
  [{ textContent: 'x', user: 'a\nb' }, 'user'],
])('a memory that is not valid is refused by field', async (memory, field) => {
  const { status, body } = await bursar.client.send<{ error: { details: { field: string }[] } }>(
    'POST',
    '/memories',
    memory,
  );
  expect([status, body.error.details[0]?.field]).toEqual([400, field]);
});

test('an amount for the day or for each user makes a budget, null ends it', async () => {
  const put = (body: object) => bursar.client.send<Record<string, unknown>>('PUT', '/admin/settings', body);
  const names = async () =>
    (await bursar.client.get<{ budgets: { name: string; amountUsd: number }[] }>('/budgets')).budgets
      .map(({ name, amountUsd }) => `${name} ${amountUsd}`)
      .sort();
  expect((await put({ dailyAiBudgetUsd: 5, perUserDailyLimitUsd: 0.5 })).body).toMatchObject({
    dailyAiBudgetUsd: 5,
    perUserDailyLimitUsd: 0.5,
  });
  expect(await names()).toEqual(['AI budget of the day 5', 'Daily limit of each user 0.5']);
  await put({ dailyAiBudgetUsd: 6 });
  expect(await names()).toEqual(['AI budget of the day 6', 'Daily limit of each user 0.5']);
  const breaker = await bursar.client.get<{ state: string; percentUsed: number }>('/admin/circuit-breaker');
  expect(breaker.state).toBe('closed');
  expect(breaker.percentUsed).toBeGreaterThan(0);
  await put({ dailyAiBudgetUsd: null, perUserDailyLimitUsd: null });
  expect(await names()).toEqual([]);
  expect((await put({ dailyAiBudgetUsd: -1 })).status).toBe(400);
});
