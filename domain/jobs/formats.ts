/** Of files of jobs that come in; `focus` is CSV with the columns of FOCUS. */
export const JOB_FORMATS = ['csv', 'jsonl', 'json', 'focus'] as const;
export type JobFormat = (typeof JOB_FORMATS)[number];

/** Of files of jobs that go out. */
export const EXPORT_FORMATS = ['csv', 'jsonl', 'focus', 'xlsx', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
