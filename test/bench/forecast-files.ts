import { readFileSync } from 'node:fs';
import { invalidInput } from '../../domain/errors.ts';

const DAY_MS = 86_400_000;

/**
 * Totals of days from a CSV of date,value with a header, oldest first; several values a day are summed, days
 * without any are 0.
 * @throws AppError that names the file, the line and what would be right.
 */
export function readDays(path: string): number[] {
  const totals = new Map<number, number>();
  for (const { where, cells } of rowsOf(path)) {
    const [date = '', value = ''] = cells;
    const day = dayOf(date);
    if (day === undefined) throw invalidInput(`${where}: "${date}" is no date; it must be like 2026-05-06`);
    totals.set(day, (totals.get(day) ?? 0) + numberOf(value, where));
  }
  const days = [...totals.keys()];
  if (days.length === 0) throw invalidInput(`${path} has no lines of date,value below its header`);
  const first = days.reduce((least, day) => Math.min(least, day));
  const last = days.reduce((most, day) => Math.max(most, day));
  return Array.from({ length: last - first + 1 }, (_, at) => totals.get(first + at) ?? 0);
}

/**
 * Series by name from a file of the M4 competition: a header, then a name and its values on each line.
 * @throws AppError as above.
 */
export function readM4(path: string): Map<string, number[]> {
  const series = new Map<string, number[]>();
  for (const { where, cells } of rowsOf(path)) {
    const [name = '', ...texts] = cells;
    const end = texts.findLastIndex((text) => text !== '') + 1;
    if (name === '' || end === 0) throw invalidInput(`${where} must have a name and its values, with commas`);
    series.set(
      name,
      texts.slice(0, end).map((text) => numberOf(text, where)),
    );
  }
  if (series.size === 0) throw invalidInput(`${path} has no series below its header`);
  return series;
}

/** The lines below the header that have anything in them. */
function rowsOf(path: string): { where: string; cells: string[] }[] {
  return textOf(path)
    .split(/\r?\n/)
    .map((line, index) => ({ where: `${path}:${index + 1}`, line: line.trim() }))
    .filter(({ line }, index) => index > 0 && line !== '')
    .map(({ where, line }) => ({
      where,
      cells: line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1')),
    }));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw invalidInput(`${path} cannot be read: ${(error as Error).message}`);
  }
}

/** Days since 1970; undefined for what is no date, as the 31st of February. */
function dayOf(date: string): number | undefined {
  const text = /^\d{4}-\d{2}-\d{2}(?=$|[T ])/.exec(date)?.[0];
  const time = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text) return undefined;
  return time / DAY_MS;
}

function numberOf(text: string, where: string): number {
  const value = text === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw invalidInput(`${where}: "${text}" must be a number`);
  return value;
}
