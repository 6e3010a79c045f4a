import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiEntry } from '../../api/hold-schemas.ts';
import { SCOPE_FIELDS } from '../../domain/budgets/scope.ts';
import { REPORT_FORMATS } from '../../domain/report/render.ts';
import type { Report, SpendLine } from '../../domain/report/report.ts';
import { checkLedger } from '../api/ledger.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { claim, type Proof, withServers } from './proof.ts';
import { dayOf, makeCosts, type ReportCosts } from './report-costs.ts';

const nano = (usd: number) => Math.round(usd * 1e9);
const REPETITIONS = 5;

/** A name, what it cost in nano-dollars, and how often. */
type Sums = Record<string, [cost: number, count: number]>;

/** Every breakdown of a report against the entries of the ledger, one by one, and against the daily costs. */
export async function proveReport(bursar: Bursar, of: ReportCosts) {
  const { client } = bursar;
  await makeCosts(bursar, of);
  const { differences, spentUsd, unposted } = await counted(bursar);
  claim('the ledger adds up, and all of it is counted', [differences, unposted], [[], 0]);
  const span = `start=${dayOf(of.days - 1)}&end=${dayOf(0)}`;
  const entries = await entriesOf(client);
  const report = await client.get<Report>(`/reports?${span}`);
  const total = entries.reduce((sum, { costUsd }) => sum + nano(costUsd), 0);
  claim(
    'the report, the entries and the ledger have one total',
    [nano(report.totalSpend), nano(spentUsd)],
    [total, total],
  );
  const lines: Record<string, number> = {};
  for (const field of SCOPE_FIELDS) {
    const shown = field === 'queue' ? report.queueBreakdown : report[`${field}Breakdown`];
    claim(
      `by ${field}, as the entries say`,
      sumsOf(shown as SpendLine[]),
      ofEntries(entries, ({ scope }) => scope[field]),
    );
    lines[field] = shown.length;
  }
  claim(
    'by day, as the entries say',
    ofDays(report),
    ofEntries(entries, ({ day }) => day),
  );
  await proveComponents(client, report, span, total);
  const times = await timesOf(client, span);
  return {
    entries: entries.length,
    corrections: entries.filter(({ flag }) => flag === 'correction').length,
    lines,
    times,
  };
}

/** The ledger when all of it is counted, which takes the fold a while behind so many costs at once. */
async function counted(bursar: Bursar, tries = 120) {
  const found = await checkLedger(bursar);
  if (found.unposted === 0 || tries === 0) return found;
  await sleep(500);
  return counted(bursar, tries - 1);
}

/** Components of calls are worked out where they are counted; those of the daily costs are the same. */
async function proveComponents(client: Bursar['client'], report: Report, span: string, total: number) {
  const daily = await client.get<{
    days: { cost_by_component: Record<string, number> }[];
    total: { total_cost: number; cost_by_component: Record<string, number> };
  }>(`/costs/daily?${span}`);
  claim('GET /costs/daily has the same total', nano(daily.total.total_cost), total);
  const parts = report.componentBreakdown.map(({ name, totalCost }) => [name ?? '', nano(totalCost)]);
  const theirs = Object.entries(daily.total.cost_by_component).map(([name, cost]) => [name, nano(cost)]);
  claim('by component, as the daily costs say', Object.fromEntries(parts), Object.fromEntries(theirs));
  const sum = parts.reduce((all, [, cost]) => all + Number(cost), 0);
  claim('the components add up', sum, total);
}

async function entriesOf(client: Bursar['client']): Promise<ApiEntry[]> {
  const entries: ApiEntry[] = [];
  for (let cursor = ''; ; ) {
    const page = await client.get<{ entries: ApiEntry[]; cursor?: string }>(
      `/costs/entries?limit=100${cursor}`,
    );
    entries.push(...page.entries);
    if (page.cursor === undefined) return entries;
    cursor = `&cursor=${page.cursor}`;
  }
}

function ofEntries(entries: ApiEntry[], nameOf: (entry: ApiEntry) => string | undefined): Sums {
  const sums: Sums = {};
  for (const entry of entries) {
    const name = nameOf(entry) ?? '';
    const [cost, count] = sums[name] ?? [0, 0];
    sums[name] = [cost + nano(entry.costUsd), count + (entry.flag === 'correction' ? 0 : 1)];
  }
  return sums;
}

function sumsOf(
  lines: (Omit<SpendLine, 'name'> & { name?: string | null; queueName?: string | null })[],
): Sums {
  return Object.fromEntries(
    lines.map(({ name, queueName, totalCost, jobCount }) => [
      name ?? queueName ?? '',
      [nano(totalCost), jobCount],
    ]),
  );
}

function ofDays({ dayBreakdown }: Report): Sums {
  const days = dayBreakdown.filter(({ jobCount, totalCost }) => jobCount > 0 || totalCost !== 0);
  return Object.fromEntries(days.map(({ date, totalCost, jobCount }) => [date, [nano(totalCost), jobCount]]));
}

/** Milliseconds of each format, the middle one of five. */
async function timesOf(client: Bursar['client'], span: string): Promise<Record<string, number>> {
  const times: Record<string, number> = {};
  for (const format of REPORT_FORMATS) {
    const took: number[] = [];
    for (let at = 0; at < REPETITIONS; at += 1) {
      const startedAt = performance.now();
      await client.get(`/reports?${span}&format=${format}`);
      took.push(performance.now() - startedAt);
    }
    times[`${format}Ms`] = Math.round(took.toSorted((a, b) => a - b)[Math.floor(REPETITIONS / 2)] ?? 0);
  }
  return times;
}

export const report: Proof = {
  title: 'A report over 20,000 jobs and some runs: each breakdown against every entry, to the nano-dollar',
  prove: () =>
    withServers(async ({ temporalAddress, mongoUri }) => {
      const bursar = await startBursar({ temporalAddress, mongoUri });
      try {
        return await proveReport(bursar, { jobs: 20_000, days: 90, queues: 211, teams: 37, users: 499 });
      } finally {
        await bursar.stop();
      }
    }),
};
