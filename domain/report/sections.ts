import { happeningSections } from './happenings.ts';
import { overTime } from './over-time.ts';
import type { Report, SpendLine } from './report.ts';
import { right, type Section } from './table.ts';
import { count, nameOf, oneLine, percent, plural, signedPercent, usd } from './words.ts';

/** Rows of a table for people: what is beyond them is one row, so that a table adds up. */
const MOST_ROWS = 15;

/** The report as tables; what has nothing to tell is left out. */
export function sectionsOf(report: Report, rows = MOST_ROWS): Section[] {
  const queues = report.queueBreakdown.map(({ queueName, ...line }) => ({ name: queueName, ...line }));
  const breakdowns: [string, SpendLine[]][] = [
    ['Queues', queues],
    ['Teams', report.teamBreakdown],
    ['Users', report.userBreakdown],
    ['Kinds', report.kindBreakdown],
    ['Providers', report.providerBreakdown],
    ['Models', report.modelBreakdown],
  ];
  return [
    budgetSection(report),
    ...breakdowns.map(([title, lines]) => spendSection(title, lines, rows)),
    componentSection(report),
    timeSection(report),
    ...happeningSections(report),
  ].flatMap((section) => section ?? []);
}

/** The report in a few facts: total, budget, comparison. */
export function headFacts(report: Report): [name: string, value: string][] {
  const { comparison, budgetAmount, budgetedSpend, utilization, savings } = report;
  const partly = budgetedSpend !== null && budgetedSpend !== report.totalSpend;
  const used = utilization === null ? '' : ` (${percent(utilization * 100)} used)`;
  const under = partly ? ` for ${usd(budgetedSpend)} of the spend` : '';
  return [
    ['Spent', `${usd(report.totalSpend)} by ${plural(report.jobCount, 'call and job', 'calls and jobs')}`],
    ['Budget', budgetAmount === null ? 'none' : `${usd(budgetAmount)}${under}${used}`],
    ['Before', beforeText(comparison)],
    ['Saved', savings.totalUsd === 0 ? 'nothing that can be told' : `about ${usd(savings.totalUsd)}`],
  ];
}

function beforeText({ start, end, totalSpend, changePercent }: Report['comparison']): string {
  const change = changePercent === null ? '' : ` (${signedPercent(changePercent)})`;
  return `${usd(totalSpend)} from ${start} to ${end}${change}`;
}

/** Whose report, and of which days. */
export function titleOf({ organization, period }: Report): string {
  return `Spend of ${oneLine(organization)}, ${period.start} to ${period.end}`;
}

/** When and how it was made. */
export function footOf({ period, generatedAt }: Report): string {
  const open = period.complete ? '' : 'The period is not over yet. ';
  return `${open}Days in ${period.timeZone}. As of ${generatedAt.slice(0, 16).replace('T', ' ')} UTC.`;
}

function budgetSection({ budgets }: Report): Section | undefined {
  if (budgets.length === 0) return undefined;
  const shown = budgets.slice(0, MOST_ROWS);
  const more = budgets.length - shown.length;
  return {
    title: 'Budgets',
    columns: [{ title: 'budget' }, { title: 'scope' }, ...right('amount', 'spent', 'used')],
    rows: shown.map(({ name, scope, amountUsd, spentUsd, utilization, counted }) => [
      `${oneLine(name)}${counted ? ' *' : ''}`,
      scopeText(scope),
      ...[usd(amountUsd), usd(spentUsd), percent(utilization === null ? null : utilization * 100)],
    ]),
    note: `* what the whole is compared with.${more > 0 ? ` And ${plural(more, 'other')}.` : ''}`,
  };
}

function scopeText(scope: Record<string, string>): string {
  const parts = Object.entries(scope).map(([field, value]) => `${field}=${oneLine(value)}`);
  return parts.length === 0 ? 'everything' : parts.join(', ');
}

function spendSection(title: string, lines: SpendLine[], limit: number): Section | undefined {
  // One line that names nothing says no more than the total.
  if (lines.length === 0 || (lines.length === 1 && lines[0]?.name === null)) return undefined;
  const rows = shortened(lines, limit).map((line) => [
    nameOf(line),
    usd(line.totalCost),
    percent(line.percentage),
    count(line.jobCount),
    usd(line.avgCostPerJob),
    usd(line.previousCost),
  ]);
  const columns = [{ title: title.slice(0, -1).toLowerCase() }];
  return { title, columns: [...columns, ...right('cost', 'share', 'count', 'average', 'before')], rows };
}

/** Sums go over nano-dollars, which decimal numbers of USD would not add up to. */
function shortened(lines: SpendLine[], limit: number): SpendLine[] {
  if (lines.length <= limit) return lines;
  const rest = lines.slice(limit - 1);
  const sum = (value: (line: SpendLine) => number) =>
    rest.reduce((all, line) => all + Math.round(value(line) * 1e9), 0) / 1e9;
  const [cost, jobs] = [
    sum(({ totalCost }) => totalCost),
    rest.reduce((all, { jobCount }) => all + jobCount, 0),
  ];
  const hasShare = rest.every(({ percentage }) => percentage !== null);
  return [
    ...lines.slice(0, limit - 1),
    {
      name: null,
      others: rest.reduce((all, { others = 1 }) => all + others, 0),
      totalCost: cost,
      percentage: hasShare ? sum(({ percentage }) => percentage ?? 0) : null,
      jobCount: jobs,
      avgCostPerJob: jobs === 0 ? 0 : cost / jobs,
      previousCost: sum(({ previousCost }) => previousCost),
    },
  ];
}

const COMPONENTS: Record<string, string> = {
  cachedRead: 'read from a cache',
  cachedWrite: 'written to a cache',
  assumed: 'assumed: its worst case',
};

function componentSection({ componentBreakdown }: Report): Section | undefined {
  if (componentBreakdown.length === 0) return undefined;
  return {
    title: 'Components',
    columns: [{ title: 'component' }, ...right('cost', 'share', 'before')],
    rows: componentBreakdown.map((line) => [
      COMPONENTS[line.name ?? ''] ?? nameOf(line),
      usd(line.totalCost),
      percent(line.percentage),
      usd(line.previousCost),
    ]),
  };
}

function timeSection(report: Report): Section | undefined {
  const { by, points } = overTime(report);
  const spent = points.filter(({ jobCount, totalCost }) => jobCount > 0 || totalCost !== 0);
  if (spent.length === 0) return undefined;
  const title = by === 'day' ? 'Days' : 'Weeks';
  return {
    title,
    columns: [{ title: by === 'day' ? 'day' : 'week from' }, ...right('cost', 'share', 'count', 'average')],
    rows: spent.map(({ start, totalCost, percentage, jobCount, avgCostPerJob }) => [
      start,
      ...[usd(totalCost), percent(percentage), count(jobCount), usd(avgCostPerJob)],
    ]),
    ...(spent.length < points.length && { note: `${title} without a cost are left out.` }),
  };
}
