import type { SCOPE_FIELDS } from '../../domain/budgets/scope.ts';
import type { CostHistory, DailyCosts } from '../client/money.ts';
import { percent, usd, wholeNumber } from './format.ts';
import type { Style } from './style.ts';
import { type TableColumn, tableLines } from './table.ts';

type Sum = DailyCosts['total'];
type Group = Pick<DailyCosts['days'][number], (typeof SCOPE_FIELDS)[number]>;

/** A row for each day that has costs. */
export function dayLines({ days, total }: DailyCosts, style: Style): string[] {
  const rows = days.map(({ date, ...sum }) => [date, ...sumCells(sum)]);
  return [...tableLines([{ title: 'day' }, ...SUM_COLUMNS], withTotal(rows, total, 1), style.bold)].concat(
    componentLines(total),
  );
}

/** A row for each group over all the days, the dearest first. */
export function groupLines(costs: DailyCosts, fields: string[], style: Style): string[] {
  const { days, total } = costs;
  const groups = new Map<string, { names: string[]; jobs: number; nanoUsd: number }>();
  for (const day of days) {
    const names = fields.map((field) => day[field as keyof Group] ?? '–');
    const key = JSON.stringify(names);
    const group = groups.get(key) ?? { names, jobs: 0, nanoUsd: 0 };
    group.jobs += day.total_jobs;
    group.nanoUsd += nano(day.total_cost);
    groups.set(key, group);
  }
  const rows = [...groups.values()]
    .sort((a, b) => b.nanoUsd - a.nanoUsd)
    .map(({ names, jobs, nanoUsd }) => [
      ...names,
      wholeNumber(jobs),
      usd(nanoUsd / 1e9),
      percent(total.total_cost === 0 ? 0 : nanoUsd / nano(total.total_cost)),
    ]);
  const sum = ['all', ...fields.slice(1).map(() => ''), wholeNumber(total.total_jobs)];
  const columns: TableColumn[] = [
    ...fields.map((title) => ({ title })),
    { title: 'calls', align: 'right' },
    { title: 'cost', align: 'right' },
    { title: 'share', align: 'right' },
  ];
  const all = rows.length > 1 ? [...rows, [...sum, usd(total.total_cost), '100%']] : rows;
  return [...tableLines(columns, all, style.bold), ...componentLines(total)];
}

/** A row for each day, week or month of each group, those without a cost too. */
export function historyLines({ by, series, total }: CostHistory, fields: string[], style: Style): string[] {
  const rows = series.flatMap(({ points, ...group }) =>
    points.map(({ start, ...sum }) => [
      ...fields.map((field) => group[field as keyof typeof group] ?? '–'),
      start,
      ...sumCells(sum),
    ]),
  );
  const columns = [...fields.map((title) => ({ title })), { title: `${by} of` }, ...SUM_COLUMNS];
  return [
    ...tableLines(columns, withTotal(rows, total, fields.length + 1), style.bold),
    ...componentLines(total),
  ];
}

const SUM_COLUMNS: TableColumn[] = ['calls', 'cost', 'average', 'least', 'most', 'p95'].map((title) => ({
  title,
  align: 'right',
}));

function sumCells(sum: Omit<Sum, 'tokens' | 'cost_by_component'>): string[] {
  const { total_jobs, total_cost, avg_cost, min_cost, max_cost, p95_cost } = sum;
  return [wholeNumber(total_jobs), ...[total_cost, avg_cost, min_cost, max_cost, p95_cost].map(usd)];
}

function withTotal(rows: string[][], total: Sum, names: number): string[][] {
  if (rows.length < 2) return rows;
  return [...rows, ['all', ...Array.from({ length: names - 1 }, () => ''), ...sumCells(total)]];
}

function componentLines({ cost_by_component, tokens }: Sum): string[] {
  const parts = Object.entries(cost_by_component)
    .sort(([, a], [, b]) => b - a)
    .map(([name, cost]) => `${NAMES[name] ?? name} ${usd(cost)}`);
  const counted = Object.entries(tokens).map(
    ([name, count]) => `${NAMES[name] ?? name} ${wholeNumber(count)}`,
  );
  return [
    ...(parts.length === 0 ? [] : [`Made up of ${parts.join(', ')}.`]),
    ...(counted.length === 0 ? [] : [`Tokens: ${counted.join(', ')}.`]),
  ];
}

const NAMES: Record<string, string> = { cachedRead: 'read from a cache', cachedWrite: 'written to a cache' };

function nano(amountUsd: number): number {
  return Math.round(amountUsd * 1e9);
}
