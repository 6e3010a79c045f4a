import { setTimeout as sleep } from 'node:timers/promises';
import { costOfUsage } from '../../domain/money.ts';
import type { Report } from '../../domain/report/report.ts';
import { proveReport } from '../proof/report.ts';
import { dayOf } from '../proof/report-costs.ts';
import { drawOf, entryOf, granted, wanted } from '../store/money.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { nano } from './cost-data.ts';
import { JOB } from './costing-routes.ts';
import { clientOf, type ErrorBody, type OpenStore, openStore } from './second-organization.ts';

let bursar: Bursar;
let opened: OpenStore;
const DAYS = 40;
const SPAN = `start=${dayOf(DAYS - 1)}&end=${dayOf(0)}`;

beforeAll(async () => {
  bursar = await startBursar();
  opened = await openStore(bursar);
}, 60_000);
afterAll(async () => {
  await opened.close();
  await bursar.stop();
});

const reportOf = (query = '') => bursar.client.get<Report>(`/reports?${query}`);
const raw = (query: string, headers = {}) =>
  fetch(`${bursar.client.url}/api/v1/reports?${query}`, { headers: { 'x-api-key': bursar.key, ...headers } });

test('a period without costs is reported as such', async () => {
  const report = await reportOf('start=2020-02-01&end=2020-02-29');
  expect(report).toMatchObject({
    ...{ organization: 'default', totalSpend: 0, budgetAmount: null, utilization: null, topDrivers: [] },
    period: { start: '2020-02-01', end: '2020-02-29', timeZone: 'UTC', days: 29, complete: true },
    comparison: { start: '2020-01-01', end: '2020-01-31' },
    recommendations: [],
  });
  expect(report.dayBreakdown).toHaveLength(29);
});

test('every breakdown equals the ledger, to the nano-dollar', async () => {
  await proveReport(bursar, { jobs: 1_200, days: DAYS, queues: 23, teams: 7, users: 41 });
}, 120_000);

test('what runs reused is saved, and the metric says the same', async () => {
  const { savings, estimates } = await reportOf(SPAN);
  expect(savings.reuse).toMatchObject({ items: 15, unpricedItems: 0 });
  expect(savings.reuse.usd).toBeGreaterThan(0);
  expect(savings.totalUsd).toBe(savings.reuse.usd);
  expect(estimates).toMatchObject([{ kind: 'documentation', runs: 2 }]);
  const metrics = await (await fetch(`${bursar.client.url}/metrics`)).text();
  expect(metrics).toContain(`\ncost_savings_dollars ${savings.totalUsd}\n`);
});

test('what was read from a cache has saved what plain input cost more in the same period', async () => {
  const price = {
    inputUsdPerMillion: 2,
    outputUsdPerMillion: 8,
    cachedReadUsdPerMillion: 0.5,
    source: 'test',
  };
  const usage = { inputTokens: 10_000, outputTokens: 100, cachedReadTokens: 6_000 };
  const cost = costOfUsage(usage, price);
  const scope = { model: 'test/cached' };
  const hold = await granted(opened as never, wanted(2 * cost, { scope, price, owner: 'cached' }));
  const draw = drawOf(cost, { draw: 'cached:1' });
  await opened.store.holds.draw(hold._id, draw);
  await opened.store.settle(hold, draw, { ...entryOf(hold, draw, cost), usage });
  await opened.store.fold();
  const { savings, modelBreakdown } = await reportOf(SPAN);
  expect(modelBreakdown.find(({ name }) => name === 'test/cached')?.totalCost).toBe(cost / 1e9);
  // 6,000 tokens × (2 − 0.5) USD per million.
  expect(savings.caching).toEqual({ tokens: 6_000, usd: 0.009 });
  expect(nano(savings.totalUsd)).toBe(nano(savings.reuse.usd) + 9_000_000);
});

test('what came out over its hold is told', async () => {
  const { exceptions } = await reportOf(SPAN);
  expect(exceptions.overruns).toEqual({ count: 1, usd: 0.000000007 });
  expect(exceptions.events).toMatchObject([{ event: 'overrun', usd: 0.000000007, budgetName: null }]);
});

test('this month so far is compared with its budget, as it was raised', async () => {
  const budget = { name: 'all', scope: {}, period: { type: 'monthly' }, amountUsd: 5_000 };
  const { id } = await bursar.client.post<{ id: string }>('/budgets', budget);
  await bursar.client.post(`/budgets/${id}/raise`, { amountUsd: 1_000.000000001, reason: 'launch' });
  const report = await reportOf();
  const today = dayOf(0);
  expect(report.period).toMatchObject({ start: `${today.slice(0, 7)}-01`, end: today, complete: false });
  expect([report.budgetAmount, report.budgetedSpend]).toEqual([6000.000000001, report.totalSpend]);
  expect(report.utilization).toBeCloseTo(report.totalSpend / 6000.000000001, 12);
  expect(report.budgets).toMatchObject([{ id, name: 'all', counted: true, spentUsd: report.totalSpend }]);
  expect(report.exceptions.raises).toEqual({ count: 1, usd: 1000.000000001 });
});

test('days are those of the organization, and its costs nobody else sees', async () => {
  const ours = await clientOf(bursar, opened, 'report-strangers', 'admin');
  expect(await ours.get<Report>(`/reports?${SPAN}`)).toMatchObject({ totalSpend: 0, jobCount: 0 });
  await ours.send('PUT', '/admin/settings', { timeZone: 'Asia/Tokyo' });
  await sleep(100);
  const endedAt = '2025-01-31T15:00:00Z';
  await ours.post('/costs/jobs', { ...JOB, jobId: 'tokyo', queueName: '<b>=night</b>', endedAt });
  await opened.store.fold();
  const viewer = await clientOf(bursar, opened, 'report-strangers', 'viewer');
  const [january, february] = [
    await viewer.get<Report>('/reports?start=2025-01-01&end=2025-01-31'),
    await viewer.get<Report>('/reports?start=2025-02-01&end=2025-02-28'),
  ];
  expect([january.jobCount, february.jobCount]).toEqual([0, 1]);
  expect(february.topDrivers).toMatchObject([{ queueName: '<b>=night</b>', jobCount: 1, percentage: 100 }]);
  expect(nano(february.dayBreakdown[0]?.totalCost ?? 0)).toBe(nano(february.totalSpend));
  const html = await viewer.get<string>('/reports?start=2025-02-01&end=2025-02-28&format=html');
  expect(html).toContain('&#60;b&#62;=night&#60;/b&#62;');
  expect(html).not.toContain('<b>');
});

test.each([
  ['json', 'application/json', /^\{"organization":"default"/],
  ['markdown', 'text/markdown; charset=utf-8', /^# Spend of default, /],
  ['html', 'text/html; charset=utf-8', /^<!doctype html>/],
  ['csv', 'text/csv; charset=utf-8', /^section,name,cost_usd,/],
])('%s comes by its name, or where it is what is accepted', async (format, type, begins) => {
  for (const response of [
    await raw(`format=${format}`, { accept: '*/*' }),
    await raw('', { accept: `${type.split(';')[0]}, */*;q=0.1` }),
  ]) {
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    expect(await response.text()).toMatch(begins);
  }
  const page = await raw('format=html');
  expect(page.headers.get('content-security-policy')).toBe("default-src 'none'; style-src 'unsafe-inline'");
  expect((await raw('format=csv')).headers.get('content-disposition')).toMatch(
    /^attachment; filename="spend-\d{4}-\d\d-01-to-\d{4}-\d\d-\d\d\.csv"$/,
  );
});

test.each([
  ['start', 'start=2025-02-30', /calendar/],
  ['end', 'end=2025-1-1', /calendar/],
  ['end', 'start=2025-02-02&end=2025-02-01', /before start/],
  ['end', 'start=2024-01-01&end=2025-01-01', /at most 366 days/],
  ['start', 'start=2999-01-01', /future/],
  ['end', 'end=2999-01-15', /future/],
  ['format', 'format=pdf', /json/],
  ['queue', 'queue=mail', /./],
])('a wrong %s is named: %s', async (field, query, problem) => {
  const { status, body } = await bursar.client.send<ErrorBody>('GET', `/reports?${query}`);
  expect([status, body.error.details?.[0]?.field]).toEqual([400, field]);
  expect(body.error.message).toMatch(problem);
});

test('a leap year, and the month that is not over, are not too long', async () => {
  expect((await raw('start=2024-01-01&end=2024-12-31')).status).toBe(200);
  const month = dayOf(0).slice(0, 7);
  const last = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).toISOString();
  const report = await reportOf(`start=${month}-01&end=${last.slice(0, 10)}`);
  expect([report.period.complete, report.dayBreakdown.at(-1)?.date]).toEqual([false, dayOf(0)]);
});
