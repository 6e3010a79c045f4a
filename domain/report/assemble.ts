import type { Budget } from '../budgets/budget.ts';
import type { SCOPE_FIELDS } from '../budgets/scope.ts';
import { groupBy } from '../group-by.ts';
import { toUsd } from '../money.ts';
import { accuracyOf, type Variance } from '../variance.ts';
import { type CountedBudget, comparedBudgets, sumOf } from './budgeted.ts';
import { amountOf, type EventSums, REPORTED_EVENTS, type Waits } from './history.ts';
import { averageOf, dayLinesOf, linesOf } from './lines.ts';
import { daysIn } from './period.ts';
import { recommend } from './recommend.ts';
import type { BudgetLine, Happened, QueueLine, Report, ReportPeriod, SpendLine } from './report.ts';
import { cachingSaved, type ReuseSum } from './savings.ts';
import type { Tally } from './tally.ts';

/** All that a report is made of, as it was read. Amounts in nano-dollars. */
export interface ReportFacts {
  org: string;
  period: ReportPeriod;
  timeZone: string;
  /** The present day there. */
  today: string;
  at: Date;
  tally: Tally;
  before: ReportPeriod;
  tallyBefore: Tally;
  budgets: CountedBudget[];
  variances: Variance[];
  reuse: ReuseSum;
  waits: Waits;
  events: EventSums;
}

const TOP_DRIVERS = 10;
const MOST_BUDGETS = 100;
const HOUR_MS = 3_600_000;

/** The report, with advice. Every breakdown adds up to `totalSpend`, to the nano-dollar. */
export function assembleReport(facts: ReportFacts): Report {
  const report = figuresOf(facts);
  return { ...report, recommendations: recommend(report) };
}

function figuresOf(facts: ReportFacts): Omit<Report, 'recommendations'> {
  const { org, period, timeZone, today, at, tally, tallyBefore } = facts;
  const { total } = tally;
  const of = (field: (typeof SCOPE_FIELDS)[number]) =>
    linesOf(tally.by[field], tallyBefore.by[field], total.cost);
  const queueBreakdown = of('queue').map(toQueueLine);
  const components = linesOf(tally.components, tallyBefore.components, total.cost);
  return {
    organization: org,
    period: { ...period, timeZone, days: daysIn(period), complete: period.end < today },
    generatedAt: at.toISOString(),
    totalSpend: toUsd(total.cost),
    jobCount: total.count,
    avgCostPerJob: toUsd(averageOf(total)),
    ...budgetFields(facts.budgets),
    topDrivers: queueBreakdown.filter(({ others }) => others === undefined).slice(0, TOP_DRIVERS),
    queueBreakdown,
    teamBreakdown: of('team'),
    userBreakdown: of('user'),
    kindBreakdown: of('kind'),
    providerBreakdown: of('provider'),
    modelBreakdown: of('model'),
    componentBreakdown: components.map(({ jobCount: _jobs, avgCostPerJob: _average, ...line }) => line),
    dayBreakdown: dayLinesOf(tally, period, today),
    comparison: comparisonOf(facts),
    estimates: estimatesOf(facts.variances),
    savings: savingsOf(facts),
    waits: [...facts.waits]
      .map(([reason, { runs, ms }]) => ({ reason, runs, hours: ms / HOUR_MS }))
      .sort((a, b) => b.hours - a.hours),
    exceptions: exceptionsOf(facts.events, facts.budgets),
  };
}

function toQueueLine({ name, ...line }: SpendLine): QueueLine {
  return { queueName: name, ...line };
}

function budgetFields(counted: readonly CountedBudget[]) {
  const compared = comparedBudgets(counted);
  const has = new Set(compared);
  const [amount, spent] = [sumOf(compared, 'amount'), sumOf(compared, 'spent')];
  const lines = counted.map((one) => toBudgetLine(one, has.has(one)));
  return {
    budgetAmount: compared.length === 0 ? null : toUsd(amount),
    budgetedSpend: compared.length === 0 ? null : toUsd(spent),
    utilization: amount > 0 ? spent / amount : null,
    budgets: lines
      .sort((a, b) => Number(b.counted) - Number(a.counted) || (b.utilization ?? 0) - (a.utilization ?? 0))
      .slice(0, MOST_BUDGETS),
  };
}

function toBudgetLine({ budget, amount, spent }: CountedBudget, counted: boolean): BudgetLine {
  return {
    id: budget.id,
    name: budget.name,
    scope: { ...budget.scope },
    amountUsd: toUsd(amount),
    spentUsd: toUsd(spent),
    utilization: amount > 0 ? spent / amount : null,
    counted,
  };
}

function comparisonOf({ before, tally, tallyBefore }: ReportFacts): Report['comparison'] {
  const [now, then] = [tally.total.cost, tallyBefore.total.cost];
  return {
    ...before,
    totalSpend: toUsd(then),
    jobCount: tallyBefore.total.count,
    change: toUsd(now - then),
    changePercent: then > 0 ? ((now - then) / then) * 100 : null,
  };
}

/** Of each kind the sums, and how its runs did one by one. */
function estimatesOf(variances: readonly Variance[]): Report['estimates'] {
  return [...groupBy([...variances], ({ kind }) => kind)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, runs]) => {
      const sum = (value: (one: Variance) => number) => runs.reduce((all, one) => all + value(one), 0);
      const p50 = sum(({ estimateNanoUsd }) => estimateNanoUsd.p50);
      const p90 = sum(({ estimateNanoUsd }) => estimateNanoUsd.p90);
      const actual = sum(({ actualNanoUsd }) => actualNanoUsd);
      return {
        kind,
        ...accuracyOf(runs),
        estimatedUsd: { p50: toUsd(p50), p90: toUsd(p90) },
        actualUsd: toUsd(actual),
        errorPercent: p50 > 0 ? ((actual - p50) / p50) * 100 : null,
      };
    });
}

function savingsOf({ reuse, tally }: ReportFacts): Report['savings'] {
  const { tokens, nanoUsd } = cachingSaved(tally.cached.values());
  return {
    totalUsd: toUsd(reuse.nanoUsd + nanoUsd),
    reuse: { items: reuse.items, usd: toUsd(reuse.nanoUsd), unpricedItems: reuse.unpricedItems },
    caching: { tokens, usd: toUsd(nanoUsd) },
  };
}

function exceptionsOf(events: EventSums, budgets: readonly CountedBudget[]): Report['exceptions'] {
  const nameOf = new Map(budgets.map(({ budget }: { budget: Budget }) => [budget.id, budget.name]));
  const counts = Object.values(REPORTED_EVENTS).map((name) => {
    const amounts = [...(events.byName.get(name)?.values() ?? [])];
    const known = amounts.filter((amount) => amount !== undefined);
    const usd = known.length === 0 ? null : toUsd(known.reduce((sum, amount) => sum + amount, 0));
    return [name, { count: amounts.length, usd }] as const;
  });
  const byName = Object.fromEntries(counts) as Record<(typeof counts)[number][0], Happened>;
  return {
    ...byName,
    events: events.newest.map((row) => {
      const amount = amountOf(row);
      return {
        at: row.at.toISOString(),
        event: row.event,
        budgetName: nameOf.get(row.budget) ?? null,
        by: row.by,
        reason: row.reason ?? null,
        usd: amount === undefined ? null : toUsd(amount),
      };
    }),
  };
}
