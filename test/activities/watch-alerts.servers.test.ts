import { randomBytes } from 'node:crypto';
import { keepForecasts } from '../../activities/forecasts.ts';
import { createReportSender, reportNotice } from '../../activities/send-reports.ts';
import { createAlertWatch } from '../../activities/watch-alerts.ts';
import { CHANNEL_DEFAULTS } from '../../domain/alerts/channel.ts';
import { createChannelBook } from '../../store/channel-book.ts';
import { newStore, type OpenedStore, ORG } from '../store/database.ts';
import { newBudget } from '../store/money.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const USD = 1_000_000_000;
/** 21 December 2026. */
const TODAY = 20_808;
const time = (day: number, hours = 0) => new Date(day * DAY_MS + hours * HOUR_MS);

let opened: OpenedStore;
beforeEach(async () => {
  opened = await newStore();
  await opened.store.organizations.ensure(ORG, ORG);
});
afterEach(() => opened.close());

/** Brings costs in as jobs do. */
async function cost(at: Date, usd: number, queue = 'mail'): Promise<void> {
  const id = randomBytes(6).toString('hex');
  const made = { id, scope: { queue }, costNanoUsd: usd * USD, components: {}, at };
  await opened.store.outsideCosts.post(ORG, 'job', [made]);
  await opened.store.fold();
}

const watch = (at: Date) =>
  createAlertWatch({ store: opened.store, dayOf: opened.store.dayOf, now: () => at })(ORG);

async function raised(state?: 'open' | 'resolved') {
  const { rows } = await opened.store.alerts.list(ORG, state === undefined ? {} : { state }, { limit: 50 });
  return rows
    .filter(({ type }) => type !== 'budget_reset')
    .map(({ type }) => type)
    .toSorted();
}

test('an overrun ahead and a day far over its forecast are told once, and are over in time', async () => {
  const budget = await newBudget(opened, 300 * USD, {}, time(TODAY - 30));
  for (let day = TODAY - 30; day < TODAY; day += 1) await cost(time(day, 12), 10 + (day % 3));
  await keepForecasts({ store: opened.store, now: () => time(TODAY - 1, 1) });
  await keepForecasts({ store: opened.store, now: () => time(TODAY, 1) });
  await cost(time(TODAY, 2), 40);
  for (const hours of [3, 4, 5]) await watch(time(TODAY, hours));
  // One for the organization, one for its budget; half and three quarters are spent as well.
  expect(await raised('open')).toEqual([
    ...['anomaly', 'anomaly', 'budget_threshold', 'budget_threshold', 'forecast_overrun'],
  ]);
  await opened.store.budgets.edit(ORG, budget.id, { amountNanoUsd: 9_000 * USD }, 'key_1', time(TODAY, 6));
  await keepForecasts({ store: opened.store, now: () => time(TODAY + 1, 1) });
  await watch(time(TODAY + 1, 2));
  expect(await raised('open')).toEqual(['anomaly', 'anomaly']);
  expect(await raised('resolved')).toEqual(['budget_threshold', 'budget_threshold', 'forecast_overrun']);
}, 60_000);

test('spending that was counted by a process that died before it looked is told all the same', async () => {
  const budget = await newBudget(opened, 10 * USD, { alertAt: [0.5] }, time(TODAY));
  await cost(time(TODAY, 1), 1);
  await opened.store.budgetPeriods.model.updateMany(
    { org: ORG, budget: budget.id },
    { $inc: { spent: 5 * USD } },
  );
  expect(await raised()).toEqual([]);
  await Promise.all(Array.from({ length: 8 }, () => watch(time(TODAY, 2))));
  expect(await raised('open')).toEqual(['budget_threshold']);
});

test('the report of the month before goes once over each channel that names it', async () => {
  const terms = {
    ...CHANNEL_DEFAULTS,
    org: ORG,
    type: 'log' as const,
    metadata: {},
    source: 'configuration' as const,
  };
  const channels = createChannelBook(opened.store, [
    { ...terms, id: 'chn_monthly', name: 'monthly', events: ['report'] },
    { ...terms, id: 'chn_alerts', name: 'alerts', events: [] },
  ]);
  const started: string[] = [];
  const starter = { deliver: async (_: string, id: string) => started.push(id) } as never;
  const { store } = opened;
  const send = createReportSender({ store, channels, starter, dayOf: store.dayOf });
  await cost(new Date('2026-11-30T23:59:59Z'), 3, 'late');
  await cost(new Date('2026-12-01T00:00:00Z'), 5, 'december');
  await send(ORG, new Date('2026-12-01T23:00:00Z'));
  expect(started).toEqual([]);
  for (let look = 0; look < 3; look += 1) await send(ORG, new Date('2026-12-02T00:01:00Z'));
  expect(started).toHaveLength(1);
  const row = await store.deliveries.find(ORG, started[0] ?? '');
  expect(row).toMatchObject({ report: '2026-11', channel: 'chn_monthly', state: 'pending' });
  const deps = { store, now: () => new Date('2026-12-02T00:02:00Z') };
  const notice = await reportNotice(deps, { _id: 'dlv_1', org: ORG }, '2026-11');
  expect(notice.data).toMatchObject({ start: '2026-11-01', end: '2026-11-30', totalSpend: 3 });
  expect(notice.attachments?.map(({ name }) => name.split('.').at(-1))).toEqual(['html', 'csv']);
  // A delivery that was never started, since its process died, is started again.
  await send(ORG, new Date('2026-12-02T00:10:00Z'));
  expect(started).toHaveLength(2);
  expect(new Set(started).size).toBe(1);
});
