import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ApiSnapshot } from '../../api/cost-snapshots.ts';
import { invalidInput } from '../../domain/errors.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { withSession } from '../session.ts';
import { plural, usd, wholeNumber } from '../show/format.ts';
import { type TableColumn, tableLines } from '../show/table.ts';
import { type CostOptions, spanOf } from './costs.ts';

const NEEDS = { temporal: false, command: 'gpu-costs' };
/** What one request takes. */
const AT_ONCE = 1_000;
const NUMBERS = ['cost_usd', 'gpu_hours'];

/** `bursar gpu-costs add` */
export async function addGpuCosts(context: CommandContext, file: string): Promise<number> {
  const { output } = context;
  const rows = await rowsOf(resolve(context.directory, file), file);
  return withSession(context, NEEDS, async ({ client }) => {
    const sum = { inserted: 0, updated: 0, unchanged: 0 };
    for (let from = 0; from < rows.length; from += AT_ONCE) {
      const counts = await client.addGpuCosts(rows.slice(from, from + AT_ONCE));
      for (const name of ['inserted', 'updated', 'unchanged'] as const) sum[name] += counts[name];
    }
    output.result(sum);
    const words = Object.entries(sum).map(([name, count]) => `${wholeNumber(count)} ${name}`);
    output.line(`${plural(rows.length, 'cost')} of GPUs: ${words.join(', ')}.`);
    return EXIT.done;
  });
}

/** A JSON array, or CSV whose head names the fields. */
async function rowsOf(path: string, file: string): Promise<object[]> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) throw invalidInput(`${file} is no file that can be read`);
  if (/\.csv$/i.test(file)) {
    const { parse } = await import('csv-parse/sync');
    const rows = parse(text, { bom: true, columns: true, skip_empty_lines: true, trim: true });
    return rows.map((row) => Object.fromEntries(Object.entries(row as object).flatMap(fieldOf)));
  }
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value;
  } catch {
    // The same answer as for what is JSON and no array.
  }
  throw invalidInput(`${file} must be a CSV named .csv, or a JSON array of costs`);
}

/** An empty field says nothing. What is no number is left to the API to refuse, by its place and name. */
function fieldOf([name, value]: [string, string]): [string, unknown][] {
  if (value === '') return [];
  return [[name, NUMBERS.includes(name) && Number.isFinite(Number(value)) ? Number(value) : value]];
}

/** `bursar gpu-costs list` */
export async function listGpuCosts(
  context: CommandContext,
  options: Pick<CostOptions, 'start' | 'end'>,
): Promise<number> {
  const { output } = context;
  const span = spanOf(options);
  return withSession(context, NEEDS, async ({ client }) => {
    const answer = await client.gpuCosts(span);
    output.result(answer);
    const { snapshots, total } = answer;
    if (total === 0) {
      output.line(`No costs of GPUs from ${span.start} to ${span.end}. Bring them in with gpu-costs add.`);
      return EXIT.done;
    }
    for (const line of tableLines(COLUMNS, snapshots.map(cellsOf), output.style.bold)) output.line(line);
    if (total > snapshots.length)
      output.note(`${snapshots.length} of ${wholeNumber(total)}; name fewer days`);
    return EXIT.done;
  });
}

const COLUMNS: TableColumn[] = [
  ...['day', 'provider', 'gpu'].map((title) => ({ title })),
  ...['cost', 'to jobs', 'covered', 'idle', 'jobs', 'GPU-hours'].map((title) => ({
    title,
    align: 'right' as const,
  })),
];

function cellsOf({ entry_date, provider, gpu_type, cost_usd, allocation }: ApiSnapshot): string[] {
  const parts = allocation
    ? [
        usd(allocation.jobs_usd),
        usd(allocation.covered_usd),
        usd(allocation.idle_usd),
        wholeNumber(allocation.job_count),
        allocation.used_gpu_hours.toFixed(1),
      ]
    : ['–', '–', '–', '–', '–'];
  return [entry_date, provider, gpu_type, usd(cost_usd), ...parts];
}
