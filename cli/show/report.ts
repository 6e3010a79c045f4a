import type { Report } from '../../domain/report/report.ts';
import { footOf, headFacts, sectionsOf, titleOf } from '../../domain/report/sections.ts';
import type { Style } from './style.ts';
import { tableLines } from './table.ts';

/** Rows of a table in a terminal. */
const MOST_ROWS = 10;

/** A report for a terminal. */
export function reportLines(report: Report, style: Style): string[] {
  const facts = headFacts(report).map(([name, value]) => `${name.padEnd(8)}${value}`);
  const advice = report.recommendations.map(({ text }) => `- ${text}`);
  return [
    style.bold(titleOf(report)),
    ...facts,
    ...(advice.length === 0 ? [] : ['', ...advice]),
    ...sectionsOf(report, MOST_ROWS).flatMap(({ title, columns, rows, note }) => [
      '',
      style.bold(title),
      ...tableLines(columns, rows, style.faint),
      ...(note === undefined ? [] : [style.faint(note)]),
    ]),
    '',
    style.faint(footOf(report)),
  ];
}
