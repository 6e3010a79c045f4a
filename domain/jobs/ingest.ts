import { AppError, invalidInput } from '../errors.ts';
import { keepAtMost } from '../keep-at-most.ts';
import type { Mapping, Row } from './columns.ts';
import type { Job } from './job.ts';
import { createPricer, type PricerDeps } from './price-job.ts';
import { readJob } from './read-job.ts';

/**
 * A row of a file, or what is wrong with it; `file` where it is not with this row alone. `line` is where it
 * ends, from 1.
 */
export type FileRow =
  | { line: number; row: Row }
  | { line: number; problem: string; field?: 'file' }
  | { line: number; problems: { field: string; problem: string }[] };

export interface Ingested {
  inserted: number;
  updated: number;
  unchanged: number;
  failed: number;
  /** Of all jobs that were read without a problem. */
  costNanoUsd: number;
  errors: IngestProblem[];
}

export interface IngestProblem {
  line: number;
  /** By its name in the file, else `row` or `file`. */
  field: string;
  problem: string;
}

/** What was read of a file from one transaction to the next. */
export interface ReadRows extends Pick<Ingested, 'failed' | 'costNanoUsd' | 'errors'> {
  rows: number;
}

/** What ingestion needs of others. `Step` is what a transaction may do besides writing jobs. */
export interface IngestDeps<Step> extends PricerDeps {
  store: PricerDeps['store'] & {
    teams: {
      idOf(org: string, name: string): string;
      ensure(org: string, teams: { _id: string; name: string }[]): Promise<unknown>;
    };
    writeJobs(
      org: string,
      jobs: Job[],
      now: Date,
      step?: Step,
    ): Promise<Pick<Ingested, 'inserted' | 'updated' | 'unchanged'>>;
  };
}

/** How a file goes on that was begun before. */
export interface Onward<Step> {
  /** That were read before the first of these. */
  rowsBefore: number;
  /** Part of each transaction: keeps how far it has come. */
  stepOf(read: ReadRows): Step;
}

/** Problems that are told of; all are counted. */
export const MAX_ERRORS = 100;
/** Which teams are there already; the others are looked at again. */
const MAX_KNOWN_TEAMS = 10_000;
/** Rows of one transaction. */
export const ROWS_AT_ONCE = 1_000;

/**
 * Reads rows as jobs, prices what has tokens alone, and writes them 1,000 at a time; a row that is wrong is
 * counted and left out. Of two rows of one id the later counts, as in two files.
 * @throws AppError what is wrong with the file as a whole where nothing of it could be read.
 */
export async function ingestJobs<Step>(
  deps: IngestDeps<Step>,
  org: string,
  rows: AsyncIterable<FileRow>,
  mapping: Mapping,
  onward?: Onward<Step>,
): Promise<Ingested> {
  const sum: Ingested = { inserted: 0, updated: 0, unchanged: 0, failed: 0, costNanoUsd: 0, errors: [] };
  let read: ReadRows = { rows: 0, failed: 0, costNanoUsd: 0, errors: [] };
  const fail = (line: number, field: IngestProblem['field'], problem: string) => {
    if (sum.errors.length < MAX_ERRORS) sum.errors.push({ line, field, problem });
    if (read.errors.length < MAX_ERRORS) read.errors.push({ line, field, problem });
  };
  const now = new Date();
  const priced = createPricer(deps, org, now);
  const batch = new Map<string, Job>();
  const teams = new Map<string, true>();
  const flush = async () => {
    const fresh = new Set([...batch.values()].map(({ team }) => team).filter((team) => !teams.has(team)));
    const named = [...fresh].map((name) => ({ _id: deps.store.teams.idOf(org, name), name }));
    await deps.store.teams.ensure(org, named);
    for (const name of fresh) keepAtMost(MAX_KNOWN_TEAMS, teams, name, true);
    const jobs = [...batch.values()];
    const { inserted, updated, unchanged } = await deps.store.writeJobs(org, jobs, now, onward?.stepOf(read));
    sum.inserted += inserted;
    sum.updated += updated;
    sum.unchanged += unchanged;
    sum.failed += read.failed;
    sum.costNanoUsd += read.costNanoUsd;
    read = { rows: 0, failed: 0, costNanoUsd: 0, errors: [] };
    batch.clear();
  };
  let row = onward?.rowsBefore ?? 0;
  for await (const each of untilUnreadable(rows)) {
    row += 1;
    const { line } = each;
    const job = 'row' in each ? await priced(readJob(each.row, row, mapping, now)) : problemsOf(each);
    if (Array.isArray(job)) {
      read.failed += 1;
      for (const { field, problem } of job) fail(line, field, problem);
    } else {
      if (batch.has(job.id)) await flush();
      batch.set(job.id, job);
      read.costNanoUsd += job.costNanoUsd;
    }
    read.rows += 1;
    if (read.rows >= ROWS_AT_ONCE) await flush();
  }
  if (row === 0) throw invalidInput('the file is empty: it has no rows');
  if (read.rows > 0) await flush();
  return sum;
}

/**
 * Rows up to where a file cannot be read further, which is told as the last of them.
 * @throws AppError what is wrong with the file where nothing of it could be read.
 */
export async function* untilUnreadable(rows: AsyncIterable<FileRow>): AsyncGenerator<FileRow> {
  let line: number | undefined;
  try {
    for await (const each of rows) {
      line = each.line;
      yield each;
    }
  } catch (error) {
    if (!(error instanceof AppError) || line === undefined) throw error;
    yield { line, field: 'file', problem: `could not be read further: ${error.publicMessage}` };
  }
}

function problemsOf(each: Exclude<FileRow, { row: Row }>): { field: string; problem: string }[] {
  return 'problems' in each ? each.problems : [{ field: each.field ?? 'row', problem: each.problem }];
}
