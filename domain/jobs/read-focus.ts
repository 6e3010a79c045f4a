import { AppError } from '../errors.ts';
import { createRunningSum, readAmount } from './amount.ts';
import { type FileColumn, isEmpty, type JobColumn, type Mapping, type Row } from './columns.ts';
import type { Job } from './job.ts';
import { AHEAD_MS, readJob, readTime } from './read-job.ts';

/** Without these a file is no file of FOCUS. */
export const FOCUS_NEEDS = ['BilledCost', 'BillingCurrency', 'ChargePeriodStart', 'ChargePeriodEnd'];

/** Where a field of a job comes from: the first of these columns that says something. */
const SOURCES: Record<JobColumn, readonly string[]> = {
  job_id: ['x_JobId'],
  team_name: ['x_TeamName', 'SubAccountName', 'SubAccountId', 'BillingAccountName', 'BillingAccountId'],
  model_name: ['x_ModelName', 'ServiceName', 'SkuId'],
  provider: ['ProviderName', 'ServiceProviderName', 'PublisherName', 'InvoiceIssuerName'],
  gpu_type: ['x_GpuType'],
  start_time: ['ChargePeriodStart'],
  end_time: ['ChargePeriodEnd'],
  status: ['x_Status'],
  user: ['x_User'],
  queue: ['x_Queue'],
  kind: ['x_Kind', 'ServiceCategory'],
  gpu_count: ['x_GpuCount'],
  input_tokens: ['x_InputTokens'],
  output_tokens: ['x_OutputTokens'],
  cost_usd: ['BilledCost'],
  cost_basis: ['x_CostBasis'],
};
/** Of what Bursar has exported: its own columns are exact. */
const OWN: Record<JobColumn, readonly string[]> = {
  ...SOURCES,
  start_time: ['x_StartTime'],
  end_time: ['x_EndTime'],
  kind: ['x_Kind'],
};
/** Which rows have been there is remembered, so a file may have so many. */
const MAX_ROWS = 2_000_000;

/** What is wrong with a field, by the file's own name for it. */
export interface FocusProblem {
  field: string;
  problem: string;
}

/** Whether a row is one of FOCUS, by its columns. */
export function isFocusRow(raw: Row): boolean {
  return FOCUS_NEEDS.every((column) => Object.hasOwn(raw, column));
}

/**
 * Reads charges of a FOCUS file as jobs, row by row in the order of the file. A charge without an id of ours
 * gets one of its content and of how many like it came before, so that the same file again is the same jobs
 * and equal charges are kept each. Costs are rounded so that they add up to the sum of the file.
 * @param hashOf hexadecimal digits of a text, 32 at least
 */
export function createFocusReader(mapping: Mapping, now: Date, hashOf: (text: string) => string) {
  const sum = createRunningSum();
  const seen = new Map<number, number>();

  /** @throws AppError `too_large` for a file with too many charges. */
  function idOf(raw: Row): string {
    // Whatever the order of the columns, and whether what is missing is spelled out.
    const said = Object.keys(raw)
      .sort()
      .filter((name) => !isNull(raw[name]))
      .flatMap((name) => [name, String(raw[name])]);
    const hash = hashOf(JSON.stringify(said));
    const key = Number.parseInt(hash.slice(0, 13), 16);
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    if (seen.size > MAX_ROWS) throw new AppError('too_large', `a FOCUS file may have ${MAX_ROWS} charges`);
    return `focus-${hash.slice(0, 32)}${count === 1 ? '' : `-${count}`}`;
  }

  return function readFocus(raw: Row, row: number): Job | FocusProblem[] {
    const isOwn = !isNull(raw.x_JobId);
    const sources = isOwn ? OWN : SOURCES;
    const nameOf = (column: FileColumn) => {
      const names = column in sources ? sources[column as JobColumn] : [column];
      return mapping.columns.get(column) ?? sourceIn(raw, names) ?? usualSource(names);
    };
    const amount = readAmount(String(raw[nameOf('cost_usd')] ?? '').trim());
    const fields = fieldsOf(raw, sources);
    if (!isOwn) Object.assign(fields, stateOf(fields.end_time, now), { job_id: idOf(raw) });
    fields.cost_basis ??= amount !== undefined && amount.digits < 0n ? 'credit' : 'given';
    const mapped = mapping.columns.size === 0 ? fields : { ...raw, ...fields };
    const job = readJob(mapped, row, mapping, now);
    const problems = Array.isArray(job)
      ? job.map(({ field, problem }) => ({ field: nameOf(field), problem }))
      : [];
    if (amount === undefined && problems.every(({ field }) => field !== nameOf('cost_usd')))
      problems.push({ field: nameOf('cost_usd'), problem: 'is missing' });
    if (raw.BillingCurrency !== 'USD') problems.push(currencyProblem(raw.BillingCurrency));
    if (problems.length > 0 || Array.isArray(job) || amount === undefined) return problems;
    return { ...job, costNanoUsd: Number(sum.add(amount)) };
  };
}

function fieldsOf(raw: Row, sources: typeof SOURCES): Record<JobColumn, unknown> {
  const fields = Object.entries(sources).map(([column, names]) => {
    const source = sourceIn(raw, names);
    return [column, source === undefined ? undefined : raw[source]];
  });
  return Object.fromEntries(fields) as Record<JobColumn, unknown>;
}

function sourceIn(raw: Row, names: readonly string[]): string | undefined {
  return names.find((name) => Object.hasOwn(raw, name) && !isNull(raw[name]));
}

/** Where people would look for it first. */
function usualSource(names: readonly string[]): string {
  return names.find((name) => !name.startsWith('x_')) ?? names[0] ?? '';
}

/** A charge whose period is still open goes on; its end is not known before it has come. */
function stateOf(end: unknown, now: Date): { status: string; end_time: unknown } {
  const isOpen = !isNull(end) && readTime(String(end).trim()) > now.getTime() + AHEAD_MS;
  return isOpen ? { status: 'running', end_time: undefined } : { status: 'completed', end_time: end };
}

/** Some files spell it out. */
function isNull(value: unknown): boolean {
  return isEmpty(value) || (typeof value === 'string' && value.trim().toUpperCase() === 'NULL');
}

function currencyProblem(value: unknown): FocusProblem {
  const said = isNull(value) ? 'is missing' : `is ${String(value).slice(0, 20)}`;
  return { field: 'BillingCurrency', problem: `${said}; only USD is understood` };
}
