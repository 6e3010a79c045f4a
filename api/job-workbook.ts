import writeExcelFile, { type Cell, type Sheet } from 'write-excel-file/node';
import { JOB_COLUMNS, type JobColumn } from '../domain/jobs/columns.ts';
import type { DatedJob } from '../domain/jobs/job.ts';
import { createJobSums, type JobSum, type SumDimension } from '../domain/jobs/job-sums.ts';
import { toUsd } from '../domain/money.ts';

/** A workbook is made in one go, in memory: so many jobs and groups are shown, and all are counted. */
export const MAX_SHEET_JOBS = 5_000;
const MAX_SHEET_GROUPS = 1_000;

const USD = '[$$-409]#,##0.00#######';
const WHOLE = '#,##0';
const TIME = 'yyyy-mm-dd hh:mm:ss';
const SHEETS: [SumDimension, string][] = [
  ['model', 'By model'],
  ['team', 'By team'],
  ['provider', 'By provider'],
  ['gpu_type', 'By GPU type'],
  ['user', 'By user'],
  ['queue', 'By queue'],
  ['kind', 'By kind'],
  ['status', 'By status'],
  ['day', 'By day'],
];
const NOT_SAID = '(none)';
const WIDTHS: Partial<Record<JobColumn, number>> = { job_id: 28, team_name: 20, model_name: 24 };

export interface WorkbookFacts {
  org: string;
  start: string;
  end: string;
  /** What the jobs were selected by, e.g. `status completed`. */
  selection: string;
}

/**
 * A workbook of jobs: what they have cost, a sheet for each breakdown, and the jobs themselves up to a limit.
 * Texts are cells of text, which no spreadsheet calculates.
 */
export async function* workbookOf(
  jobs: AsyncIterable<DatedJob>,
  facts: WorkbookFacts,
): AsyncGenerator<Uint8Array> {
  const sums = createJobSums();
  const shown: DatedJob[] = [];
  for await (const job of jobs) {
    sums.add(job);
    if (shown.length < MAX_SHEET_JOBS) shown.push(job);
  }
  const { total } = sums;
  const breakdowns = SHEETS.map(([dimension, title]) => breakdown(title, sums.by(dimension), total));
  const sheets = [summary(facts, total), ...breakdowns, jobSheet(shown, total.count)];
  yield await writeExcelFile(sheets as never, { fontFamily: 'Calibri', fontSize: 11 }).toBuffer();
}

function summary({ org, start, end, selection }: WorkbookFacts, total: JobSum): Sheet<never> {
  const row = (name: string, cell: Cell): Cell[] => [{ value: name, fontWeight: 'bold' }, cell];
  return {
    sheet: 'Summary',
    columns: [{ width: 20 }, { width: 44 }],
    stickyRowsCount: 1,
    data: [
      [bold('What jobs have cost'), bold('')],
      row('Organization', text(org)),
      row('First day', text(start)),
      row('Last day', text(end)),
      row('Selected', text(selection)),
      row('Times', text('UTC')),
      row('Jobs', number(total.count, WHOLE)),
      row('Cost, USD', usd(total.costNanoUsd)),
      row('Average, USD', number(total.count === 0 ? 0 : usdOf(total.costNanoUsd) / total.count, USD)),
      row('Input tokens', number(total.inputTokens, WHOLE)),
      row('Output tokens', number(total.outputTokens, WHOLE)),
    ],
  };
}

function breakdown(title: string, sums: JobSum[], total: JobSum): Sheet<never> {
  const head = [
    title.charAt(3).toUpperCase() + title.slice(4),
    'Jobs',
    'Cost, USD',
    'Share',
    'Average, USD',
    'Input tokens',
    'Output tokens',
  ];
  const rows = sums
    .slice(0, MAX_SHEET_GROUPS)
    .map(({ name, count, costNanoUsd, inputTokens, outputTokens }) => [
      text(name ?? NOT_SAID),
      number(count, WHOLE),
      usd(costNanoUsd),
      total.costNanoUsd === 0n ? null : number(Number(costNanoUsd) / Number(total.costNanoUsd), '0.0%'),
      number(usdOf(costNanoUsd) / count, USD),
      number(inputTokens, WHOLE),
      number(outputTokens, WHOLE),
    ]);
  return table(title, head, [28, 12, 18, 10, 18, 16, 16], rows, cutNote(rows.length, sums.length));
}

function jobSheet(jobs: DatedJob[], count: number): Sheet<never> {
  const widths = JOB_COLUMNS.map((column) => WIDTHS[column] ?? 18);
  return table('Jobs', [...JOB_COLUMNS], widths, jobs.map(jobCells), cutNote(jobs.length, count));
}

function jobCells(job: DatedJob): Cell[] {
  const cells: Record<JobColumn, Cell> = {
    job_id: text(job.id),
    team_name: text(job.team),
    model_name: text(job.model),
    provider: text(job.provider),
    gpu_type: text(job.gpuType),
    start_time: time(job.startedAt),
    end_time: time(job.endedAt),
    status: text(job.status),
    user: text(job.user),
    queue: text(job.queue),
    kind: text(job.kind),
    gpu_count: job.gpuCount === undefined ? null : number(job.gpuCount, '0.######'),
    input_tokens: job.inputTokens === undefined ? null : number(job.inputTokens, WHOLE),
    output_tokens: job.outputTokens === undefined ? null : number(job.outputTokens, WHOLE),
    cost_usd: job.costBasis === 'none' ? null : number(toUsd(job.costNanoUsd), USD),
    cost_basis: text(job.costBasis),
  };
  return JOB_COLUMNS.map((column) => cells[column]);
}

function cutNote(shown: number, all: number): string | undefined {
  if (shown === all) return undefined;
  return `The first ${shown} of ${all}; the sums are of all. CSV, JSON lines and Parquet have every job.`;
}

/** The head stays in sight; what was cut is said below the rows. */
function table(sheet: string, head: string[], widths: number[], rows: Cell[][], note?: string): Sheet<never> {
  const notes = note === undefined ? [] : [[{ value: note, type: String, fontStyle: 'italic' as const }]];
  return {
    sheet,
    columns: widths.map((width) => ({ width })),
    stickyRowsCount: 1,
    data: [head.map(bold), ...rows, ...notes],
  };
}

function bold(value: string): Cell {
  return { value, type: String, fontWeight: 'bold', backgroundColor: '#E8EDF3' };
}

/** `@` says that it is a text, whatever it looks like. */
function text(value: string | undefined): Cell {
  return value === undefined ? null : { value, type: String, format: '@' };
}

function number(value: number, format: string): Cell {
  return { value, type: Number, format };
}

/** Excel has 15 digits. */
function usd(nanoUsd: bigint): Cell {
  return number(usdOf(nanoUsd), USD);
}

function usdOf(nanoUsd: bigint): number {
  return toUsd(Number(nanoUsd));
}

function time(value: Date | undefined): Cell {
  return value === undefined ? null : { value, type: Date, format: TIME };
}
