import { randomBytes } from 'node:crypto';
import { budgetOutlook } from '../../activities/budget-outlook.ts';
import { keepForecasts } from '../../activities/forecasts.ts';
import type { Scope } from '../../domain/budgets/scope.ts';
import { toDay } from '../../domain/budgets/zones.ts';
import { randomOf } from '../../domain/forecast/statistics.ts';
import { newStore, type OpenedStore, ORG } from '../store/database.ts';
import { newBudget } from '../store/money.ts';

const DAY_MS = 86_400_000;
const USD = 1_000_000_000;
const FIRST_DAY = 20_600;
const HISTORY_DAYS = 40;
const TODAY = FIRST_DAY + HISTORY_DAYS;

let opened: OpenedStore;
beforeEach(async () => {
  opened = await newStore();
  await opened.store.organizations.ensure(ORG, ORG);
});
afterEach(() => opened.close());

const noise = randomOf(7);
/** So many hours after a day's beginning. */
const time = (day: number, hours = 0) => new Date(day * DAY_MS + hours * 3_600_000);
const keep = (day: number, hours = 0.02) =>
  keepForecasts({ store: opened.store, now: () => time(day, hours) });
const of = (subject: string, day: number) => opened.store.forecasts.find(ORG, subject, toDay(day));

/** Brings costs in as jobs do, at noon of a day. */
async function cost(day: number, usd: number, scope: Scope = { queue: 'mail' }, hours = 12) {
  const id = randomBytes(6).toString('hex');
  const costNanoUsd = Math.round(usd * USD);
  const made = { id, scope, costNanoUsd, components: {}, at: time(day, hours) };
  await opened.store.outsideCosts.post(ORG, 'job', [made]);
  await opened.store.fold();
}

/** About 10 USD a day. */
async function spend(from: number, to: number, scope?: Scope) {
  for (let day = from; day < to; day += 1) await cost(day, 9.5 + noise(), scope);
}

test('a forecast of each budget, the organization and each top queue is stored once a day', async () => {
  await spend(FIRST_DAY, TODAY);
  await cost(TODAY - 1, 1, { queue: 'reports' });
  const budget = await newBudget(opened, 500 * USD, { scope: { queue: 'mail' } }, time(FIRST_DAY));
  const turns = await Promise.all([keep(TODAY), keep(TODAY), keep(TODAY)]);
  expect(turns.reduce((sum, { made }) => sum + made, 0)).toBe(3);
  expect(await opened.store.forecasts.subjectsOf(ORG, toDay(TODAY))).toEqual(
    new Set(['', 'queue:reports', budget.id]),
  );
  expect(await keep(TODAY, 13)).toEqual({ made: 0, compared: 0 });
  const row = await of(budget.id, TODAY);
  expect(row).toMatchObject({ day: toDay(TODAY), amount: 500 * USD, scope: { queue: 'mail' }, state: 'ok' });
  expect([row?.points.length, row?.low95.length]).toEqual([90, 90]);
  expect((row?.ofWeek.predictedNanoUsd ?? 0) / USD).toBeGreaterThan(63);
  expect((row?.ofWeek.predictedNanoUsd ?? 0) / USD).toBeLessThan(77);
  const late = await newBudget(opened, USD, { scope: { queue: 'reports' } }, time(TODAY, 14));
  expect(await keep(TODAY, 15)).toEqual({ made: 1, compared: 0 });
  expect((await of(late.id, TODAY))?.madeAt).toEqual(time(TODAY, 15));
});

test('the day is that of the time zone of the organization', async () => {
  await opened.store.settings.change(ORG, 'key_1', new Date(), (before) => ({
    ...before,
    timeZone: 'Asia/Tokyo',
  }));
  await keep(TODAY, 14);
  expect([...(await opened.store.forecasts.subjectsOf(ORG, toDay(TODAY)))]).toEqual(['']);
  await keep(TODAY, 15.1);
  expect([...(await opened.store.forecasts.subjectsOf(ORG, toDay(TODAY + 1)))]).toEqual(['']);
});

test('when its days are over a forecast is told what came true, costs that came late included', async () => {
  await spend(FIRST_DAY, TODAY);
  await keep(TODAY);
  await spend(TODAY, TODAY + 7);
  await keep(TODAY + 6);
  expect((await of('', TODAY))?.ofWeek).toMatchObject({ actualNanoUsd: null, accuracyPercent: null });
  expect(await opened.store.forecasts.accuracyOf(ORG, '')).toEqual({
    accuracyPercent: null,
    accuracySamples: 0,
  });
  await keep(TODAY + 7);
  const { ofWeek } = (await of('', TODAY)) ?? {};
  const days = await opened.store.dailyCosts.costByDay(ORG, toDay(TODAY), toDay(TODAY + 6), {});
  const actual = [...days.values()].reduce((sum, day) => sum + day, 0);
  const predicted = ofWeek?.predictedNanoUsd ?? 0;
  const right = 100 * (1 - Math.abs(predicted - actual) / actual);
  expect(ofWeek).toMatchObject({ actualNanoUsd: actual, accuracyPercent: expect.closeTo(right, 9) });
  expect(right).toBeGreaterThan(90);
  expect(await opened.store.forecasts.accuracyOf(ORG, '')).toMatchObject({ accuracySamples: 1 });
  expect(await opened.store.forecasts.accuracyOfAll([ORG, 'other'])).toBeCloseTo(right, 9);

  await cost(TODAY + 3, 70);
  await keep(TODAY + 8);
  const late = (await of('', TODAY))?.ofWeek;
  expect(late?.actualNanoUsd).toBe(actual + 70 * USD);
  expect(late?.accuracyPercent).toBeLessThan(60);
  // The window is over: later costs are not waited for.
  await keep(TODAY + 14);
  await cost(TODAY + 3, 1000);
  await keep(TODAY + 15);
  expect((await of('', TODAY))?.ofWeek.actualNanoUsd).toBe(actual + 70 * USD);
}, 60_000);

test('the period is compared by the counters of its budget, and then nobody looks again', async () => {
  const budget = await newBudget(opened, 500 * USD, { period: { type: 'weekly', timeZone: 'UTC' } });
  await spend(TODAY - 20, TODAY);
  await keep(TODAY);
  await spend(TODAY, TODAY + 8);
  for (let day = TODAY + 1; day < TODAY + 16; day += 1) await keep(day);
  const row = await of(budget.id, TODAY);
  const period = await opened.store.budgetPeriods.find(ORG, row?.period ?? '');
  expect(row?.ofPeriod).toMatchObject({ end: row?.periodEnd, actualNanoUsd: period?.spent });
  expect(period?.spent).toBeGreaterThan(60 * USD);
  expect(row?.ofPeriod.accuracyPercent).toBeGreaterThan(90);
  expect(row?.lookAt).toBeUndefined();
}, 60_000);

test('where nothing was spent there is no accuracy, and where all was wrong it is 0', async () => {
  await spend(FIRST_DAY, TODAY);
  await keep(TODAY);
  await keep(TODAY + 8);
  expect((await of('', TODAY))?.ofWeek).toMatchObject({ actualNanoUsd: 0, accuracyPercent: null });
  await cost(TODAY + 1, 1);
  await keep(TODAY + 9);
  expect((await of('', TODAY))?.ofWeek).toMatchObject({ actualNanoUsd: USD, accuracyPercent: 0 });
});

test('thousands of budgets are spread over the turns, and each organization has its share', async () => {
  await opened.store.organizations.ensure('other', 'other');
  for (let number = 0; number < 170; number += 1) await newBudget(opened, USD);
  const first = await keep(TODAY);
  expect((await opened.store.forecasts.subjectsOf('other', toDay(TODAY))).size).toBe(1);
  const made = [first, await keep(TODAY), await keep(TODAY)].map((turn) => turn.made);
  expect(made.reduce((sum, count) => sum + count, 0)).toBe(172);
  expect(Math.max(...made)).toBeLessThanOrEqual(100);
}, 60_000);

test('of a budget per user the user is forecast who has used most', async () => {
  const budget = await newBudget(opened, 300 * USD, { per: 'user' }, time(FIRST_DAY));
  const period = { type: 'daily', timeZone: 'UTC' } as const;
  const daily = await newBudget(opened, 50 * USD, { per: 'user', period }, time(FIRST_DAY));
  await spend(FIRST_DAY, TODAY + 1, { user: 'ann' });
  await keep(TODAY + 1);
  // Nobody has used it yet today: it is about who has cost most lately, and not about all users together.
  expect(await of(daily.id, TODAY + 1)).toMatchObject({ scope: { user: 'ann' }, spent: 0 });
  for (let day = FIRST_DAY; day <= TODAY; day += 1) await cost(day, 1, { user: 'bob' });
  await keep(TODAY, 13);
  const row = await of(budget.id, TODAY);
  expect(row?.scope).toEqual({ user: 'ann' });
  expect((row?.ofWeek.predictedNanoUsd ?? 0) / USD).toBeLessThan(77);
});

test('where costs come the next day, the forecasts of the mornings learn to expect them', async () => {
  await spend(FIRST_DAY, TODAY - 1);
  for (let day = TODAY - 1; day < TODAY + 12; day += 1) {
    await cost(day, 5);
    await keep(day + 1);
    await cost(day, 5, { queue: 'mail' }, 13);
  }
  const last = (await of('', TODAY + 12))?.ofWeek.predictedNanoUsd ?? 0;
  expect(last / USD).toBeCloseTo(70, 0);
  const facts = (hours: number) => opened.store.spendFacts(ORG, { scope: {} }, time(TODAY + 12, hours));
  const shares = (await facts(0)).reported;
  expect(shares).toEqual([0.5, 1, 1].map((share) => expect.closeTo(share, 6)));
  expect((await facts(12)).reported[0]).toBeCloseTo(0.75, 6);
}, 60_000);

describe('the outlook for alerts', () => {
  test('has the overrun of the newest forecast, and today beside what was told of it yesterday', async () => {
    const budget = await newBudget(opened, 420 * USD, { period: { type: 'yearly', timeZone: 'UTC' } });
    const outlook = (day: number, hours = 1) => budgetOutlook(opened, budget, time(day, hours));
    expect(await outlook(TODAY)).toEqual({ overrun: null, today: null });
    await spend(FIRST_DAY, TODAY);
    await keep(TODAY);
    const { overrun, today } = await outlook(TODAY);
    expect(today).toBeNull();
    expect(overrun).toMatchObject({ madeOn: toDay(TODAY), probability: 1, amount: 420 * USD });
    expect([toDay(TODAY + 1), toDay(TODAY + 2)]).toContain(overrun?.p50);
    await cost(TODAY + 1, 40);
    const next = await outlook(TODAY + 1, 13);
    expect(next.overrun?.madeOn).toBe(toDay(TODAY));
    expect(next.today).toMatchObject({ date: toDay(TODAY + 1), spent: 40 * USD });
    expect(next.today?.interval95?.high).toBeLessThan(15 * USD);
    expect(next.today?.interval95?.high).toBeGreaterThan(10 * USD);
    expect(await outlook(TODAY + 2)).toEqual({ overrun: null, today: null });
  });
});
