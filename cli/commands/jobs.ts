import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ApiIngestedJobs } from '../../api/jobs.ts';
import { invalidInput } from '../../domain/errors.ts';
import type { JobFormat } from '../../domain/jobs/formats.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { withSession } from '../session.ts';
import { plural, usd, wholeNumber } from '../show/format.ts';

export interface IngestOptions {
  map?: string;
  set?: string;
  epoch?: string;
  timeUnit: 's' | 'ms';
  format?: JobFormat;
}

const BY_ENDING = { csv: 'csv', jsonl: 'jsonl', ndjson: 'jsonl', json: 'json' } as const;
const SHOWN_PROBLEMS = 20;

/** `bursar jobs ingest`: exit code 3 where rows have failed. */
export async function ingestFile(
  context: CommandContext,
  file: string,
  options: IngestOptions,
): Promise<number> {
  const { output } = context;
  const path = resolve(context.directory, file);
  const bytes = await sizeOf(path, file);
  const { timeUnit, ...rest } = options;
  const query = { timeUnit, ...rest, format: rest.format ?? formatOf(file) };
  return withSession(context, { temporal: false, command: 'jobs' }, async ({ client }) => {
    const progress = await showBytes(bytes, 'sending');
    const answer = await client
      .ingestJobs(query, (await openAsBlob(path)).stream().pipeThrough(progress.through))
      .finally(progress.close);
    output.result(answer);
    for (const line of linesOf(answer)) output.line(line);
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

/** A bar of the bytes that went through, or their number where nobody knows the total, if somebody looks. */
export async function showBytes(total: number | undefined, word: string) {
  const { SingleBar, Presets } = (await import('cli-progress')).default;
  const format = total === undefined ? `${word} {value} bytes` : `${word} {bar} {percentage}%`;
  const bar = process.stderr.isTTY
    ? new SingleBar({ stream: process.stderr, clearOnComplete: true, format }, Presets.shades_classic)
    : undefined;
  bar?.start(Math.max(1, total ?? Number.MAX_SAFE_INTEGER), 0);
  const through = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bar?.increment(chunk.length);
      controller.enqueue(chunk);
    },
  });
  return { through, close: () => bar?.stop() };
}

function linesOf({ inserted, updated, unchanged, failed, costUsd, errors }: ApiIngestedJobs): string[] {
  const counts = Object.entries({ inserted, updated, unchanged, failed });
  const words = counts.map(([name, count]) => `${wholeNumber(count)} ${name}`).join(', ');
  const shown = errors.slice(0, SHOWN_PROBLEMS);
  const more =
    failed > 0 && errors.length > shown.length ? [`… and more; --json shows ${errors.length}`] : [];
  return [
    `${plural(inserted + updated + unchanged + failed, 'job')}: ${words}; ${usd(costUsd)} together.`,
    ...shown.map(({ line, field, problem }) => `line ${line}: ${field} ${problem}`),
    ...more,
  ];
}
