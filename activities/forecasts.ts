import type { Budget } from '../domain/budgets/budget.ts';
import { dayNumberOf, toDay } from '../domain/budgets/zones.ts';
import { comeTrue, nextLook } from '../domain/forecast/outcome.ts';
import { isFor, type Subject, subjectKeyOf } from '../domain/forecast/subject.ts';
import type { StoredForecast } from '../store/forecasts.ts';
import { translating } from './failures.ts';
import { heartbeating } from './heartbeat.ts';
import type { ActivityDeps } from './index.ts';
import { storedForecastOf } from './stored-forecast.ts';

type Deps = Pick<ActivityDeps, 'store' | 'now'>;

/** A forecast takes some hundredths of a second: thousands of budgets are spread over many minutes. */
const FORECASTS_PER_TURN = 100;
const COMPARISONS_PER_TURN = 500;
/** Queues without a budget of which forecasts are kept: those that have cost most lately. */
const TOP_QUEUES = 10;
const TOP_QUEUES_DAYS = 28;

/**
 * Keeps a forecast a day of each organization, budget and top queue, and writes to the earlier ones what
 * came true. Repeated it finds what is there.
 */
export function createForecasts(deps: ActivityDeps) {
  return translating(async (): Promise<void> => {
    await heartbeating(() => keepForecasts(deps));
  });
}

/** @returns how many were made, and how many were compared */
export async function keepForecasts(deps: Deps): Promise<{ made: number; compared: number }> {
  const { store, now } = deps;
  const at = now();
  const orgs = await store.organizations.ids();
  const total = { made: 0, compared: 0 };
  const behind: string[] = [];
  for (const [index, org] of orgs.entries()) {
    // What is left is shared by those that have not had their turn.
    const share = (most: number, done: number) => Math.ceil((most - done) / (orgs.length - index));
    const today = await store.dayOf(org, at);
    total.compared += await compare(deps, org, today, share(COMPARISONS_PER_TURN, total.compared));
    const limit = share(FORECASTS_PER_TURN, total.made);
    const made = await make(deps, org, at, limit);
    total.made += made;
    if (made === limit) behind.push(org);
  }
  for (const org of behind) total.made += await make(deps, org, at, FORECASTS_PER_TURN - total.made);
  return total;
}

/** What was not known by then waits for the next turn: a forecast without it would be held against it. */
async function make({ store }: Deps, org: string, at: Date, limit: number): Promise<number> {
  if (limit === 0) return 0;
  const today = await store.dayOf(org, at);
  const missing = (await missingOf(store, org, today)).slice(0, limit);
  if (missing.length === 0 || (await store.foldIsStuck())) return 0;
  let made = 0;
  for (const subject of missing) {
    const facts = await store.spendFacts(org, subject, at);
    const row = storedForecastOf(subjectKeyOf(subject) ?? '', facts, at);
    if (await store.forecasts.add(org, row)) made += 1;
  }
  return made;
}

/** Top queues, the organization, then its budgets: where the organization has its own, so have its queues. */
async function missingOf(store: Deps['store'], org: string, today: string): Promise<Subject[]> {
  const [there, budgets] = await Promise.all([
    store.forecasts.subjectsOf(org, today),
    store.budgets.active(org),
  ]);
  const queues = there.has('') ? [] : await topQueues(store, org, today, budgets);
  const wanted: Subject[] = [
    ...queues.map((queue) => ({ scope: { queue } })),
    { scope: {} },
    ...budgets.map((budget) => ({ scope: budget.scope, budget })),
  ];
  return wanted.filter((subject) => !there.has(subjectKeyOf(subject) ?? ''));
}

async function topQueues(store: Deps['store'], org: string, today: string, budgets: Budget[]) {
  const start = toDay((dayNumberOf(today) ?? 0) - TOP_QUEUES_DAYS);
  const span = { start, end: today, scope: {} };
  const queues = await store.dailyCosts.dearest(org, 'queue', span, TOP_QUEUES);
  return queues.filter((queue) => !budgets.some((budget) => isFor(budget, { queue })));
}

async function compare({ store }: Deps, org: string, today: string, limit: number): Promise<number> {
  // To MongoDB a limit of 0 is none.
  if (limit === 0) return 0;
  const due = await store.forecasts.toLookAt(org, today, limit);
  for (const row of due) {
    const { ofWeek, ofPeriod } = row;
    const week = ofWeek.end < today ? comeTrue(ofWeek, await costOf(store, row, ofWeek)) : ofWeek;
    const period = ofPeriod.end < today ? comeTrue(ofPeriod, await periodCostOf(store, row)) : ofPeriod;
    const ends = [ofWeek.end, ofPeriod.end].map((day) => dayNumberOf(day) ?? 0);
    const next = nextLook(dayNumberOf(today) ?? 0, ends);
    const lookAt = next === undefined ? undefined : toDay(next);
    await store.forecasts.comeTrue(org, row._id, { ofWeek: week, ofPeriod: period, lookAt });
  }
  return due.length;
}

async function costOf(
  { dailyCosts }: Deps['store'],
  { org, scope }: StoredForecast,
  { start, end }: StoredForecast['ofWeek'],
): Promise<number> {
  const costs = await dailyCosts.costByDay(org, start, end, scope);
  return [...costs.values()].reduce((sum, cost) => sum + cost, 0);
}

/** By the budget's own counters: they begin with the budget, and end with its period in its time zone. */
async function periodCostOf(store: Deps['store'], row: StoredForecast): Promise<number> {
  if (row.period === undefined) return costOf(store, row, row.ofPeriod);
  return (await store.budgetPeriods.find(row.org, row.period))?.spent ?? 0;
}
