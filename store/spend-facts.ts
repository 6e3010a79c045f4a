import type { Budget } from '../domain/budgets/budget.ts';
import { wholeAmount } from '../domain/budgets/counters.ts';
import { type Scope, scopeKeyOf } from '../domain/budgets/scope.ts';
import { dayNumberOf, firstInstantOf, localDay, toDay } from '../domain/budgets/zones.ts';
import { LATE_DAYS, sharesKnown } from '../domain/forecast/late-costs.ts';
import { monthOf, type SpendFacts } from '../domain/forecast/scope-forecast.ts';
import { type Subject, subjectKeyOf } from '../domain/forecast/subject.ts';
import { toUsd } from '../domain/money.ts';
import type { Collections } from './collections.ts';
import type { PresentPeriod } from './present-period.ts';

type Parts = Pick<Collections, 'dailyCosts' | 'settings' | 'forecasts'> & {
  presentPeriod(budget: Budget, user: string | undefined, at: Date): Promise<PresentPeriod | undefined>;
  foldIsStuck(): Promise<boolean>;
};

/** Older days say little of the next ones. */
const MOST_HISTORY_DAYS = 365;
/** Days of which it was kept what was known of the days before them. */
const LOOKED_BACK_DAYS = 28;

/** What forecasts are made of, with what it is of. */
export interface Facts extends SpendFacts {
  scope: Scope;
  /** The counters of the budget's period. */
  period?: string;
  /** Nano-dollars of the newest days, yesterday first. */
  known: number[];
}

/** Reads what a forecast is made of: daily costs, at most a second old, and the counters of the budget. */
export function createSpendFacts(parts: Parts) {
  /** With a budget its own scope counts; of one per user that of `scope.user`, or of who has used most. */
  async function spendFacts(org: string, subject: Subject, at: Date): Promise<Facts> {
    const { budget } = subject;
    const timeZone = await parts.settings.timeZoneOf(org);
    const today = numberOf(localDay(at, timeZone));
    const period = budget && (await periodOf(budget, subject.scope.user, today, at));
    const user = period?.user;
    const scope =
      budget === undefined ? subject.scope : { ...budget.scope, ...(user !== undefined && { user }) };
    const start = toDay(today - MOST_HISTORY_DAYS);
    const costs = await parts.dailyCosts.costByDay(org, start, toDay(today), scope);
    const costOf = (day: number) => costs.get(toDay(day)) ?? 0;
    const first = Math.min(today, ...[...costs.keys()].map(numberOf));
    const passed = shareOfDay(today, at, timeZone);
    const span = period === undefined ? monthOf(today) : spanOf(period, timeZone, today);
    return {
      ...{ scope, today, passed },
      history: Array.from({ length: today - first }, (_, index) => toUsd(costOf(first + index))),
      begun: toUsd(costOf(today)),
      known: Array.from({ length: LATE_DAYS }, (_, age) => costOf(today - 1 - age)),
      reported: await reportedOf(org, { scope, budget }, { today, passed }, costOf),
      stale: await parts.foldIsStuck(),
      span,
      ...(period !== undefined && { period: period._id }),
    };
  }

  /** Where nobody has used a budget per user in this period yet, it is about who has cost most lately. */
  async function periodOf(budget: Budget, user: string | undefined, today: number, at: Date) {
    const period = await parts.presentPeriod(budget, user, at);
    if (budget.per !== 'user' || period === undefined || period.user !== undefined) return period;
    const { org, scope } = budget;
    const days = { start: toDay(today - LOOKED_BACK_DAYS), end: toDay(today), scope };
    const [dearest] = await parts.dailyCosts.dearest(org, 'user', days, 1);
    return parts.presentPeriod(budget, dearest, at);
  }

  /** By what was known on earlier days at their beginning; the day that has begun brings the next share. */
  async function reportedOf(
    org: string,
    subject: Subject,
    { today, passed }: Pick<SpendFacts, 'today' | 'passed'>,
    costOf: (day: number) => number,
  ): Promise<number[]> {
    const key = subjectKeyOf(subject);
    if (key === undefined) return [];
    const rows = await parts.forecasts.knownSince(org, key, toDay(today - LOOKED_BACK_DAYS));
    const scope = scopeKeyOf(subject.scope);
    const seen = rows
      .map((row) => ({ ...row, number: numberOf(row.day) }))
      // The days before a young one may still lack something themselves.
      .filter((row) => row.number < today - LATE_DAYS && scopeKeyOf(row.scope) === scope)
      .map(({ number, known }) => ({ early: known, now: known.map((_, age) => costOf(number - 1 - age)) }));
    const shares = sharesKnown(seen);
    return shares.map((share, age) => share + passed * ((shares[age + 1] ?? 1) - share));
  }

  return spendFacts;
}

function spanOf(period: PresentPeriod, timeZone: string, today: number): SpendFacts['span'] {
  return {
    first: numberOf(localDay(period.start, timeZone)),
    // In another time zone a period may end on what is yesterday here.
    last: Math.max(today, numberOf(localDay(new Date(period.end.getTime() - 1), timeZone))),
    budget: { amountUsd: toUsd(wholeAmount(period)), spentUsd: toUsd(period.spent) },
  };
}

/** How much of a day has passed: days of a change of clocks are longer or shorter than others. */
function shareOfDay(today: number, at: Date, timeZone: string): number {
  const [start, end] = [firstInstantOf(today, timeZone), firstInstantOf(today + 1, timeZone)];
  return Math.min(1, Math.max(0, (at.getTime() - start) / (end - start)));
}

function numberOf(day: string): number {
  const number = dayNumberOf(day);
  if (number === undefined) throw new Error(`${day} is no day`);
  return number;
}
