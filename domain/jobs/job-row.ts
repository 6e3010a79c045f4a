import {
  csvLine,
  type ExportedField,
  jsonLine,
  numberField,
  textField,
  usdField,
} from '../exported-field.ts';
import { JOB_COLUMNS, type JobColumn, type Row } from './columns.ts';
import type { Job } from './job.ts';

/** A job by the columns of every import, so that it comes in again unchanged. */
export function toJobRow(job: Job): Record<JobColumn, ExportedField> {
  const hasCost = job.costBasis !== 'none';
  return {
    job_id: textField(job.id),
    team_name: textField(job.team),
    model_name: textField(job.model),
    provider: textField(job.provider),
    gpu_type: textField(job.gpuType),
    start_time: textField(job.startedAt?.toISOString()),
    end_time: textField(job.endedAt?.toISOString()),
    status: textField(job.status),
    user: textField(job.user),
    queue: textField(job.queue),
    kind: textField(job.kind),
    gpu_count: numberField(job.gpuCount),
    input_tokens: numberField(job.inputTokens),
    output_tokens: numberField(job.outputTokens),
    cost_usd: hasCost ? usdField(job.costNanoUsd) : undefined,
    cost_basis: hasCost ? textField(job.costBasis) : undefined,
  };
}

/** The same as a row that has been read. */
export function plainJobRow(job: Job): Row {
  const fields = Object.entries(toJobRow(job)).flatMap(([name, field]) =>
    field === undefined ? [] : [[name, 'text' in field ? field.text : field.literal]],
  );
  return Object.fromEntries(fields) as Row;
}

/** The head of a CSV of jobs, or one of its lines. */
export const JOB_CSV_HEAD = csvLine(JOB_COLUMNS.map(textField));

export function jobCsvLine(job: Job): string {
  const row = toJobRow(job);
  return csvLine(JOB_COLUMNS.map((column) => row[column]));
}

export function jobJsonLine(job: Job): string {
  return jsonLine(toJobRow(job));
}
