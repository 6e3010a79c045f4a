import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { dayNumberOf } from '../../domain/budgets/zones.ts';
import { invalidInput } from '../../domain/errors.ts';
import { monthBefore } from '../../domain/report/period.ts';
import { type ReportFormat, renderReport } from '../../domain/report/render.ts';
import type { Client } from '../client/client.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { withSession } from '../session.ts';
import { reportLines } from '../show/report.ts';

export interface ReportOptions {
  start?: string;
  end?: string;
  month?: string;
  lastMonth?: boolean;
  format?: ReportFormat;
  out?: string;
}

const FORMAT_OF: Record<string, ReportFormat> = { md: 'markdown', html: 'html', csv: 'csv', json: 'json' };

/** `bursar report` */
export async function showReport(context: CommandContext, options: ReportOptions): Promise<number> {
  const { output } = context;
  const { out, format = formatOf(out) } = options;
  const days = daysNamed(options);
  return withSession(context, { temporal: false, command: 'report' }, async ({ client }) => {
    const report = await client.spendReport(options.lastMonth ? await lastMonth(client) : days);
    if (out !== undefined)
      writeNew(resolve(context.directory, out), out, renderReport(report, format ?? 'json'));
    if (out !== undefined) output.note(`Wrote ${out}.`);
    output.result(report);
    if (out !== undefined || output.json) return EXIT.done;
    const text =
      format === undefined ? reportLines(report, output.style) : [renderReport(report, format).trimEnd()];
    for (const line of text) output.line(line);
    return EXIT.done;
  });
}

/** By the name of the file, where none is named. @throws AppError `invalid_input` */
function formatOf(out: string | undefined): ReportFormat | undefined {
  if (out === undefined) return undefined;
  const format = FORMAT_OF[/\.(\w+)$/.exec(out)?.[1]?.toLowerCase() ?? ''];
  if (format !== undefined) return format;
  throw invalidInput(`--out ${out} tells no format: end it with .html, .md, .csv or .json, or add --format`);
}

/** @throws AppError `invalid_input` */
function daysNamed({ start, end, month, lastMonth: last }: ReportOptions): { start?: string; end?: string } {
  const ways = [start ?? end, month, last].filter((way) => way !== undefined).length;
  if (ways > 1) throw invalidInput('give either --start and --end, or --month, or --last-month');
  for (const [option, day] of Object.entries({ '--start': start, '--end': end }))
    if (day !== undefined && dayNumberOf(day) === undefined)
      throw invalidInput(`${option} ${day} is no day of the calendar; right would be 2025-01-31`);
  if (month === undefined) return { ...(start && { start }), ...(end && { end }) };
  if (dayNumberOf(`${month}-01`) === undefined)
    throw invalidInput(`--month ${month} is no month; right would be 2025-01`);
  return monthBefore(`${month}-01`, 0);
}

/** The present day is known to the API, in the organization's time zone. */
async function lastMonth(client: Client): Promise<{ start: string; end: string }> {
  const { period } = await client.spendReport({});
  return monthBefore(period.end, 1);
}

/** @throws AppError `invalid_input` where there is a file: it may be somebody's own. */
function writeNew(path: string, out: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw invalidInput(`${out} is there already; nothing is written over. Name another --out.`);
    if (code === 'ENOENT') throw invalidInput(`--out ${out} lies in a folder that is not there`);
    throw error;
  }
}
