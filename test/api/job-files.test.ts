import { describe, expect, test } from '@jest/globals';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import yauzl from 'yauzl';
import { parquetOf } from '../../api/job-parquet.ts';
import { MAX_SHEET_JOBS, workbookOf } from '../../api/job-workbook.ts';
import type { DatedJob } from '../../domain/jobs/job.ts';

const FACTS = { org: 'acme', start: '2026-01-01', end: '2026-01-31', selection: 'all jobs' };
const JOB: DatedJob = {
  id: '=1+1',
  team: '0042',
  model: 'LLaMA <3 & "more"',
  provider: 'aws',
  gpuType: 'a100',
  startedAt: new Date('2026-01-02T10:00:00.125Z'),
  endedAt: new Date('2026-01-02T12:00:00Z'),
  status: 'completed',
  gpuCount: 0.5,
  inputTokens: 1_000_000_000_000,
  costNanoUsd: 1_234_567_123_456_789,
  costBasis: 'given',
  at: new Date('2026-01-02T12:00:00Z'),
  day: '2026-01-02',
};
const PENDING: DatedJob = {
  ...{ id: 'p', team: 'ops', model: 'GPT', provider: 'aws', status: 'pending', costNanoUsd: 0 },
  ...{ costBasis: 'none', at: JOB.at, day: '2026-01-03' },
};
const CREDIT: DatedJob = { ...JOB, id: 'c', costNanoUsd: -1, costBasis: 'credit' };

async function* each(jobs: Iterable<DatedJob>) {
  yield* jobs;
}
async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

type SheetCell = { type: string | undefined; value: string; style: number };
interface Workbook {
  sheets: Map<string, { xml: string; rows: SheetCell[][] }>;
  formats: string[];
}

/** Reads the parts of a workbook that are written here, by the standard (ECMA-376) alone. */
async function workbookIn(bytes: Buffer): Promise<Workbook> {
  const files = await unzipped(bytes);
  const file = (name: string) => files.get(name) ?? '';
  const strings = [...file('xl/sharedStrings.xml').matchAll(/<si>(.*?)<\/si>/gs)].map(([, si = '']) =>
    unescaped(si.replace(/<[^>]*>/g, '')),
  );
  const formatCodes = new Map(
    [...file('xl/styles.xml').matchAll(/<numFmt numFmtId="(\d+)" formatCode="([^"]*)"/g)].map(
      ([, id = '', code = '']) => [id, unescaped(code)],
    ),
  );
  const styles = file('xl/styles.xml').split('<cellXfs')[1] ?? '';
  const formats = [...styles.matchAll(/<xf ([^>]*)>/g)].map(
    ([, attributes = '']) => formatCodes.get(/numFmtId="(\d+)"/.exec(attributes)?.[1] ?? '') ?? '',
  );
  const names = [...file('xl/workbook.xml').matchAll(/<sheet [^>]*name="([^"]*)"/g)];
  const sheets = names.map(([, name = ''], at) => {
    const xml = file(`xl/worksheets/sheet${at + 1}.xml`);
    return [name, { xml, rows: rowsIn(xml, strings) }] as const;
  });
  return { sheets: new Map(sheets), formats };
}

/** Of sheets with at most 26 columns; a cell that is empty may be left out. */
function rowsIn(xml: string, strings: string[]): SheetCell[][] {
  return [...xml.matchAll(/<row [^>]*>(.*?)<\/row>/gs)].map(([, row = '']) => {
    const cells: SheetCell[] = [];
    for (const [, attributes = '', inner = ''] of row.matchAll(/<c ([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)) {
      const type = /t="(\w+)"/.exec(attributes)?.[1];
      const raw = /<v>(.*?)<\/v>/.exec(inner)?.[1] ?? '';
      const value = type === 's' ? (strings[Number(raw)] ?? '') : raw;
      const column = (/r="([A-Z])/.exec(attributes)?.[1] ?? 'A').charCodeAt(0) - 65;
      cells[column] = { type, value, style: Number(/ s="(\d+)"/.exec(attributes)?.[1] ?? 0) };
    }
    return cells;
  });
}

function unescaped(text: string): string {
  const named: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(\w+);/g, (_, name: string) => named[name] ?? '');
}

async function unzipped(bytes: Buffer): Promise<Map<string, string>> {
  const zip = await yauzl.fromBufferPromise(bytes);
  const files = new Map<string, string>();
  for await (const entry of zip.eachEntry()) {
    const parts: Buffer[] = [];
    for await (const part of await zip.openReadStreamPromise(entry)) parts.push(part as Buffer);
    files.set(entry.fileName, Buffer.concat(parts).toString('utf8'));
  }
  return files;
}

describe('a workbook', () => {
  test('has a sheet for each breakdown, whose sums are those of its jobs', async () => {
    const { sheets } = await workbookIn(await bytesOf(workbookOf(each([JOB, PENDING, CREDIT]), FACTS)));
    expect([...sheets.keys()].join()).toBe(
      'Summary,By model,By team,By provider,By GPU type,By user,By queue,By kind,By status,By day,Jobs',
    );
    const total = 1_234_567_123_456_788 / 1e9;
    for (const [name, { rows }] of sheets)
      if (name.startsWith('By')) {
        const sums = rows.slice(1).map((row) => [Number(row[1]?.value), Number(row[2]?.value)]);
        const jobs = sums.reduce((sum, [count = 0]) => sum + count, 0);
        expect([name, jobs, sums.reduce((sum, [, cost = 0]) => sum + cost, 0)]).toEqual([name, 3, total]);
      }
    expect(sheets.get('By GPU type')?.rows.map(([name]) => name?.value)).toEqual([
      'GPU type',
      'a100',
      '(none)',
    ]);
    expect(sheets.get('By day')?.rows.map(([name]) => name?.value)).toEqual([
      'Day',
      '2026-01-02',
      '2026-01-03',
    ]);
  });

  test('has texts as texts, times and money as numbers with formats, and a head that stays', async () => {
    const { sheets, formats } = await workbookIn(await bytesOf(workbookOf(each([JOB]), FACTS)));
    const jobs = sheets.get('Jobs');
    const [head = [], cells = []] = jobs?.rows ?? [];
    const cell = (column: string) => cells[head.findIndex(({ value }) => value === column)];
    for (const [column, value] of [
      ['job_id', '=1+1'],
      ['team_name', '0042'],
      ['model_name', 'LLaMA <3 & "more"'],
    ])
      expect(cell(column ?? '')).toMatchObject({ type: 's', value });
    expect(jobs?.xml).not.toContain('<f>');
    expect(jobs?.xml).toMatch(/<pane ySplit="1"[^>]*state="frozen"/);
    expect(jobs?.xml).toMatch(/<col min="1" max="1" width="28"/);
    const shown = (column: string) => [cell(column)?.value, formats[cell(column)?.style ?? 0]];
    expect(shown('cost_usd')).toEqual(['1234567.123456789', '[$$-409]#,##0.00#######']);
    const [serial, format] = shown('start_time');
    expect(format).toBe('yyyy-mm-dd hh:mm:ss');
    // Days since 1899-12-30.
    expect(Math.round((Number(serial) - 25_569) * 86_400_000)).toBe(JOB.startedAt?.getTime());
  });

  test('says when it does not show every job, and counts them all', async () => {
    const many = Array.from({ length: MAX_SHEET_JOBS + 1 }, (_, at) => ({ ...JOB, id: `j${at}` }));
    const { sheets } = await workbookIn(await bytesOf(workbookOf(each(many), FACTS)));
    const jobs = sheets.get('Jobs')?.rows ?? [];
    expect(jobs).toHaveLength(MAX_SHEET_JOBS + 2);
    expect(jobs.at(-1)?.[0]?.value).toBe(
      `The first ${MAX_SHEET_JOBS} of ${MAX_SHEET_JOBS + 1}; the sums are of all. ` +
        'CSV, JSON lines and Parquet have every job.',
    );
    expect(sheets.get('By model')?.rows[1]?.[1]?.value).toBe(String(MAX_SHEET_JOBS + 1));
  });
});

describe('a Parquet file', () => {
  const bufferOf = async (jobs: Iterable<DatedJob>) => {
    const { buffer, byteOffset, byteLength } = await bytesOf(parquetOf(each(jobs)));
    return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  };

  test('has typed columns: costs exact to the nano-dollar, times to the millisecond, nulls', async () => {
    const file = await bufferOf([JOB, PENDING, CREDIT]);
    const types = parquetMetadata(file).schema.map(({ name, type, converted_type: as, scale }) =>
      [name, type, as, scale].filter((each) => each !== undefined).join(' '),
    );
    expect(types).toEqual(
      expect.arrayContaining(['cost_usd INT64 DECIMAL 9', 'start_time INT64 TIMESTAMP_MILLIS']),
    );
    const rows = await parquetReadObjects({ file });
    expect(rows[0]).toMatchObject({
      job_id: '=1+1',
      start_time: JOB.startedAt,
      gpu_count: 0.5,
      input_tokens: 1_000_000_000_000n,
      output_tokens: null,
    });
    const costs = rows.map(({ cost_usd: cost }) => (cost === null ? null : Math.round(cost * 1e9)));
    expect(costs).toEqual([JOB.costNanoUsd, null, -1]);
    expect(rows[1]).toMatchObject({ start_time: null, status: 'pending', cost_basis: 'none' });
  });

  test('of many jobs is written in row groups, of none has its columns', async () => {
    const many = Array.from({ length: 20_001 }, (_, at) => ({ ...JOB, id: `j${at}` }));
    const file = await bufferOf(many);
    expect(parquetMetadata(file).row_groups.map(({ num_rows: rows }) => rows)).toEqual([
      10_000n,
      10_000n,
      1n,
    ]);
    const last = await parquetReadObjects({ file, rowStart: 19_999, columns: ['job_id'] });
    expect(last).toEqual([{ job_id: 'j19999' }, { job_id: 'j20000' }]);
    const empty = await bufferOf([]);
    expect([parquetMetadata(empty).num_rows, await parquetReadObjects({ file: empty })]).toEqual([0n, []]);
  });
});
