import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CommandContext } from '../context.ts';
import { exitCodeOfRun } from '../exit-codes.ts';
import { columnsOf } from '../run-outcome.ts';
import { packageRoot } from '../serve/place.ts';
import { withSession } from '../session.ts';
import { usd, wholeNumber } from '../show/format.ts';
import { UNDECLARED } from '../show/run-summary.ts';
import { tableLines } from '../show/table.ts';
import { checkAll, type Documented, documentWith } from './document.ts';

const SHOWN_LINES = 24;

/** `bursar demo`: documents the sample project, and shows what came out and how to go on. */
export async function demo(context: CommandContext, { out }: { out: string }): Promise<number> {
  const { output, directory } = context;
  const sample = join(packageRoot, 'examples', 'shop');
  const options = { out, yes: true };
  const input = await checkAll(context, sample, options);
  output.line(
    output.style.bold('Bursar documents a dbt project: a small online shop that was made up for this.'),
  );
  output.line(
    'No key and no network are needed: the offline model writes from the SQL, at the prices of a real one.',
  );
  output.line();
  return withSession(context, { temporal: true, command: 'demo', eager: true }, async (session) => {
    const documented = await documentWith(context, session, input, options);
    output.line();
    for (const line of modelTable(documented, output.style.bold)) output.line(line);
    output.line();
    for (const line of beginningOf(resolve(directory, out), out, output.style)) output.line(line);
    output.line();
    for (const line of waysOn(out, session.own)) output.line(line);
    return exitCodeOfRun(documented.run as Parameters<typeof exitCodeOfRun>[0]);
  });
}

function modelTable({ outcome }: Documented, bold: (text: string) => string): string[] {
  const columns = [
    { title: 'model' },
    { title: 'columns', align: 'right' as const },
    { title: 'tokens in', align: 'right' as const },
    { title: 'tokens out', align: 'right' as const },
    { title: 'cost', align: 'right' as const },
    { title: 'contradictions', align: 'right' as const },
  ];
  const byObject = new Map(outcome.documents.map((document) => [document.object, document]));
  const rows = outcome.items.map(({ key, name, tokens, costUsd, state }) => {
    const document = byObject.get(key);
    const drift = document?.drift.filter(({ kind }) => kind !== UNDECLARED).length ?? 0;
    return [
      name,
      document === undefined ? state : wholeNumber(columnsOf(document)),
      wholeNumber(tokens.input),
      wholeNumber(tokens.output),
      usd(costUsd),
      drift === 0 ? '' : String(drift),
    ];
  });
  return tableLines(columns, rows, bold);
}

/** The start of one page, so that the result is seen before anything is opened. */
function beginningOf(
  folder: string,
  shown: string,
  style: { faint(text: string): string; bold(text: string): string },
): string[] {
  const { files } = JSON.parse(readFileSync(join(folder, '.bursar-docs.json'), 'utf8')) as { files: object };
  const pages = Object.keys(files).filter((path) => path.endsWith('.md'));
  const page = pages.find((path) => path.endsWith('customer_lifetime_value.md')) ?? pages[0];
  if (page === undefined) return [];
  const lines = readFileSync(join(folder, page), 'utf8').split('\n').slice(0, SHOWN_LINES);
  return [
    style.bold(`${shown}/${page} begins:`),
    ...lines.map((line) => style.faint(`  ${line}`)),
    style.faint('  …'),
  ];
}

function waysOn(out: string, own: boolean): string[] {
  return [
    'How to go on:',
    `  open ${out}/index.md             all models with their lineage`,
    `  look into ${out}/schema-patch/   your yml files with the gaps filled and nothing else changed`,
    '  bin/bursar document <your manifest.json or project folder> --out docs-of-mine',
    '  bin/bursar document … --model openai/gpt-5-mini      with OPENAI_API_KEY set',
    ...(own
      ? ['  npm start                          API with Swagger UI, and Temporal’s Web UI with each run']
      : []),
  ];
}
