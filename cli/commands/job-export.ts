import { createWriteStream, existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, invalidInput } from '../../domain/errors.ts';
import { given } from '../../domain/given.ts';
import type { ExportFormat } from '../../domain/jobs/formats.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { withSession } from '../session.ts';
import { showBar } from '../show/bar.ts';
import { wholeNumber } from '../show/format.ts';
import type { Output } from '../show/output.ts';
import { spanOf } from './costs.ts';

export interface ExportOptions {
  format?: ExportFormat;
  start?: string;
  end?: string;
  team?: string;
  status?: string;
  provider?: string;
  focusVersion?: string;
}

const BY_ENDING: Record<string, ExportFormat> = {
  csv: 'csv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  xlsx: 'xlsx',
  parquet: 'parquet',
};
const FOR_PROGRAMS: readonly ExportFormat[] = ['xlsx', 'parquet'];

/** `bursar jobs export`: into a new file, else to stdout. */
export async function exportJobs(
  context: CommandContext,
  file: string | undefined,
  options: ExportOptions,
): Promise<number> {
  const { output } = context;
  const format = options.format ?? formatOf(file, options);
  if (file === undefined && output.json) throw invalidInput('--json needs the name of a file to write');
  if (file === undefined && FOR_PROGRAMS.includes(format) && process.stdout.isTTY)
    throw invalidInput(`${format} is nothing for a terminal: name a file to write`);
  const path = file === undefined ? undefined : resolve(context.directory, file);
  if (path !== undefined && existsSync(path))
    throw invalidInput(`${file} is there already; nothing is written over. Name another file.`);
  const { team, status, provider, focusVersion } = options;
  const span = spanOf(options);
  const query = given({ ...span, format, team_name: team, status, provider, focus_version: focusVersion });
  return withSession(context, { temporal: false, command: 'jobs' }, async ({ client }) => {
    const body = await client.exportJobs(query);
    const bytes = await save(output, body, { path, file });
    output.result({ file: file ?? null, format, ...span, bytes });
    if (file !== undefined) output.line(`Wrote ${file}: ${wholeNumber(bytes)} bytes.`);
    return EXIT.done;
  });
}

/** By the ending of the file; CSV where there is none. @throws AppError `invalid_input` */
function formatOf(file: string | undefined, { focusVersion }: ExportOptions): ExportFormat {
  if (focusVersion !== undefined) return 'focus';
  if (file === undefined) return 'csv';
  if (/\.focus\.csv$/i.test(file)) return 'focus';
  const format = BY_ENDING[/\.(\w+)$/.exec(file)?.[1]?.toLowerCase() ?? ''];
  if (format !== undefined) return format;
  const endings = '.csv, .jsonl, .xlsx, .parquet or .focus.csv';
  throw invalidInput(`${file} tells no format: end it with ${endings}, or add --format`);
}

/** A file that did not come whole is taken away. @returns how many bytes there were */
async function save(
  output: Output,
  body: ReadableStream,
  { path, file }: { path: string | undefined; file: string | undefined },
) {
  const bar = await showBar(output, Number.MAX_SAFE_INTEGER, 'received {value} bytes');
  let bytes = 0;
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.length;
      controller.enqueue(chunk);
    },
  });
  const source = Readable.fromWeb(body.pipeThrough(count).pipeThrough(bar.passing()) as never);
  let isOpen = false;
  const target: Writable =
    path === undefined
      ? process.stdout
      : createWriteStream(path, { flags: 'wx' }).on('open', () => {
          isOpen = true;
        });
  try {
    await pipeline(source, target, { end: path !== undefined });
    return bytes;
  } catch (error) {
    if (path !== undefined && isOpen) await rm(path, { force: true });
    throw failureOf(error, file);
  } finally {
    bar.close();
  }
}

function failureOf(error: unknown, file: string | undefined): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return invalidInput(`${file} lies in a folder that is not there`);
  if (code === 'EEXIST') return invalidInput(`${file} is there already; nothing is written over`);
  if (!(error instanceof TypeError)) return error;
  const kept = file === undefined ? 'what came is not whole' : `${file} was not kept`;
  return new AppError('services_unavailable', `the transfer broke off: ${kept}`, { cause: error });
}
