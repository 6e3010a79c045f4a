/** The columns of a file of jobs, by the names that every import has. */
export const JOB_COLUMNS = [
  'job_id',
  'team_name',
  'model_name',
  'provider',
  'gpu_type',
  'start_time',
  'end_time',
  'status',
  'user',
  'queue',
  'kind',
  'gpu_count',
  'input_tokens',
  'output_tokens',
  'cost_usd',
  'cost_basis',
] as const;
export type JobColumn = (typeof JOB_COLUMNS)[number];

/** What a job used, for the cost model: read where there is no cost, and not kept. */
export const METRIC_COLUMNS = [
  'cpu_time',
  'memory_mb_seconds',
  'payload_bytes',
  'redis_ops',
  'network_bytes',
] as const;
/** What a file may say. */
export type FileColumn = JobColumn | (typeof METRIC_COLUMNS)[number];
const FILE_COLUMNS: readonly FileColumn[] = [...JOB_COLUMNS, ...METRIC_COLUMNS];

/** A field of a row as a file has it: CSV has texts alone. */
export type Row = Record<string, unknown>;

/** How the columns of a foreign file are read as ours. */
export interface Mapping {
  /** Ours → the file's; `@row` is the number of the row. */
  columns: ReadonlyMap<FileColumn, string>;
  /** The same in every row. */
  constants: ReadonlyMap<FileColumn, string>;
  /** Times are numbers from here on; else they are dates. */
  epoch?: { from: Date; unitMs: number };
}

const ROW_NUMBER = '@row';

/** The fields of one row under our names; empty ones are left out. `row` counts from 1, without the head. */
export function mapRow(raw: Row, row: number, mapping: Mapping): Partial<Record<FileColumn, unknown>> {
  const fields: Partial<Record<FileColumn, unknown>> = {};
  for (const column of FILE_COLUMNS) {
    const source = mapping.columns.get(column) ?? column;
    const own = source === ROW_NUMBER ? row : Object.hasOwn(raw, source) ? raw[source] : undefined;
    const value = isEmpty(own) ? mapping.constants.get(column) : own;
    if (!isEmpty(value)) fields[column] = value;
  }
  return fields;
}

export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

/**
 * Reads `ours=theirs,…`.
 * @returns the pairs, or what is wrong with the text.
 */
export function readPairs(text: string): ReadonlyMap<FileColumn, string> | string {
  const pairs = new Map<FileColumn, string>();
  for (const part of text.split(',').filter((each) => each.trim() !== '')) {
    const at = part.indexOf('=');
    const [name, value] = [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    const column = FILE_COLUMNS.find((known) => known === name);
    if (at < 1 || value === '') return `"${part.slice(0, 60)}" must be column=value`;
    if (column === undefined)
      return `${name.slice(0, 60)} is no column of jobs; they are: ${FILE_COLUMNS.join(', ')}`;
    if (pairs.has(column)) return `${column} is named twice`;
    pairs.set(column, value);
  }
  return pairs;
}
