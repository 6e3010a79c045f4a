import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { csvCell, fromHarmless } from '../../../domain/csv-text.ts';
import type { Mapping } from '../../../domain/jobs/columns.ts';
import { JOB_CSV_HEAD, jobCsvLine, jobJsonLine } from '../../../domain/jobs/job-row.ts';
import { readJob } from '../../../domain/jobs/read-job.ts';
import { plainNumber } from '../../../domain/plain-number.ts';
import { arbitraryJob, NOW } from './arbitrary-job.ts';

const PLAIN: Mapping = { columns: new Map(), constants: new Map() };

describe('a job that was exported comes in again as it was', () => {
  test('as CSV, whatever its texts and to the last nano-dollar', () => {
    fc.assert(
      fc.property(arbitraryJob, (job) => {
        const [row] = parse(JOB_CSV_HEAD + jobCsvLine(job), { columns: true }) as Record<string, string>[];
        const plain = Object.entries(row ?? {}).map(([column, text]) => [column, fromHarmless(text)]);
        expect(readJob(Object.fromEntries(plain), 1, PLAIN, NOW)).toEqual(job);
      }),
    );
  });

  test('as a line of JSON, up to the eight million USD that a number of JSON can tell exactly', () => {
    fc.assert(
      fc.property(arbitraryJob, (job) => {
        fc.pre(Math.abs(job.costNanoUsd) < 8e15);
        expect(readJob(JSON.parse(jobJsonLine(job)), 1, PLAIN, NOW)).toEqual(job);
      }),
    );
  });
});

test('no cell of somebody’s text begins with what a spreadsheet calculates; a number stays one', () => {
  for (const text of ['=1', '+x', '-x', '@x', '\tx', '\rx', "'=1"]) expect(csvCell(text)).toMatch(/^"?'/);
  expect([csvCell('-12.5'), csvCell('12')]).toEqual(['-12.5', '12']);
});

test.each([
  [1e-7, '0.0000001'],
  [1.5e-9, '0.0000000015'],
  [-2e-7, '-0.0000002'],
  [1e21, '1000000000000000000000'],
  [0.1, '0.1'],
])('%d is written without an exponent', (value, text) => {
  expect(plainNumber(value)).toBe(text);
});
