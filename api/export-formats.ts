import { createFocusLines, type FocusVersion } from '../domain/jobs/focus-row.ts';
import type { ExportFormat } from '../domain/jobs/formats.ts';
import type { DatedJob } from '../domain/jobs/job.ts';
import { JOB_CSV_HEAD, jobCsvLine, jobJsonLine } from '../domain/jobs/job-row.ts';
import { parquetOf } from './job-parquet.ts';
import { type WorkbookFacts, workbookOf } from './job-workbook.ts';

export const EXPORT_TYPES = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/x-ndjson',
  focus: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  parquet: 'application/vnd.apache.parquet',
} as const satisfies Record<ExportFormat, string>;

/** How the name of a file ends. */
export const EXPORT_ENDINGS = {
  csv: 'csv',
  jsonl: 'jsonl',
  focus: 'focus.csv',
  xlsx: 'xlsx',
  parquet: 'parquet',
} as const satisfies Record<ExportFormat, string>;

/** What is exported, and how. */
export interface ExportRequest extends WorkbookFacts {
  format: ExportFormat;
  version: FocusVersion;
  teamIdOf(org: string, team: string): string;
}

/** A file of jobs, piece by piece. */
export function exportOf(
  request: ExportRequest,
  jobs: AsyncIterable<DatedJob>,
): AsyncIterable<string | Uint8Array> {
  const { format, version, org } = request;
  if (format === 'csv') return linesOf(jobs, jobCsvLine, JOB_CSV_HEAD);
  if (format === 'jsonl') return linesOf(jobs, jobJsonLine);
  if (format === 'parquet') return parquetOf(jobs);
  if (format === 'xlsx') return workbookOf(jobs, request);
  const { head, lineOf } = createFocusLines(version, {
    org,
    teamIdOf: (team) => request.teamIdOf(org, team),
  });
  return linesOf(jobs, lineOf, head);
}

async function* linesOf(
  jobs: AsyncIterable<DatedJob>,
  lineOf: (job: DatedJob) => string,
  head?: string,
): AsyncGenerator<string> {
  if (head !== undefined) yield head;
  for await (const job of jobs) yield lineOf(job);
}
