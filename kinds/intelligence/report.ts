import MarkdownIt from 'markdown-it';

/** One block of a report: its answer, or why there is none. */
interface ReportBlock {
  title: string;
  text?: string;
  /** Why it is missing. */
  missing?: string;
}

export interface ReportPart {
  heading: string;
  about?: string;
  blocks: ReportBlock[];
  /** What citations name. */
  sources: { label: string; title: string; addedAt: Date }[];
}

/** A run's answers, ready to be written. */
export interface Report {
  title: string;
  at: Date;
  parts: ReportPart[];
}

/** One document in Markdown: company by company, the sources at the end of each. */
export function reportMarkdown({ title, at, parts }: Report): string {
  const lines = [`# ${oneLine(title)}`, '', `As of ${at.toISOString().slice(0, 10)}.`, ''];
  for (const { heading, about, blocks, sources } of parts) {
    lines.push(`## ${oneLine(heading)}`, '');
    if (about !== undefined && about !== '') lines.push(oneLine(about), '');
    for (const block of blocks) {
      const text = block.text ?? `*Not done: ${oneLine(block.missing ?? 'it has not had its turn')}.*`;
      lines.push(`### ${oneLine(block.title)}`, '', text, '');
    }
    if (sources.length > 0) lines.push('### Sources', '');
    for (const source of sources)
      lines.push(
        `- [${source.label}] ${oneLine(source.title)}, added ${source.addedAt.toISOString().slice(0, 10)}`,
      );
    if (sources.length > 0) lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/**
 * The same as a page that can be printed; nothing of it comes from another host, and no markup of answers
 * runs.
 */
export function reportHtml(report: Report): string {
  const body = new MarkdownIt({ html: false, linkify: false })
    .disable('image')
    .render(reportMarkdown(report));
  const title = report.title.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${title}</title><style>${STYLE}</style></head>`,
    `<body><main>${body}</main></body></html>`,
    '',
  ].join('\n');
}

const STYLE = [
  'body{font:16px/1.5 system-ui,sans-serif;color:#222;margin:2rem}',
  'main{max-width:46rem;margin:auto}',
  'h1{line-height:1.2}h2{margin-top:2.5rem;border-bottom:1px solid #ccc}h3{margin-bottom:.2rem}',
  'em{color:#666}',
  '@media print{body{margin:0;font-size:11pt}h2{break-before:page}',
  'h2:first-of-type{break-before:auto}h3{break-after:avoid}}',
].join('');

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
