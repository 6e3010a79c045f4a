import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import type { ApiIngestedJobs } from '../../api/jobs.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { focusProblems } from '../support/focus-rules.ts';
import { testWithSharedData } from '../support/shared-data.ts';
import { type OpenStore, openStore } from './second-organization.ts';

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

const SPAN = 'start=2020-01-01&end=2027-12-31';
const keys = new Map<string, string>();
async function keyOf(org: string): Promise<string> {
  const key = keys.get(org) ?? (await opened.keyOf(org, 'operator'));
  keys.set(org, key);
  return key;
}

async function send(org: string, body: string | Uint8Array, query = '?format=csv') {
  const url = `${bursar.client.url}/api/v1/jobs/ingest${query}`;
  const headers = { 'X-API-Key': await keyOf(org) };
  const answer = await fetch(url, { method: 'POST', headers, body: body as never });
  return (await answer.json()) as ApiIngestedJobs & { error?: { message: string } };
}

async function take(org: string, query: string, span = SPAN): Promise<Response> {
  const url = `${bursar.client.url}/api/v1/jobs/export?${query}${span === '' ? '' : `&${span}`}`;
  return fetch(url, { headers: { 'X-API-Key': await keyOf(org) } });
}

/** One of each kind: a cost, tokens alone, no cost, pending, credit, texts that a spreadsheet calculates. */
const HEAD = 'job_id,team_name,model_name,provider,gpu_type,start_time,end_time,status,user,gpu_count,';
const JOBS = [
  `${HEAD}input_tokens,output_tokens,cost_usd,cost_basis`,
  'cost,ops,LLaMA,AWS,A100,2026-01-02T10:00:00.125Z,2026-01-02T12:00:00Z,completed,ann,0.5,,,0.000000001,',
  'tokens,ops,gpt-4o,openai,,2026-01-03T10:00:00Z,2026-01-03T10:00:00Z,failed,,,1000,200,,',
  'none,"=cmd|calc, ""x""",BERT,gcp,,2026-01-31T23:59:59.5Z,,running,\'=x,,,,,',
  "'+pending,lab,GPT,aws,H100,,,pending,-5,,,,,",
  'credit,ops,LLaMA,aws,,2026-01-04T10:00:00Z,2026-01-04T11:00:00Z,completed,,,,,-1.25,credit',
].join('\n');

describe('what is exported comes in again unchanged', () => {
  test.each(['csv', 'jsonl', 'focus'])(
    'as %s, into the same organization and into another',
    async (format) => {
      const org = `again-${format}`;
      expect(await send(org, JOBS)).toMatchObject({ inserted: 5, failed: 0 });
      const answer = await take(org, `format=${format}`);
      expect(answer.headers.get('content-disposition')).toBe(
        `attachment; filename="jobs-2020-01-01-to-2027-12-31.${format === 'focus' ? 'focus.csv' : format}"`,
      );
      const file = await answer.text();
      const query = `?format=${format}`;
      expect(await send(org, file, query)).toMatchObject({
        unchanged: 5,
        inserted: 0,
        updated: 0,
        failed: 0,
      });
      expect(await send(`${org}-copy`, file, query)).toMatchObject({ inserted: 5, failed: 0 });
      const copies = [org, `${org}-copy`].map(async (each) => (await take(each, 'format=csv')).text());
      expect(await copies[1]).toBe(await copies[0]);
    },
  );

  test('costs have all their digits, and no cell is calculated by a spreadsheet', async () => {
    await send('again-csv', JOBS);
    const rows = parse(await (await take('again-csv', 'format=csv')).text(), { columns: true }) as Row[];
    expect(Object.fromEntries(rows.map((row) => [row.job_id, row.cost_usd]))).toMatchObject({
      cost: '0.000000001',
      credit: '-1.25',
      none: '',
    });
    const cells = rows.flatMap((row) => Object.values(row)).filter((cell) => /^[=+\-@\t\r]/.test(cell));
    expect(cells.toSorted()).toEqual(['-1.25', '-5']);
  });
});

testWithSharedData(
  'a foreign file of FOCUS comes in, and goes out, at the sum of its costs',
  'focus_1.0_sample.csv',
  async (path) => {
    const sample = readFileSync(path);
    const wanted = { inserted: 1_000, unchanged: 0, failed: 0, costUsd: 20.520226729 };
    expect(await send('focus', sample, '?format=focus')).toMatchObject(wanted);
    // By its head alone.
    const again = { inserted: 0, updated: 0, unchanged: 1_000, failed: 0 };
    expect(await send('focus', sample, '?format=csv')).toMatchObject(again);
    while ((await opened.store.entries.unposted(1)).length > 0) await opened.store.fold();
    const days = await opened.store.dailyCosts.list('focus', '2024-01-01', '2024-12-31', {});
    expect(days.reduce((sum, { cost }) => sum + cost, 0)).toBe(20_520_226_729);
    expect(
      (await opened.store.analyzeJobs('focus', '2024-01-01', '2024-12-31', ['team'])).groups,
    ).toHaveLength(68);
    expect((await opened.store.checkLedger('focus')).differences).toEqual([]);
    for (const version of ['1.2', '1.4'] as const) {
      const file = await (await take('focus', `format=focus&focus_version=${version}`)).text();
      const [head = [], ...rest] = parse(file) as string[][];
      const rows = rest.map((cells) => Object.fromEntries(head.map((name, at) => [name, cells[at] ?? ''])));
      expect(focusProblems(head, rows, version)).toEqual([]);
      const sum = rows.reduce((total, row) => total + Number(row.BilledCost), 0);
      expect(Math.abs(sum - 20.520_226_728_990_03)).toBeLessThan(1e-9);
      expect(await send('focus', file, '?format=focus')).toMatchObject(again);
    }
  },
);

test('what is no file of FOCUS is refused, and what is wrong with a charge names its column', async () => {
  const { error } = await send('refused', JOBS, '?format=focus');
  expect(error?.message).toMatch(/no FOCUS file: it lacks BilledCost, BillingCurrency, ChargePeriodStart/);
  const head = 'BilledCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ProviderName,ServiceName';
  const rows = ['1,EUR,2026-01-01,2026-01-02,AWS,S3', '2,USD,2026-01-01,2026-01-02,AWS,S3'];
  const answer = await send('refused', [head, ...rows].join('\n'), '?format=csv&set=team_name=ops');
  expect(answer).toMatchObject({
    inserted: 1,
    costUsd: 2,
    errors: [{ line: 2, field: 'BillingCurrency', problem: 'is EUR; only USD is understood' }],
  });
  expect((await take('refused', 'format=csv&focus_version=1.4')).status).toBe(400);
});

type Row = Record<string, string>;
const idsOf = async (answer: Response) =>
  (parse(await answer.text(), { columns: true }) as Row[]).map(({ job_id: id }) => id);

test('days, team, status and provider select; a team that is not there has none', async () => {
  await send('selected', JOBS);
  const { jobs } = (await (
    await fetch(`${bursar.client.url}/api/v1/jobs?team_name=lab`, {
      headers: { 'X-API-Key': await keyOf('selected') },
    })
  ).json()) as { jobs: { team_id: string }[] };
  const wanted: [string, string[]][] = [
    ['start=2026-01-03&end=2026-01-04', ['credit', 'tokens']],
    ['team_name=ops&status=completed', ['credit', 'cost']],
    ['provider=OpenAI', ['tokens']],
    [`team_id=${jobs[0]?.team_id}`, ["'+pending"]],
    ['team_id=team_none', []],
  ];
  for (const [query, ids] of wanted) {
    const answer = await take('selected', query, query.startsWith('start') ? '' : SPAN);
    expect([query, await idsOf(answer)]).toEqual([query, ids]);
  }
  expect(await idsOf(await take('nobody', 'format=csv'))).toEqual([]);
});

test('a workbook and a Parquet file of the same jobs', async () => {
  await send('files', JOBS);
  const book = await take('files', 'format=xlsx');
  expect(book.headers.get('content-type')).toContain('spreadsheetml.sheet');
  expect(
    Buffer.from(await book.arrayBuffer())
      .subarray(0, 2)
      .toString(),
  ).toBe('PK');
  const file = await (await take('files', 'format=parquet&team_name=ops')).arrayBuffer();
  const rows = await parquetReadObjects({ file });
  expect(rows.map(({ job_id: id, cost_usd: cost }) => [id, Math.round(cost * 1e9)])).toEqual([
    ['credit', -1_250_000_000],
    ['tokens', 4_500_000],
    ['cost', 1],
  ]);
});

test('many jobs come as they are read: a client that goes away ends it', async () => {
  const lines = Array.from(
    { length: 5_000 },
    (_, at) => `m${at},ops,LLaMA,aws,A100,2026-01-02T10:00:00Z,2026-01-02T12:00:00Z,completed,0.001`,
  );
  const head = 'job_id,team_name,model_name,provider,gpu_type,start_time,end_time,status,cost_usd';
  await send('many', gzipSync([head, ...lines].join('\n')));
  const left = (await take('many', 'format=jsonl')).body?.getReader();
  await left?.read();
  await left?.cancel();
  const text = await (await take('many', 'format=jsonl')).text();
  expect(text.trimEnd().split('\n')).toHaveLength(5_000);
});
