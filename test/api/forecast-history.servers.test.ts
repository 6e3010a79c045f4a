import { setTimeout as sleep } from 'node:timers/promises';
import { keepForecasts } from '../../activities/forecasts.ts';
import { runBursar, scratchFolder } from '../cli/run-bursar.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { openTemporal } from '../support/histories.ts';
import { type OpenStore, openStore } from './second-organization.ts';

const DAY_MS = 86_400_000;
const HISTORY_DAYS = 40;
const DAYS_AGO = 8;
/** Of the built-in cost model. */
const USD_PER_SECOND = 0.0001;
const BASE_USD = 0.001;
const METRICS = { memoryMbSeconds: 0, payloadBytes: 0, redisOps: 0, networkBytes: 0 };

interface Stored {
  date: string;
  final: boolean;
  week: {
    start: string;
    end: string;
    predictedUsd: number;
    actualUsd: number | null;
    accuracyPercent: number;
  };
  days: { date: string; point: number; interval95: { low: number; high: number } | null }[];
}
interface Page {
  forecasts: Stored[];
  total: number;
  cursor?: string;
}

let bursar: Bursar;
let opened: OpenStore;
let temporal: Awaited<ReturnType<typeof openTemporal>>;
let budget: string;

const folder = scratchFolder();
const dayOf = (ago: number) => new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10);
const get = <T>(path: string) => bursar.client.get<T>(path);

beforeAll(async () => {
  temporal = await openTemporal();
  bursar = await startBursar();
  opened = await openStore(bursar);
  const jobs = Array.from({ length: HISTORY_DAYS }, (_, ago) => job('mail', ago, 10 + (ago % 3)));
  const terms = { name: 'mail', amountUsd: 9_000, scope: { queue: 'mail' }, period: { type: 'yearly' } };
  budget = (await bursar.client.post<{ id: string }>('/budgets', terms)).id;
  await bursar.client.post('/costs/jobs', { jobs });
  await untilCounted(HISTORY_DAYS);
  // What a worker has done eight days ago.
  const then = new Date(Date.now() - DAYS_AGO * DAY_MS);
  await keepForecasts({ store: opened.store, now: () => then });
}, 60_000);
afterAll(() => Promise.all([bursar.stop(), opened.close(), temporal.close()]));

/** One that has ended on a day of the past. */
function job(queueName: string, ago: number, usd: number) {
  const used = { ...METRICS, cpuTime: (usd - BASE_USD) / USD_PER_SECOND };
  const endedAt = `${dayOf(ago)}T00:00:00Z`;
  return { ...used, jobId: `${queueName}-${ago}-${usd}`, queueName, jobType: 'x', endedAt };
}

async function untilCounted(count: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const path = `/costs/daily?queue=mail&start=${dayOf(60)}&end=${dayOf(0)}`;
    const { total } = await get<{ total: { total_jobs: number } }>(path);
    if (total.total_jobs >= count) return;
    await sleep(100);
  }
  throw new Error(`there are no ${count} costs`);
}

/** What the schedule starts every minute. */
async function keepHouse(): Promise<void> {
  await temporal.client.workflow.execute('housekeeping', {
    taskQueue: bursar.name,
    workflowId: `housekeeping-${Math.random()}`,
  });
}

test('housekeeping keeps a forecast a day, and tells in time what came true', async () => {
  const path = `/forecasts/history?budget=${budget}`;
  const [first] = (await get<Page>(path)).forecasts;
  expect(first).toMatchObject({
    date: dayOf(DAYS_AGO),
    final: false,
    week: { start: dayOf(DAYS_AGO), end: dayOf(DAYS_AGO - 6), actualUsd: null, accuracyPercent: null },
  });
  expect(first?.days.map(({ date }) => date)).toEqual(
    Array.from({ length: 90 }, (_, at) => dayOf(DAYS_AGO - at)),
  );
  expect(await get('/forecasts?queue=mail')).toMatchObject({ accuracyPercent: null, accuracySamples: 0 });
  await keepHouse();
  const { forecasts, total } = await get<Page>(path);
  expect([total, forecasts.map(({ date }) => date)]).toEqual([2, [dayOf(0), dayOf(DAYS_AGO)]]);
  const [, old] = forecasts;
  const actual = Array.from({ length: 7 }, (_, at) => 10 + ((DAYS_AGO - at) % 3)).reduce((a, b) => a + b, 0);
  expect(old?.week.actualUsd).toBeCloseTo(actual, 9);
  const right = 100 * (1 - Math.abs((old?.week.predictedUsd ?? 0) - actual) / actual);
  expect(old?.week.accuracyPercent).toBeCloseTo(right, 9);
  expect(right).toBeGreaterThan(85);
  for (const query of ['queue=mail', `budget=${budget}`]) {
    const now = await get<{ accuracyPercent: number; accuracySamples: number }>(`/forecasts?${query}`);
    expect([now.accuracyPercent, now.accuracySamples]).toEqual([old?.week.accuracyPercent, 1]);
  }
  expect(await get('/forecasts?team=none')).toMatchObject({ accuracyPercent: null, accuracySamples: 0 });
  const metrics = await (await fetch(`${bursar.client.url}/metrics`)).text();
  expect(Number(/^forecast_accuracy_percent (.*)$/m.exec(metrics)?.[1])).toBeCloseTo(right, 9);
});

test('the history has pages, is that of its scope, and is nobody else’s', async () => {
  const first = await get<Page>(`/forecasts/history?queue=mail&limit=1`);
  expect([first.total, first.forecasts.length]).toEqual([2, 1]);
  const second = await get<Page>(`/forecasts/history?queue=mail&limit=1&cursor=${first.cursor}`);
  expect([second.forecasts[0]?.date, second.cursor]).toEqual([dayOf(DAYS_AGO), undefined]);
  expect((await get<Page>('/forecasts/history')).total).toBe(2);
  expect((await get<Page>('/forecasts/history?team=none')).forecasts).toEqual([]);
  const strange = await opened.keyOf('strangers', 'viewer');
  const ask = (path: string) =>
    fetch(`${bursar.client.url}/api/v1${path}`, { headers: { 'x-api-key': strange } });
  expect((await ask(`/forecasts/history?budget=${budget}`)).status).toBe(404);
  expect(await (await ask('/forecasts/history')).json()).toMatchObject({ forecasts: [], total: 0 });
  expect((await bursar.client.send('GET', '/forecasts/history?cursor=x')).status).toBe(400);
});

test('the command line says how right forecasts were, and lists them', async () => {
  const at = ['--url', bursar.client.url, '--api-key', bursar.key];
  const shown = await runBursar(folder, ['forecast', '--queue', 'mail', '--days', '1', ...at]);
  expect(shown.stdout).toMatch(/^accuracy +\d+% in the mean over 1 earlier forecast$/m);
  const list = await runBursar(folder, ['forecast', '--queue', 'mail', '--history', ...at]);
  expect(list.stdout).toMatch(
    new RegExp(
      `^made .*\n${dayOf(0)} +\\$\\d.* –\n${dayOf(DAYS_AGO)} +\\$\\d+\\.\\d+ +\\$\\d+\\.\\d+ +\\d+%`,
    ),
  );
});

test('a fold that cannot go on is said: the state is stale until it can', async () => {
  const folds = opened.connection.collection<{ _id: string }>('fold');
  const good = await folds.findOne({ _id: 'fold' });
  const broken = { number: 1_000, done: false, minute: Math.floor(Date.now() / 60_000) - 10, ids: 7 };
  await folds.updateOne({ _id: 'fold' }, { $set: broken });
  await bursar.client.post('/costs/jobs', { jobs: [job('mail', 1, 500)] });
  expect(await get('/forecasts?queue=mail')).toMatchObject({
    state: 'stale',
    recommendation: expect.stringMatching(/^Costs wait to be counted/),
  });
  const { number = 0 } = (good ?? {}) as { number?: number };
  await folds.updateOne({ _id: 'fold' }, { $set: { number, done: true, ids: [] } });
  await untilCounted(HISTORY_DAYS + 1);
  expect(await get('/forecasts?queue=mail')).toMatchObject({ state: 'ok' });
});
