import { JOB_COLUMNS, type JobColumn } from '../domain/jobs/columns.ts';
import type { DatedJob } from '../domain/jobs/job.ts';
import { createJobSums, type JobSum, type SumDimension } from '../domain/jobs/job-sums.ts';
import {
  type Cell,
  factSheet,
  numberCell,
  type Sheet,
  tableSheet,
  textCell,
  timeCell,
  usdCell,
  wholeCell,
  workbookFile,
} from './workbook.ts';

/** A workbook is made in one go, in memory: so many jobs and groups are shown, and all are counted. */
export const MAX_SHEET_JOBS = 5_000;
const MAX_SHEET_GROUPS = 1_000;

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

/** A workbook of jobs: what they have cost, a sheet for each breakdown, and the jobs up to a limit. */
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
  yield await workbookFile([summary(facts, total), ...breakdowns, jobSheet(shown, total.count)]);
}

function summary({ org, start, end, selection }: WorkbookFacts, total: JobSum): Sheet {
  return factSheet('Summary', 'What jobs have cost', [
    ['Organization', textCell(org)],
    ['First day', textCell(start)],
    ['Last day', textCell(end)],
    ['Selected', textCell(selection)],
    ['Times', textCell('UTC')],
    ['Jobs', wholeCell(total.count)],
    ['Cost, USD', usdCell(total.costNanoUsd)],
    ['Average, USD', usdCell(averageOf(total))],
    ['Input tokens', wholeCell(total.inputTokens)],
    ['Output tokens', wholeCell(total.outputTokens)],
  ]);
}

function breakdown(title: string, sums: JobSum[], total: JobSum): Sheet {
  const name = title.charAt(3).toUpperCase() + title.slice(4);
  const head = [name, 'Jobs', 'Cost, USD', 'Share', 'Average, USD', 'Input tokens', 'Output tokens'];
  const all = Number(total.costNanoUsd);
  const rows = sums
    .slice(0, MAX_SHEET_GROUPS)
    .map((sum) => [
      textCell(sum.name ?? NOT_SAID),
      wholeCell(sum.count),
      usdCell(sum.costNanoUsd),
      numberCell(all === 0 ? undefined : Number(sum.costNanoUsd) / all, '0.0%'),
      usdCell(averageOf(sum)),
      wholeCell(sum.inputTokens),
      wholeCell(sum.outputTokens),
    ]);
  return tableSheet(title, head, [28, 12, 18, 10, 18, 16, 16], rows, cutNote(rows.length, sums.length));
}

/** In nano-dollars. */
function averageOf({ costNanoUsd, count }: JobSum): number {
  return count === 0 ? 0 : Number(costNanoUsd) / count;
}

function jobSheet(jobs: DatedJob[], count: number): Sheet {
  const widths = JOB_COLUMNS.map((column) => WIDTHS[column] ?? 18);
  return tableSheet('Jobs', [...JOB_COLUMNS], widths, jobs.map(jobCells), cutNote(jobs.length, count));
}

function jobCells(job: DatedJob): Cell[] {
  const cells: Record<JobColumn, Cell> = {
    job_id: textCell(job.id),
    team_name: textCell(job.team),
    model_name: textCell(job.model),
    provider: textCell(job.provider),
    gpu_type: textCell(job.gpuType),
    start_time: timeCell(job.startedAt),
    end_time: timeCell(job.endedAt),
    status: textCell(job.status),
    user: textCell(job.user),
    queue: textCell(job.queue),
    kind: textCell(job.kind),
    gpu_count: numberCell(job.gpuCount, '0.######'),
    input_tokens: wholeCell(job.inputTokens),
    output_tokens: wholeCell(job.outputTokens),
    cost_usd: job.costBasis === 'none' ? null : usdCell(job.costNanoUsd),
    cost_basis: textCell(job.costBasis),
  };
  return JOB_COLUMNS.map((column) => cells[column]);
}

function cutNote(shown: number, all: number): string | undefined {
  if (shown === all) return undefined;
  return `The first ${shown} of ${all}; the sums are of all. CSV, JSON lines and Parquet have every job.`;
}
