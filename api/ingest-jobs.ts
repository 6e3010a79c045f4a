import { AppError, invalidInput } from '../domain/errors.ts';
import type { Mapping } from '../domain/jobs/columns.ts';
import { type GpuPrice, gpuPriceAt } from '../domain/jobs/gpu-prices.ts';
import { costOfWork, gpuWork } from '../domain/jobs/gpu-work.ts';
import type { Job } from '../domain/jobs/job.ts';
import type { FocusProblem } from '../domain/jobs/read-focus.ts';
import { keepAtMost } from '../domain/keep-at-most.ts';
import { costOfUsage } from '../domain/money.ts';
import type { ApiDeps } from './deps.ts';
import type { FileRow } from './job-rows.ts';
import { createRowReader } from './row-reader.ts';
import { teamIdOf } from './team-id.ts';

export interface Ingested {
  inserted: number;
  updated: number;
  unchanged: number;
  failed: number;
  /** Of all jobs that were read without a problem. */
  costNanoUsd: number;
  /** The field by its name, else `row` or `file`. */
  errors: { line: number; field: string; problem: string }[];
}

/** Problems that are told of; all are counted. */
export const MAX_ERRORS = 100;
/** Which teams are there already; the others are looked at again. */
const MAX_KNOWN_TEAMS = 10_000;
/** What one transaction writes. */
const AT_ONCE = 1_000;

type Deps = Pick<ApiDeps, 'store' | 'pricing'>;

/**
 * Reads rows as jobs, prices what has tokens alone, and writes them 1,000 at a time; a row that is wrong is
 * counted and left out. Of two rows of one id the later counts, as in two files.
 * @throws AppError what is wrong with the file as a whole where nothing of it could be read.
 */
export async function ingestJobs(
  deps: Deps,
  org: string,
  rows: AsyncIterable<FileRow>,
  mapping: Mapping,
  isFocus = false,
): Promise<Ingested> {
  const sum: Ingested = { inserted: 0, updated: 0, unchanged: 0, failed: 0, costNanoUsd: 0, errors: [] };
  const fail = (line: number, field: string, problem: string) => {
    if (sum.errors.length < MAX_ERRORS) sum.errors.push({ line, field, problem });
  };
  const now = new Date();
  const readRow = createRowReader(mapping, now, isFocus);
  const priced = createPriced(deps, org, now);
  const batch = new Map<string, Job>();
  const teams = new Map<string, true>();
  const flush = async () => {
    const fresh = new Set([...batch.values()].map(({ team }) => team).filter((team) => !teams.has(team)));
    const named = [...fresh].map((name) => ({ _id: teamIdOf(org, name), name }));
    await deps.store.teams.ensure(org, named);
    for (const name of fresh) keepAtMost(MAX_KNOWN_TEAMS, teams, name, true);
    const { inserted, updated, unchanged } = await deps.store.writeJobs(org, [...batch.values()], now);
    sum.inserted += inserted;
    sum.updated += updated;
    sum.unchanged += unchanged;
    batch.clear();
  };
  let [row, line] = [0, 0];
  try {
    for await (const each of rows) {
      row += 1;
      line = each.line;
      const read = 'problem' in each ? each.problem : await priced(readRow(each.row, row));
      if (typeof read === 'string' || Array.isArray(read)) {
        sum.failed += 1;
        if (typeof read === 'string') fail(line, 'row', read);
        else for (const { field, problem } of read) fail(line, field, problem);
        continue;
      }
      if (batch.has(read.id)) await flush();
      batch.set(read.id, read);
      sum.costNanoUsd += read.costNanoUsd;
      if (batch.size === AT_ONCE) await flush();
    }
  } catch (error) {
    if (!(error instanceof AppError) || row === 0) throw error;
    sum.failed += 1;
    fail(line, 'file', `could not be read further: ${error.publicMessage}`);
  }
  if (row === 0) throw invalidInput('the file is empty: it has no rows');
  if (batch.size > 0) await flush();
  return sum;
}

/**
 * Prices a job that says its tokens and no cost: a price that is not known is a problem, never zero. Else one
 * that says its GPUs, by its hours, where their price is known: it may get its share of their cost later.
 */
function createPriced({ store, pricing }: Deps, org: string, now: Date) {
  const own = store.gpuPrices.list(org);
  return async (read: Job | FocusProblem[]) => {
    if (Array.isArray(read) || read.costBasis !== 'none') return read;
    const { inputTokens, outputTokens, provider, model } = read;
    if (inputTokens === undefined && outputTokens === undefined) return pricedByHours(read, await own);
    const name = `${provider}/${model}`;
    const price = await pricing.priceOf(org, name, read.endedAt ?? read.startedAt ?? now);
    if (price !== undefined) {
      const usage = { inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0 };
      return { ...read, costNanoUsd: costOfUsage(usage, price), costBasis: 'tokens' as const };
    }
    if (read.gpuType !== undefined) return pricedByHours(read, await own);
    return [{ field: 'model_name', problem: `no price is known of ${name}: give cost_usd, or set one` }];
  };
}

function pricedByHours(job: Job, own: readonly GpuPrice[]): Job {
  const { provider, gpuType, startedAt, endedAt } = job;
  if (gpuType === undefined || startedAt === undefined || endedAt === undefined) return job;
  const price = gpuPriceAt(own, { provider, gpuType }, endedAt);
  if (price === undefined) return job;
  const span = { startMs: startedAt.getTime(), endMs: endedAt.getTime() };
  const costNanoUsd = costOfWork(gpuWork(job, span, endedAt), price);
  return { ...job, costNanoUsd, costBasis: 'gpu_hours' };
}
