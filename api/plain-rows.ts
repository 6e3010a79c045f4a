import type { Mapping } from '../domain/jobs/columns.ts';
import type { FileRow } from '../domain/jobs/ingest.ts';
import { plainJobRow } from '../domain/jobs/job-row.ts';
import { createFocusReader, isFocusRow } from '../domain/jobs/read-focus.ts';
import { sha256 } from './idempotency.ts';

interface PlainRows {
  rows: AsyncIterable<FileRow>;
  mapping: Mapping;
}

const AS_IT_IS: Mapping = { columns: new Map(), constants: new Map() };

/**
 * The rows of a file of FOCUS as rows of jobs, in the order of the file, for each depends on those before;
 * any other file as it is. The first row tells, unless columns were mapped by hand.
 */
export async function plainRows(
  source: AsyncIterable<FileRow>,
  mapping: Mapping,
  isFocus: boolean,
): Promise<PlainRows> {
  const rows = source[Symbol.asyncIterator]();
  const first: FileRow[] = [];
  let found = isFocus;
  for (let next = await rows.next(); !next.done; next = await rows.next()) {
    first.push(next.value);
    if (!('row' in next.value)) continue;
    found ||= mapping.columns.size === 0 && isFocusRow(next.value.row);
    break;
  }
  const all = { [Symbol.asyncIterator]: () => goOn(first, rows) };
  return found ? { rows: chargesOf(all, mapping), mapping: AS_IT_IS } : { rows: all, mapping };
}

async function* goOn(first: FileRow[], rest: AsyncIterator<FileRow>): AsyncGenerator<FileRow> {
  try {
    yield* first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function* chargesOf(rows: AsyncIterable<FileRow>, mapping: Mapping): AsyncGenerator<FileRow> {
  const readFocus = createFocusReader(mapping, new Date(), sha256);
  let number = 0;
  for await (const each of rows) {
    number += 1;
    if (!('row' in each)) {
      yield each;
      continue;
    }
    const job = readFocus(each.row, number);
    const { line } = each;
    yield Array.isArray(job) ? { line, problems: job } : { line, row: plainJobRow(job) };
  }
}
