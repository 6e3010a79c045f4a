import { csvCell } from './csv-text.ts';
import { decimalUsd } from './money.ts';
import { plainNumber } from './plain-number.ts';

/** A field as it is exported: a text of somebody, or what is written with these very characters. */
export type ExportedField = { text: string } | { literal: string } | undefined;

export function textField(text: string | null | undefined): ExportedField {
  return text === undefined || text === null ? undefined : { text };
}

export function numberField(value: number | null | undefined): ExportedField {
  return value === undefined || value === null ? undefined : { literal: plainNumber(value) };
}

/** USD with all their digits. */
export function usdField(nanoUsd: number | bigint): ExportedField {
  return { literal: decimalUsd(nanoUsd) };
}

/** A line of CSV with its end; what is missing is empty. */
export function csvLine(fields: readonly ExportedField[]): string {
  const cells = fields.map((field) => {
    if (field === undefined) return '';
    return 'text' in field ? csvCell(field.text) : field.literal;
  });
  return `${cells.join(',')}\r\n`;
}

/** A line of JSON; what is missing is left out. Numbers have all their digits. */
export function jsonLine(row: Record<string, ExportedField>): string {
  const fields = Object.entries(row).flatMap(([name, field]) => {
    if (field === undefined) return [];
    return [`"${name}":${'text' in field ? JSON.stringify(field.text) : field.literal}`];
  });
  return `{${fields.join(',')}}\n`;
}
