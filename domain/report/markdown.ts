import type { Report } from './report.ts';
import { footOf, headFacts, sectionsOf, titleOf } from './sections.ts';
import type { Section } from './table.ts';

/** The report in Markdown, with tables as GitHub has them. Names of others are text and nothing else. */
export function reportMarkdown(report: Report): string {
  const facts = headFacts(report).map(([name, value]) => `- **${name}**: ${plain(value)}`);
  const advice = report.recommendations.map(({ text }) => `1. ${plain(text)}`);
  return [
    `# ${plain(titleOf(report))}`,
    facts.join('\n'),
    ...(advice.length === 0 ? [] : ['## Recommendations', advice.join('\n')]),
    ...sectionsOf(report).flatMap(sectionBlocks),
    `*${plain(footOf(report))}*`,
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n');
}

function sectionBlocks({ title, columns, rows, note }: Section): string[] {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const table = [
    line(columns.map((column) => column.title)),
    line(columns.map(({ align }) => (align === 'right' ? '---:' : '---'))),
    ...rows.map((row) => line(row.map(plain))),
  ];
  return [`## ${title}`, table.join('\n'), ...(note === undefined ? [] : [plain(note)])];
}

/** What Markdown would read as its own is escaped, also what looks like an address. */
function plain(text: string): string {
  return text
    .replace(/[\\`*_[\]<>|~#&]/g, '\\$&')
    .replace(/(https?|ftp):/gi, '$1\\:')
    .replace(/\bwww\./gi, 'www\\.');
}
