import writeExcelFile, { type Cell, type Sheet as LibrarySheet } from 'write-excel-file/node';
import { toUsd } from '../domain/money.ts';

export type { Cell } from 'write-excel-file/node';
export type Sheet = LibrarySheet<never>;

const USD = '[$$-409]#,##0.00#######';
const WHOLE = '#,##0';
const TIME = 'yyyy-mm-dd hh:mm:ss';

/** The file of a workbook; it is made in one go, so its sheets should be of some thousand rows. */
export function workbookFile(sheets: Sheet[]): Promise<Uint8Array> {
  return writeExcelFile(sheets, { fontFamily: 'Calibri', fontSize: 11 }).toBuffer();
}

/** Named facts, one a row. */
export function factSheet(sheet: string, title: string, facts: [string, Cell][]): Sheet {
  return {
    sheet,
    columns: [{ width: 20 }, { width: 44 }],
    stickyRowsCount: 1,
    data: [
      [bold(title), bold('')],
      ...facts.map(([name, cell]): Cell[] => [{ value: name, fontWeight: 'bold' }, cell]),
    ],
  };
}

/** Rows under a head that stays in sight; what was cut is said below them. */
export function tableSheet(
  sheet: string,
  head: string[],
  widths: number[],
  rows: Cell[][],
  note?: string,
): Sheet {
  const notes: Cell[][] = note === undefined ? [] : [[{ value: note, type: String, fontStyle: 'italic' }]];
  return {
    sheet,
    columns: widths.map((width) => ({ width })),
    stickyRowsCount: 1,
    data: [head.map(bold), ...rows, ...notes],
  };
}

function bold(value: string): Cell {
  return { value, type: String, fontWeight: 'bold', backgroundColor: '#E8EDF3' };
}

/** A text, whatever it looks like (`@`), which no spreadsheet calculates. */
export function textCell(value: string | undefined): Cell {
  return value === undefined ? null : { value, type: String, format: '@' };
}

export function numberCell(value: number | undefined, format: string): Cell {
  return value === undefined ? null : { value, type: Number, format };
}

export function wholeCell(value: number | undefined): Cell {
  return numberCell(value, WHOLE);
}

/** Of nano-dollars; a spreadsheet shows 15 digits. */
export function usdCell(nanoUsd: number | bigint): Cell {
  return numberCell(toUsd(Number(nanoUsd)), USD);
}

export function timeCell(value: Date | undefined): Cell {
  return value === undefined ? null : { value, type: Date, format: TIME };
}
