import { stripVTControlCharacters } from 'node:util';

export interface TableColumn {
  title: string;
  align?: 'left' | 'right';
}

const GAP = '  ';

/** Rows as aligned lines below their titles; colours in a cell do not count for its width. */
export function tableLines(
  columns: TableColumn[],
  rows: string[][],
  bold = (text: string) => text,
): string[] {
  const widths = columns.map((column, index) =>
    Math.max(widthOf(column.title), ...rows.map((row) => widthOf(row[index] ?? ''))),
  );
  const lineOf = (cells: string[], paint = (text: string) => text) =>
    columns
      .map((column, index) => pad(paint(cells[index] ?? ''), widths[index] ?? 0, column.align ?? 'left'))
      .join(GAP)
      .trimEnd();
  return [
    lineOf(
      columns.map(({ title }) => title),
      bold,
    ),
    ...rows.map((row) => lineOf(row)),
  ];
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + space : space + text;
}

function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
