import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { PROVIDER_MODEL, type Provider, startProvider } from '../support/provider.ts';

const FOLDER = join(import.meta.dirname, '../../examples/intelligence');

let bursar: Bursar;
let provider: Provider;
let larkspur: string;
let tidewell: string;
beforeAll(async () => {
  provider = await startProvider();
  const environment = { ...provider.environment, BURSAR_RUN_RETRY_DELAYS: '1s,2s,3s' };
  bursar = await startBursar({ environment });
  larkspur = await company('Larkspur', [
    ['larkspur/profile.md', 'markdown'],
    ['larkspur/press.html', 'html'],
  ]);
  tidewell = await company('Tidewell', [
    ['tidewell/about.md', 'markdown'],
    ['tidewell/news.txt', 'text'],
  ]);
}, 90_000);
afterAll(() => Promise.all([bursar?.stop(), provider?.stop()]));

async function company(name: string, files: [path: string, format: string][]): Promise<string> {
  const { id } = await bursar.client.post<{ id: string }>('/companies', { name });
  for (const [path, format] of files) {
    const content = readFileSync(join(FOLDER, path), 'utf8');
    await bursar.client.post(`/companies/${id}/sources`, { title: path, format, content });
  }
  return id;
}

async function run(input: object, options: object = {}) {
  const body = { kind: 'intelligence', input, options };
  const { id } = await bursar.client.post<{ id: string }>('/runs', body);
  return bursar.client.untilEnded(id, 60_000);
}

async function report(id: string, format = 'markdown'): Promise<string> {
  const url = `${bursar.client.url}/api/v1/intelligence/reports/${id}?format=${format}`;
  return (await fetch(url, { headers: { 'x-api-key': bursar.client.key } })).text();
}

test('a second run of the same company costs nothing; a comparison reuses both', async () => {
  const first = await run({ companyId: larkspur });
  expect([first.state, first.progress.done, first.calls]).toEqual(['completed', 15, 15]);
  const again = await run({ companyId: larkspur });
  expect([again.progress.reused, again.calls, again.cost.actualUsd]).toEqual([15, 0, 0]);
  expect(await report(again.id)).toBe(await report(first.id));
  await run({ companyId: tidewell });
  const both = await run({ companyId: larkspur, compareId: tidewell });
  expect([both.progress.reused, both.progress.done, both.calls]).toEqual([30, 3, 3]);
  const text = await report(both.id);
  expect(text).toContain('## Larkspur and Tidewell');
  expect(text).toMatch(/\[[AB]:S\d\]/);
  expect(await report(both.id, 'html')).toContain('<h2>Larkspur and Tidewell</h2>');
  const swapped = await run({ companyId: tidewell, compareId: larkspur });
  expect(swapped.calls).toBe(0);
});

test('a new source makes all answers about its company anew, and none about another', async () => {
  const content = 'Tidewell opened a depot in Antwerp in October 2026 and hired 12 couriers there.';
  await bursar.client.post(`/companies/${tidewell}/sources`, { title: 'depot', content });
  const changed = await run({ companyId: tidewell, only: ['NB13'] } as object);
  expect([changed.progress.total, changed.calls]).toEqual([1, 1]);
  expect(await report(changed.id)).toContain('depot in Antwerp in October 2026');
  expect((await run({ companyId: larkspur })).calls).toBe(0);
});

test('a short time of freshness makes answers stale', async () => {
  await bursar.client.send('PUT', '/admin/settings', { snapshotFreshnessDays: 0 });
  expect((await run({ companyId: larkspur, only: ['NB1'] })).calls).toBe(1);
  await bursar.client.send('PUT', '/admin/settings', { snapshotFreshnessDays: null });
});

test('what failed is tried again by itself after its time, and then the run is complete', async () => {
  await provider.setFaults([{ every: 1, status: 503 }]);
  const body = {
    kind: 'intelligence',
    input: { companyId: larkspur, only: ['NB2'] },
    options: { model: PROVIDER_MODEL, maxRetries: 0 },
  };
  const { id } = await bursar.client.post<{ id: string }>('/runs', body);
  const waiting = await bursar.client.until(id, ({ state }) => state === 'waiting');
  expect(waiting).toMatchObject({ waitReason: 'failing', progress: { failed: 1 } });
  expect(Date.parse(waiting.waitingUntil ?? '')).toBeGreaterThan(Date.parse(waiting.waitingSince ?? ''));
  const [text] = ['- It grows by about 9 percent a year in Belgium. [S2]'];
  await provider.setReply(text);
  await provider.setFaults([]);
  const ended = await bursar.client.untilEnded(id);
  expect([ended.state, ended.progress.done, ended.round]).toEqual(['completed', 1, 1]);
  expect(await report(id)).toContain(text);
});

test('after the third try it ends with what there is, and the report says what is missing', async () => {
  await provider.setFaults([{ every: 1, status: 503 }]);
  const started = Date.now();
  const ended = await run(
    { companyId: larkspur, only: ['NB3'] },
    { model: PROVIDER_MODEL, maxRetries: 0, runRetries: 2 },
  );
  expect([ended.state, ended.progress.failed]).toEqual(['completed_with_errors', 1]);
  expect(Date.now() - started).toBeGreaterThan(3_000);
  expect(await report(ended.id)).toContain('*Not done: The provider at');
  await provider.setFaults([]);
});

test('an answer without citations is repaired or refused, never kept', async () => {
  await provider.setReply('It is simply the best company of all, everybody knows that.');
  const ended = await run({ companyId: larkspur, only: ['NB4'] }, { model: PROVIDER_MODEL });
  expect([ended.state, ended.calls]).toEqual(['completed_with_errors', 2]);
  expect(ended.errorLog.errors[0]).toMatchObject({ code: 'llm_output_invalid' });
});

test.each<[object, number, string]>([
  [{ companyId: 'cmp_none' }, 404, 'cmp_none'],
  [{}, 400, 'companyId'],
  [{ companyId: 'x', compareId: 'x' }, 400, 'compareId'],
  [{ companyId: 'x', blocks: 'blocks: [' }, 400, 'YAML'],
])('%j is refused', async (input, status, words) => {
  const answer = await bursar.client.send('POST', '/runs', { kind: 'intelligence', input });
  expect(answer.status).toBe(status);
  expect(JSON.stringify(answer.body)).toContain(words);
});

test('a company without sources is refused', async () => {
  const { id } = await bursar.client.post<{ id: string }>('/companies', { name: 'Empty' });
  const answer = await bursar.client.send('POST', '/runs', {
    kind: 'intelligence',
    input: { companyId: id },
  });
  expect([answer.status, JSON.stringify(answer.body)]).toEqual([400, expect.stringContaining('no sources')]);
});
