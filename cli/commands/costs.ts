import { dayNumberOf, toDay } from '../../domain/budgets/zones.ts';
import { invalidInput } from '../../domain/errors.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { withSession } from '../session.ts';
import { dayLines, groupLines, historyLines } from '../show/costs.ts';

const NEEDS = { temporal: false, command: 'costs' };
const DAY_MS = 86_400_000;
/** The day of the zone that is furthest ahead: the organization's own is not known here. */
const FURTHEST_AHEAD_MS = 14 * 3_600_000;
const DEFAULT_DAYS = 30;

export interface CostOptions {
  start?: string;
  end?: string;
  by?: string[];
  every?: 'day' | 'week' | 'month';
}

/** `bursar costs` */
export async function showCosts(context: CommandContext, options: CostOptions): Promise<number> {
  const { output } = context;
  const { by = [], every } = options;
  const span = { ...spanOf(options), ...(by.length > 0 && { groupBy: by.join(',') }) };
  return withSession(context, NEEDS, async ({ client }) => {
    const answer =
      every === undefined ? await client.dailyCosts(span) : await client.costHistory({ ...span, by: every });
    output.result({ start: span.start, end: span.end, ...answer });
    if (answer.total.total_jobs === 0 && answer.total.total_cost === 0) {
      output.line(`No costs from ${span.start} to ${span.end}. Name other days with --start and --end.`);
      return EXIT.done;
    }
    const { style } = output;
    const lines =
      'series' in answer
        ? historyLines(answer, by, style)
        : by.length > 0
          ? groupLines(answer, by, style)
          : dayLines(answer, style);
    for (const line of lines) output.line(line);
    return EXIT.done;
  });
}

/** The days that are named; without, the last thirty. @throws AppError `invalid_input` */
export function spanOf({ start, end }: Pick<CostOptions, 'start' | 'end'>): { start: string; end: string } {
  const last = end ?? toDay(Math.floor((Date.now() + FURTHEST_AHEAD_MS) / DAY_MS));
  const number = dayNumberOf(last);
  if (number === undefined) throw noDay('--end', last);
  if (start !== undefined && dayNumberOf(start) === undefined) throw noDay('--start', start);
  return { start: start ?? toDay(number - DEFAULT_DAYS + 1), end: last };
}

function noDay(option: string, text: string) {
  return invalidInput(`${option} ${text} is no day of the calendar; right would be 2025-01-31`);
}
