import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { invalidInput } from '../../domain/errors.ts';
import type { JobFormat } from '../../domain/jobs/formats.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { withSession } from '../session.ts';
import { showBar } from '../show/bar.ts';
import { ingestedLines } from '../show/ingested.ts';
import { ingestDurably } from './ingestions.ts';

export interface IngestOptions {
  map?: string;
  set?: string;
  epoch?: string;
  timeUnit: 's' | 'ms';
  durable?: boolean;
  /** False: returns as soon as the file has arrived. */
  wait: boolean;
  format?: JobFormat;
}

const BY_ENDING = { csv: 'csv', jsonl: 'jsonl', ndjson: 'jsonl', json: 'json' } as const;
/** A larger file is brought in by a workflow, which goes on whatever happens to this command. */
const DURABLE_FROM_BYTES = 16 * 1024 * 1024;

/** `bursar jobs ingest`: exit code 3 where rows have failed. */
export async function ingestFile(
  context: CommandContext,
  file: string,
  options: IngestOptions,
): Promise<number> {
  const { output } = context;
  const path = resolve(context.directory, file);
  const bytes = await sizeOf(path, file);
  const { timeUnit, durable, wait, ...rest } = options;
  const query = { timeUnit, ...rest, format: rest.format ?? formatOf(file) };
  if (durable === true || !wait || bytes > DURABLE_FROM_BYTES)
    return ingestDurably(context, { path, bytes, query }, wait);
  return withSession(context, { temporal: false, command: 'jobs' }, async ({ client }) => {
    const bar = await showBar(output, bytes, 'sending {bar} {percentage}%');
    const answer = await client
      .ingestJobs(query, (await openAsBlob(path)).stream().pipeThrough(bar.passing()))
      .finally(bar.close);
    output.result(answer);
    for (const line of ingestedLines(answer)) output.line(line);
    return answer.failed > 0 ? EXIT.itemsFailed : EXIT.done;
  });
}

async function sizeOf(path: string, file: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) return found.size;
  throw invalidInput(`${file} is no file that can be read`);
}

function formatOf(file: string): 'csv' | 'jsonl' | 'json' {
  const ending = /\.(csv|jsonl|ndjson|json)(\.gz)?$/i.exec(file)?.[1]?.toLowerCase();
  if (ending === undefined)
    throw invalidInput(`${file} does not say what it is: name it .csv, .jsonl or .json, or give --format`);
  return BY_ENDING[ending as keyof typeof BY_ENDING];
}
