import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import type { JobColumn } from '../domain/jobs/columns.ts';
import type { DatedJob } from '../domain/jobs/job.ts';

/** What is held in memory at a time. */
const ROW_GROUP = 10_000;
/** A nano-dollar is the ninth decimal, so that a cost is stored as it is. */
const USD = { type: 'INT64', converted_type: 'DECIMAL', precision: 18, scale: 9 } as const;
const TEXT = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;
const TIME = { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' } as const;
const WHOLE = { type: 'INT64' } as const;

type Type = Pick<SchemaElement, 'type' | 'converted_type' | 'precision' | 'scale'>;
type Column = { type: Type; isNeeded?: true; read(job: DatedJob): unknown };

const COLUMNS: Record<JobColumn, Column> = {
  job_id: { type: TEXT, isNeeded: true, read: ({ id }) => id },
  team_name: { type: TEXT, isNeeded: true, read: ({ team }) => team },
  model_name: { type: TEXT, isNeeded: true, read: ({ model }) => model },
  provider: { type: TEXT, isNeeded: true, read: ({ provider }) => provider },
  gpu_type: { type: TEXT, read: ({ gpuType }) => gpuType },
  start_time: { type: TIME, read: ({ startedAt }) => startedAt },
  end_time: { type: TIME, read: ({ endedAt }) => endedAt },
  status: { type: TEXT, isNeeded: true, read: ({ status }) => status },
  user: { type: TEXT, read: ({ user }) => user },
  queue: { type: TEXT, read: ({ queue }) => queue },
  kind: { type: TEXT, read: ({ kind }) => kind },
  gpu_count: { type: { type: 'DOUBLE' }, read: ({ gpuCount }) => gpuCount },
  input_tokens: { type: WHOLE, read: ({ inputTokens }) => big(inputTokens) },
  output_tokens: { type: WHOLE, read: ({ outputTokens }) => big(outputTokens) },
  cost_usd: {
    type: USD,
    read: ({ costBasis, costNanoUsd }) => (costBasis === 'none' ? undefined : BigInt(costNanoUsd)),
  },
  cost_basis: { type: TEXT, isNeeded: true, read: ({ costBasis }) => costBasis },
};
const SCHEMA: SchemaElement[] = [
  { name: 'jobs', num_children: Object.keys(COLUMNS).length },
  ...Object.entries(COLUMNS).map(([name, { type, isNeeded }]) => ({
    name,
    ...type,
    repetition_type: isNeeded ? ('REQUIRED' as const) : ('OPTIONAL' as const),
  })),
];

/** A Parquet file of jobs, a row group at a time, so that memory does not grow with the file. */
export async function* parquetOf(jobs: AsyncIterable<DatedJob>): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter();
  const file = new ParquetWriter({ writer, schema: SCHEMA, createdBy: 'bursar' });
  let group: DatedJob[] = [];
  const write = async () => {
    const columns = Object.entries(COLUMNS).map(([name, { read }]) => ({
      name,
      data: group.map((job) => read(job) ?? null),
    }));
    await file.write({ columnData: columns, rowGroupSize: ROW_GROUP });
    group = [];
  };
  for await (const job of jobs) {
    group.push(job);
    if (group.length < ROW_GROUP) continue;
    await write();
    yield taken(writer);
  }
  if (group.length > 0) await write();
  await file.finish();
  yield taken(writer);
}

/** What was written since the last time; its place in the file goes on. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}

function big(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}
