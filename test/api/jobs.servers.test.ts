import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiIngestedJobs } from '../../api/jobs.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { testWithSharedData } from '../support/shared-data.ts';
import { clientOf, type OpenStore, openStore } from './second-organization.ts';

let bursar: Bursar;
let opened: OpenStore;
beforeAll(async () => {
  bursar = await startBursar({ workers: 0 });
  opened = await openStore(bursar);
});
afterAll(async () => {
  await opened.close();
  await bursar.stop();
});

type Body = string | Uint8Array;
const HEAD = 'job_id,team_name,model_name,provider,gpu_type,start_time,end_time,status,cost_usd';
const line = (id: string, cost = '1.5', team = 'ops') =>
  `${id},${team},LLaMA,AWS,A100,2026-01-02T10:00:00Z,2026-01-02T12:00:00Z,completed,${cost}`;

/** One key of each organization. */
const keys = new Map<string, string>();
async function keyOf(org: string): Promise<string> {
  const key = keys.get(org) ?? (await opened.keyOf(org, 'operator'));
  keys.set(org, key);
  return key;
}

async function send(key: string, body: Body, query = '', type = 'text/csv') {
  const url = `${bursar.client.url}/api/v1/jobs/ingest${query}`;
  const headers = { 'X-API-Key': key, 'content-type': type };
  const answer = await fetch(url, { method: 'POST', headers, body: body as never });
  const text = await answer.text();
  return {
    status: answer.status,
    body: JSON.parse(text) as ApiIngestedJobs & { error?: { message: string } },
  };
}

/** Of the ledger, folded, in USD. */
async function spentOf(org: string): Promise<number> {
  // The API folds too: what it has in hand is waited for.
  while ((await opened.store.entries.unposted(1)).length > 0) await opened.store.fold();
  const rows = await opened.store.dailyCosts.list(org, '2000-01-01', '2099-01-01', {});
  return rows.reduce((sum, { cost }) => sum + cost, 0) / 1e9;
}

test('CSV, JSON lines and JSON bring the same jobs; the same again changes nothing', async () => {
  const key = await keyOf('forms');
  const csv = `${HEAD}\n${line('a')}\n${line('b', '2')}`;
  expect((await send(key, csv)).body).toMatchObject({ inserted: 2, failed: 0, costUsd: 3.5 });
  const rows = [line('a'), line('b', '2')].map((each) => {
    const values = each.split(',');
    return Object.fromEntries(HEAD.split(',').map((name, at) => [name, values[at]]));
  });
  const lines = rows.map((row) => JSON.stringify(row)).join('\n');
  for (const [body, type] of [
    [`\ufeff${csv.replaceAll('\n', '\r\n')}\r\n`, 'text/csv'],
    [gzipSync(csv), 'text/csv'],
    [lines, 'application/x-ndjson'],
    [gzipSync(lines), 'application/x-ndjson'],
    [JSON.stringify(rows), 'application/json'],
    [JSON.stringify({ jobs: rows }), 'application/json'],
  ] as [Body, string][])
    expect((await send(key, body, '', type)).body).toMatchObject({ unchanged: 2, inserted: 0, updated: 0 });
  expect(await spentOf('forms')).toBe(3.5);
});

test('a job that changes posts the difference to the ledger, and analytics follow', async () => {
  const key = await keyOf('moves');
  await send(key, `${HEAD}\n${line('a')}\n${line('b', '2')}`);
  const again = await send(key, `${HEAD}\n${line('a', '4')}\n${line('b', '2', 'research')}`);
  expect(again.body).toMatchObject({ updated: 2, unchanged: 0 });
  expect(await spentOf('moves')).toBe(6);
  const client = await clientOf(bursar, opened, 'moves', 'admin');
  const teams = await client.get<{ team_name: string; total_cost_usd: number; team_id: string }[]>(
    '/analytics/cost/by-team?start=2026-01-01&end=2026-01-31',
  );
  expect(teams.map((team) => [team.team_name, team.total_cost_usd])).toEqual([
    ['ops', 4],
    ['research', 2],
  ]);
  const own = await client.get<{ jobs: object[]; total: number }>(`/jobs?team_id=${teams[1]?.team_id}`);
  expect([own.total, own.jobs]).toEqual([1, [expect.objectContaining({ job_id: 'b', cost_usd: 2 })]]);
});

test('what has no cost is priced by what it used, else by the hours of its GPUs', async () => {
  const key = await keyOf('priced');
  const used = 'cpu_time,memory_mb_seconds,payload_bytes,redis_ops,network_bytes';
  const rows = [
    `${line('used', '')},15.2,2048,51200,25,10240`,
    `${line('hours', '')},,,,,`,
    `${line('neither', '').replace('A100', 'unheard-of')},,,,,`,
    `${line('wrong', '')},-1,,,,`,
  ];
  const { body } = await send(key, `${HEAD},${used}\n${rows.join('\n')}`);
  const problem = expect.stringContaining('is -1');
  expect(body).toMatchObject({ inserted: 3, failed: 1, errors: [{ line: 5, field: 'cpu_time', problem }] });
  const { jobs } = await (await clientOf(bursar, opened, 'priced', 'viewer')).get<{
    jobs: { job_id: string; cost_usd: number; cost_basis: string }[];
  }>('/jobs');
  expect(jobs.map((job) => [job.job_id, job.cost_usd, job.cost_basis])).toEqual([
    ['hours', 2 * 2.745, 'gpu_hours'],
    ['neither', 0, 'none'],
    ['used', 0.024122656, 'cost_model'],
  ]);
});

test('costs of jobs count against budgets', async () => {
  const client = await clientOf(bursar, opened, 'budgeted', 'admin');
  const month = { period: { type: 'monthly', timeZone: 'UTC' }, amountUsd: 100, scope: { team: 'ops' } };
  const { id } = await client.post<{ id: string }>('/budgets', { name: 'ops', ...month });
  const now = new Date(Date.now() - 60_000).toISOString();
  const body = `${HEAD}\n${line('a', '25').replaceAll(/2026-01-02T1.:00:00Z/g, now)}`;
  await send(await keyOf('budgeted'), body);
  await opened.store.fold();
  const budget = await client.get<{ current: { spentUsd: number; leftUsd: number } }>(`/budgets/${id}`);
  expect(budget.current).toMatchObject({ spentUsd: 25, leftUsd: 75 });
});

test('the sample jobs come in once, with their teams', async () => {
  const client = await clientOf(bursar, opened, 'samples', 'admin');
  const post = () => client.post<{ result: object }>('/admin/ingest/jobs/mock');
  expect(await post()).toEqual({
    status: 'success',
    message: '30 jobs of 3 teams: 30 inserted, 0 updated, 0 unchanged, 0 failed',
    result: {
      teams: { created: 3, existing: 0, total: 3 },
      jobs: { inserted: 30, updated: 0, unchanged: 0, failed: 0, total: 30 },
      errors: [],
    },
  });
  expect((await post()).result).toMatchObject({
    teams: { created: 0, existing: 3 },
    jobs: { inserted: 0, unchanged: 30 },
  });
  const models = await client.get<{ job_count: number }[]>(
    '/analytics/cost/by-model?start=2026-01-01&end=2026-01-14',
  );
  expect(models.reduce((sum, { job_count }) => sum + job_count, 0)).toBe(30);
});

test('lists by page, team, status and provider, of one organization alone', async () => {
  const key = await keyOf('lists');
  const rows = Array.from({ length: 5 }, (_, index) => line(`j${index}`));
  await send(key, `${HEAD}\n${rows.join('\n')}\n${line('x').replace('completed', 'Failed')}`);
  const client = await clientOf(bursar, opened, 'lists', 'viewer');
  const page = await client.get<object>('/jobs?skip=4&limit=1');
  expect(page).toMatchObject({ total: 6, skip: 4, limit: 1, has_more: true, jobs: [{ job_id: 'j4' }] });
  expect(await client.get('/jobs?status=failed')).toMatchObject({ total: 1, has_more: false });
  expect(await client.get('/jobs?provider=AWS')).toMatchObject({ total: 6 });
  expect(await client.get('/jobs?team_id=team_none')).toMatchObject({ total: 0, jobs: [] });
  const stranger = await clientOf(bursar, opened, 'list-strangers', 'admin');
  expect(await stranger.get('/jobs')).toMatchObject({ total: 0, jobs: [] });
});

describe('a file that is bad', () => {
  const good = line('good');
  test.each<[string, Body, Partial<ApiIngestedJobs['errors'][number]>]>([
    ['has a quote that stays open', `${HEAD}\n${good}\n"a,b`, { line: 3, field: 'row' }],
    ['has a row too short', `${HEAD}\na,b\n${good}`, { line: 2, field: 'row' }],
    ['has a row too long', `${HEAD}\n${good},1,2\n${good}`, { line: 2, field: 'row' }],
    ['has a line of 10 MB', `${HEAD}\n${good}\n${'x'.repeat(10_000_000)}`, {}],
    ['has a word for a cost', `${HEAD}\n${line('a', 'much')}\n${good}`, { line: 2, field: 'cost_usd' }],
    ['has a formula for a cost', `${HEAD}\n${line('a', '=1+1')}\n${good}`, { field: 'cost_usd' }],
    ['has NaN for a cost', `${HEAD}\n${line('a', 'NaN')}\n${good}`, { field: 'cost_usd' }],
    ['has no id', `${HEAD}\n${line('')}\n${good}`, { line: 2, field: 'job_id' }],
    ['has a day that is not', `${HEAD}\n${good}\n${line('a').replaceAll('01-02', '02-30')}`, { line: 3 }],
    ['lies in the future', `${HEAD}\n${good}\n${line('a').replaceAll('2026', '2126')}`, { line: 3 }],
    ['ends before it starts', `${HEAD}\n${good}\n${line('a').replace('T10', 'T13')}`, { field: 'end_time' }],
    [
      'has an unknown status',
      `${HEAD}\n${good}\n${line('a').replace('completed', 'lost')}`,
      { field: 'status' },
    ],
    ['has a null byte', `${HEAD}\n${good}\n${line('a', '1', 'o\u0000s')}`, { field: 'team_name' }],
  ])('%s: the good rows are kept, and the bad one is named', async (name, body, problem) => {
    const { status, body: answer } = await send(await keyOf(name.replaceAll(' ', '-')), body);
    expect([name, status, answer.inserted]).toEqual([name, 200, 1]);
    expect(answer.failed).toBeGreaterThan(0);
    expect(answer.errors[0]).toMatchObject(problem);
  });

  test.each<[string, Body, number, string]>([
    ['has another encoding', Buffer.from(`${HEAD}\n${line('a', '1', 'café')}`, 'latin1'), 400, 'UTF-8'],
    ['names a column twice', `job_id,${HEAD}\n1,${good}`, 400, 'stands twice'],
    ['is a zip bomb', gzipSync(Buffer.alloc(80_000_000, 'a')), 413, 'unpacks to more'],
    ['is a broken gzip', gzipSync(good).subarray(0, 20), 400, 'cut off or broken'],
    ['is empty', '', 400, 'empty'],
  ])('%s: it is refused', async (name, body, status, message) => {
    const answer = await send(await keyOf('refused'), body);
    expect([name, answer.status]).toEqual([name, status]);
    expect(answer.body.error?.message).toContain(message);
  });

  test('quoted line breaks and two rows of one id are fine: the later row counts', async () => {
    const key = await keyOf('fine');
    const odd = `${HEAD}\n"a\nb",${line('').slice(1)}\n${line('c')}\n${line('c', '2')}`;
    const { body } = await send(key, odd);
    expect(body).toMatchObject({ inserted: 1, updated: 1, failed: 1 });
    expect(body.errors[0]).toMatchObject({ line: 3, field: 'job_id' });
  });
});

const OPENB =
  '?map=job_id=name,start_time=scheduled_time,end_time=deletion_time,status=pod_phase,' +
  'gpu_type=gpu_spec,gpu_count=num_gpu&set=team_name=ops,provider=alibaba,model_name=x&epoch=2023-01-01';

testWithSharedData(
  'all 8,152 jobs of a cluster come in, 897 of them pending without a start, and twice changes nothing',
  'gpu_jobs_openb_gpuspec33.csv',
  async (path) => {
    const key = await keyOf('openb');
    const csv = readFileSync(path);
    expect((await send(key, csv, OPENB)).body).toMatchObject({ inserted: 8_152, failed: 0, errors: [] });
    expect((await send(key, csv, OPENB)).body).toMatchObject({ inserted: 0, unchanged: 8_152, failed: 0 });
    const stored = opened.store.jobs.model.collection;
    const pending = { o: 'openb', st: 'pending', s: { $exists: false }, e: { $exists: true } };
    expect(await stored.countDocuments(pending as never)).toBe(897);
    const kinds = (await stored.distinct('g', { o: 'openb' } as never)) as string[];
    expect(kinds).toContain('v100m16|v100m32');
  },
  60_000,
);

testWithSharedData(
  'a log of 8,819 LLM calls is a file of jobs: rows are numbered, tokens are priced by model',
  'azure_llm_code_2023.csv',
  async (path) => {
    const key = await keyOf('azure');
    const query =
      '?map=job_id=@row,start_time=TIMESTAMP,end_time=TIMESTAMP,input_tokens=ContextTokens,' +
      'output_tokens=GeneratedTokens&set=team_name=code,provider=openai,model_name=gpt-4o,status=completed';
    const { body } = await send(key, readFileSync(path), query);
    expect(body).toMatchObject({ inserted: 8_819, failed: 0 });
    expect(body.costUsd).toBeGreaterThan(10);
    expect(await spentOf('azure')).toBeCloseTo(body.costUsd, 6);
  },
  60_000,
);
