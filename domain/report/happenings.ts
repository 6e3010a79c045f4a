import type { Happened, Report } from './report.ts';
import { right, type Section } from './table.ts';
import { count, hours, oneLine, percent, plural, signedPercent, usd } from './words.ts';

const MOST_EVENTS = 15;

/** What went on beside the spending: estimates, savings, waits, and what passed budgets. */
export function happeningSections(report: Report): Section[] {
  return [
    estimateSection(report),
    savingsSection(report),
    waitSection(report),
    exceptionSection(report),
    eventSection(report),
  ].flatMap((section) => section ?? []);
}

function estimateSection({ estimates }: Report): Section | undefined {
  if (estimates.length === 0) return undefined;
  return {
    title: 'Estimates',
    columns: [{ title: 'kind' }, ...right('runs', 'p50', 'p90', 'actual', 'off by', 'within p90')],
    rows: estimates.map(({ kind, runs, estimatedUsd, actualUsd, errorPercent, coverage }) => [
      oneLine(kind),
      count(runs),
      ...[usd(estimatedUsd.p50), usd(estimatedUsd.p90), usd(actualUsd), signedPercent(errorPercent)],
      percent(coverage === null ? null : coverage * 100),
    ]),
    note: 'A p90 promises that 90% of the runs cost no more.',
  };
}

function savingsSection({ savings: { reuse, caching } }: Report): Section | undefined {
  const unpriced = reuse.unpricedItems > 0 ? `, ${count(reuse.unpricedItems)} without a price` : '';
  const rows = [
    ...(reuse.items > 0
      ? [['reuse', usd(reuse.usd), `${plural(reuse.items, 'item')} taken over${unpriced}`]]
      : []),
    ...(caching.tokens > 0
      ? [['caching', usd(caching.usd), `${plural(caching.tokens, 'token')} read from a cache`]]
      : []),
  ];
  if (rows.length === 0) return undefined;
  const columns = [{ title: 'by' }, ...right('saved'), { title: 'what' }];
  return { title: 'Savings', columns, rows };
}

function waitSection({ waits }: Report): Section | undefined {
  if (waits.length === 0) return undefined;
  return {
    title: 'Waits of runs',
    columns: [{ title: 'for' }, ...right('runs', 'time')],
    rows: waits.map(({ reason, runs, hours: time }) => [
      reason.replaceAll('_', ' '),
      count(runs),
      hours(time),
    ]),
  };
}

const HAPPENED: [keyof Omit<Report['exceptions'], 'events'>, string, string][] = [
  ['raises', 'raises of budgets', 'more'],
  ['bypasses', 'runs that bypassed budgets', 'held at most'],
  ['emergencies', 'emergencies', 'held at most'],
  ['grace', 'periods of grace', 'granted'],
  ['overruns', 'costs over what was held', 'over'],
  ['warnings', 'warning thresholds reached', ''],
  ['throttles', 'throttle thresholds reached', ''],
  ['blocks', 'block thresholds reached', ''],
  ['breakers', 'breakers opened', ''],
];

function exceptionSection({ exceptions }: Report): Section | undefined {
  const rows = HAPPENED.flatMap(([name, title, what]) => {
    const happened: Happened = exceptions[name];
    if (happened.count === 0) return [];
    return [
      [title, count(happened.count), happened.usd === null ? '' : `${usd(happened.usd)} ${what}`.trim()],
    ];
  });
  if (rows.length === 0) return undefined;
  return {
    title: 'What budgets did, and what passed them',
    columns: [{ title: 'what' }, ...right('times', 'money')],
    rows,
  };
}

function eventSection({ exceptions: { events } }: Report): Section | undefined {
  if (events.length === 0) return undefined;
  return {
    title: 'Exceptions one by one',
    columns: [
      { title: 'when' },
      { title: 'what' },
      { title: 'budget' },
      { title: 'by' },
      { title: 'reason' },
      ...right('money'),
    ],
    rows: events
      .slice(0, MOST_EVENTS)
      .map(({ at, event, budgetName, by, reason, usd: amount }) => [
        at.slice(0, 16).replace('T', ' '),
        event.replaceAll('_', ' '),
        oneLine(budgetName ?? ''),
        oneLine(by),
        oneLine(reason ?? ''),
        amount === null ? '' : usd(amount),
      ]),
  };
}
