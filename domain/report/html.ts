import { chartOf } from './chart.ts';
import { escapeHtml } from './escape-html.ts';
import type { Report } from './report.ts';
import { footOf, headFacts, sectionsOf, titleOf } from './sections.ts';
import { STYLE } from './style.ts';
import type { Section } from './table.ts';

/** One page to be read or printed. It loads nothing, runs nothing, and shows names of others as text. */
export function reportHtml(report: Report): string {
  const title = escapeHtml(titleOf(report));
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${title}</title><style>${STYLE}</style></head>`,
    `<body><main><h1>${withDates(title)}</h1>`,
    factList(report),
    barOf(report.utilization),
    adviceList(report),
    chartOf(report),
    ...sectionsOf(report).map(tableOf),
    `<footer>${escapeHtml(footOf(report))}</footer>`,
    '</main></body></html>',
    '',
  ].join('\n');
}

function factList(report: Report): string {
  const facts = headFacts(report).map(
    ([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${withDates(escapeHtml(value))}</dd></div>`,
  );
  return `<dl>${facts.join('')}</dl>`;
}

/** A date stays on one line. */
function withDates(html: string): string {
  return html.replace(/\d{4}-\d\d-\d\d/g, '<time>$&</time>');
}

/** How much of the budget is used. */
function barOf(utilization: number | null): string {
  if (utilization === null) return '';
  const used = Math.min(100, Math.max(0, utilization * 100)).toFixed(1);
  const inner = `<div${utilization > 1 ? ' class="over"' : ''} style="width:${used}%"></div>`;
  return `<div class="bar" role="img" aria-label="${used}% of the budget">${inner}</div>`;
}

function adviceList({ recommendations }: Report): string {
  if (recommendations.length === 0) return '';
  const items = recommendations.map(({ text }) => `<li>${escapeHtml(text)}</li>`);
  return `<section><h2>Recommendations</h2><ol>${items.join('')}</ol></section>`;
}

function tableOf({ title, columns, rows, note }: Section): string {
  const classOf = (index: number) => (columns[index]?.align === 'right' ? ' class="n"' : '');
  const head = columns.map(
    (column, index) => `<th scope="col"${classOf(index)}>${escapeHtml(column.title)}</th>`,
  );
  const body = rows.map((row) => {
    const cells = row.map((cell, index) => `<td${classOf(index)}>${escapeHtml(cell)}</td>`);
    return `<tr>${cells.join('')}</tr>`;
  });
  return [
    `<section><h2>${escapeHtml(title)}</h2><div class="wide"><table>`,
    `<thead><tr>${head.join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`,
    `${note === undefined ? '' : `<p>${escapeHtml(note)}</p>`}</section>`,
  ].join('\n');
}
