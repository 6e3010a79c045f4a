import { newStore, type OpenedStore } from '../store/database.ts';
import { writeJobs } from '../store/job-days.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';

interface Refused {
  error: { details: { field: string; problem: string }[] };
}

let bursar: Bursar;
let opened: OpenedStore;

beforeAll(async () => {
  bursar = await startBursar({ workers: 0, apis: 2 });
  opened = await newStore(bursar.name);
  const job = { provider: 'aws', gpu_type: 'a100', user: 'ann' };
  await writeJobs(opened, 'default', [
    { ...job, id: '1', day: '2026-01-03', team: 'ml-research', model: 'GPT', costNanoUsd: 3e9 },
    { ...job, id: '2', day: '2026-01-04', team: 'ml-research', model: 'BERT', costNanoUsd: 1e9 },
    { ...job, id: '3', day: '2026-01-10', team: 'ai-platform', model: 'GPT', costNanoUsd: 2e9 },
    { ...job, id: '4', day: '2026-01-11', team: 'ai-platform', model: 'GPT', costNanoUsd: 4e9 },
    { ...job, id: '5', day: '2026-01-11', team: 'ml-research', model: 'BERT', costNanoUsd: 2e9 },
  ]);
}, 60_000);
afterAll(async () => {
  await opened.close();
  await bursar.stop();
});

const get = (path: string) => bursar.client.get<Record<string, unknown>[]>(`/analytics/cost/${path}`);

test('costs by model, the dearest first, with the trend against the days before', async () => {
  expect(await get('by-model?start=2026-01-08&end=2026-01-14')).toEqual([
    {
      model_name: 'GPT',
      total_cost_usd: 6,
      job_count: 2,
      start_date: '2026-01-08',
      end_date: '2026-01-14',
      share: 0.75,
      average_cost_usd: 3,
      trend: { previous_cost_usd: 3, change_percent: 100 },
    },
    {
      model_name: 'BERT',
      total_cost_usd: 2,
      job_count: 1,
      start_date: '2026-01-08',
      end_date: '2026-01-14',
      share: 0.25,
      average_cost_usd: 2,
      trend: { previous_cost_usd: 1, change_percent: 100 },
    },
  ]);
});

test('all of it is taken away as one table, and as a workbook', async () => {
  const span = 'start=2026-01-08&end=2026-01-14';
  const take = (format: string) =>
    fetch(`${bursar.client.url}/api/v1/analytics/export?${span}&format=${format}`, {
      headers: { 'X-API-Key': bursar.key },
    });
  const lines = (await (await take('csv')).text()).trimEnd().split('\r\n');
  expect(lines.filter((line) => /^(dimension|model|day),/.test(line))).toEqual([
    'dimension,name,start_date,end_date,job_count,total_cost_usd,share,average_cost_usd,' +
      'previous_cost_usd,change_percent',
    'model,GPT,2026-01-08,2026-01-14,2,6,0.75,3,3,100',
    'model,BERT,2026-01-08,2026-01-14,1,2,0.25,2,1,100',
    'day,2026-01-10,2026-01-10,2026-01-10,1,2,0.25,2,0,',
    'day,2026-01-11,2026-01-11,2026-01-11,2,6,0.75,3,2,200',
  ]);
  const rows = (await (await take('jsonl')).text()).trimEnd().split('\n');
  expect(JSON.parse(rows[0] ?? '')).toMatchObject({ dimension: 'team', total_cost_usd: 6, share: 0.75 });
  const book = await take('xlsx');
  expect(book.headers.get('content-disposition')).toContain('analytics-2026-01-08-to-2026-01-14.xlsx');
  expect(
    Buffer.from(await book.arrayBuffer())
      .subarray(0, 2)
      .toString(),
  ).toBe('PK');
});

test('costs by team name the team and its id, the same from every API', async () => {
  const path = '/analytics/cost/by-team?start=2026-01-01&end=2026-01-31';
  const answers = await Promise.all(
    bursar.clients.map((client) => client.get<{ team_name: string }[]>(path)),
  );
  expect(answers[0]).toEqual(answers[1]);
  expect(answers[0]?.map(({ team_name }) => team_name)).toEqual(['ai-platform', 'ml-research']);
  expect(answers[0]?.[0]).toMatchObject({ team_id: expect.stringMatching(/./), total_cost_usd: 6 });
});

test('every other dimension, and any two crossed', async () => {
  expect(await get('by-gpu-type?start=2026-01-01&end=2026-01-31')).toMatchObject([
    { gpu_type: 'a100', job_count: 5, total_cost_usd: 12, trend: { change_percent: null } },
  ]);
  expect(await get('by-queue?start=2026-01-01&end=2026-01-31')).toMatchObject([
    { queue: null, job_count: 5 },
  ]);
  expect(await get('by-week?start=2026-01-01&end=2026-01-31')).toMatchObject([
    { week: '2026-01-05', total_cost_usd: 8, trend: { previous_cost_usd: 4, change_percent: 100 } },
    { week: '2025-12-29', total_cost_usd: 4, start_date: '2026-01-01', end_date: '2026-01-04' },
  ]);
  expect(await get('cross?start=2026-01-01&end=2026-01-31&rows=team&columns=model&limit=1')).toMatchObject([
    { team_name: 'ai-platform', model_name: 'GPT', job_count: 2, total_cost_usd: 6 },
  ]);
});

test('days that are not valid are refused by field', async () => {
  const problems = async (query: string) => {
    const { status, body } = await bursar.client.send<Refused>('GET', `/analytics/cost/${query}`);
    expect(status).toBe(400);
    return body.error.details.map(({ field, problem }) => `${field} ${problem}`);
  };
  expect((await problems('by-model')).map((each) => each.split(' ')[0])).toEqual(['start', 'end']);
  expect(await problems('by-model?start=2026-02-30&end=2026-03-01')).toEqual([
    'start must be a day of the calendar, YYYY-MM-DD',
  ]);
  expect(await problems('by-team?start=2026-02-02&end=2026-02-01')).toEqual([
    'end lies before start, which is 2026-02-02',
  ]);
  expect(await problems('by-team?start=2001-01-01&end=2026-02-01')).toEqual([
    'end must be at most 3660 days after start',
  ]);
  const days = 'start=2026-01-01&end=2026-01-31';
  expect(await problems(`cross?${days}&rows=team&columns=team`)).toEqual([
    'columns must be another one than rows, which is team',
  ]);
  expect(await problems(`cross?${days}&rows=day&columns=month`)).toEqual([
    'columns must not be a time, for rows is one: day',
  ]);
});

test('a time without jobs is an empty list', async () => {
  expect(await get('by-model?start=2020-01-01&end=2020-12-31')).toEqual([]);
});
