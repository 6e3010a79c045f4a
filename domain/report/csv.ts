import { csvCell } from '../csv-text.ts';
import type { Report, Spend } from './report.ts';
import { exactUsd, nameOf } from './words.ts';

const COLUMNS = [
  'section',
  'name',
  'cost_usd',
  'share_percent',
  'count',
  'average_usd',
  'previous_cost_usd',
] as const;
type Row = Partial<Record<(typeof COLUMNS)[number], string | number | null>>;

/**
 * The figures as one table (RFC 4180). Amounts have all their digits. Names that a spreadsheet would
 * calculate have an apostrophe before them.
 */
export function reportCsv(report: Report): string {
  const lines = rowsOf(report).map((row) =>
    COLUMNS.map((column) => csvCell(String(row[column] ?? ''))).join(','),
  );
  return `${[COLUMNS.join(','), ...lines].join('\r\n')}\r\n`;
}

function rowsOf(report: Report): Row[] {
  const { comparison, budgetAmount, savings, exceptions } = report;
  const { reuse, caching } = savings;
  const queues = report.queueBreakdown.map(({ queueName, ...line }) => ({ name: queueName, ...line }));
  const breakdowns = {
    queue: queues,
    team: report.teamBreakdown,
    user: report.userBreakdown,
    kind: report.kindBreakdown,
    provider: report.providerBreakdown,
    model: report.modelBreakdown,
    component: report.componentBreakdown,
  };
  const money = (section: string, name: string, usd: number | null, count?: number): Row => ({
    ...{ section, name, cost_usd: usd === null ? null : exactUsd(usd), count: count ?? null },
  });
  const { events: _events, ...happened } = exceptions;
  return [
    {
      ...money('total', '', report.totalSpend, report.jobCount),
      average_usd: exactUsd(report.avgCostPerJob),
      previous_cost_usd: exactUsd(comparison.totalSpend),
    },
    ...(budgetAmount === null ? [] : [money('budget', '', budgetAmount)]),
    ...Object.entries(breakdowns).flatMap(([section, lines]) =>
      lines.map((line) => ({ section, name: nameOf(line), ...spendCells(line) })),
    ),
    ...report.dayBreakdown.map((day) => ({ section: 'day', name: day.date, ...spendCells(day) })),
    ...report.estimates.flatMap(({ kind, runs, estimatedUsd, actualUsd }) => [
      money('estimated_p50', kind, estimatedUsd.p50, runs),
      money('estimated_p90', kind, estimatedUsd.p90, runs),
      money('estimated_actual', kind, actualUsd, runs),
    ]),
    money('saving', 'reuse', reuse.usd, reuse.items),
    money('saving', 'caching', caching.usd, caching.tokens),
    ...Object.entries(happened).map(([name, { usd, count }]) => money('exception', name, usd, count)),
  ];
}

function spendCells(line: Partial<Spend> & { totalCost: number; previousCost?: number }): Row {
  const { percentage, jobCount, avgCostPerJob, previousCost } = line;
  return {
    cost_usd: exactUsd(line.totalCost),
    share_percent: percentage == null ? null : Number(percentage.toFixed(6)),
    count: jobCount ?? null,
    average_usd: avgCostPerJob === undefined ? null : exactUsd(avgCostPerJob),
    previous_cost_usd: previousCost === undefined ? null : exactUsd(previousCost),
  };
}
