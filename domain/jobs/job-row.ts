import { csvCell } from '../csv-text.ts';
import { decimalUsd } from '../money.ts';
import { plainNumber } from '../plain-number.ts';
import { JOB_COLUMNS, type JobColumn } from './columns.ts';
import type { Job } from './job.ts';

/** A field as it is exported: a text of somebody, or what is written with these very characters. */
export type Field = { text: string } | { literal: string } | undefined;

/** A job by the columns of every import, so that it comes in again unchanged. */
export function toJobRow(job: Job): Record<JobColumn, Field> {
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
    cost_usd: hasCost ? { literal: decimalUsd(job.costNanoUsd) } : undefined,
    cost_basis: hasCost ? textField(job.costBasis) : undefined,
  };
}

export function textField(text: string | undefined): Field {
  return text === undefined ? undefined : { text };
}

export function numberField(value: number | undefined): Field {
  return value === undefined ? undefined : { literal: plainNumber(value) };
}

/** The head of a CSV of jobs, or one of its lines. */
export const JOB_CSV_HEAD = csvLine(JOB_COLUMNS.map((column) => ({ text: column })));

export function jobCsvLine(job: Job): string {
  const row = toJobRow(job);
  return csvLine(JOB_COLUMNS.map((column) => row[column]));
}

/** A line of CSV with its end; what is missing is empty. */
export function csvLine(fields: readonly Field[]): string {
  const cells = fields.map((field) => {
    if (field === undefined) return '';
    return 'text' in field ? csvCell(field.text) : field.literal;
  });
  return `${cells.join(',')}\r\n`;
}

/** A line of JSON; what is missing is left out. Numbers have all their digits. */
export function jobJsonLine(job: Job): string {
  const fields = Object.entries(toJobRow(job)).flatMap(([name, field]) => {
    if (field === undefined) return [];
    return [`"${name}":${'text' in field ? JSON.stringify(field.text) : field.literal}`];
  });
  return `{${fields.join(',')}}\n`;
}
