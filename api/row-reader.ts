import type { Mapping, Row } from '../domain/jobs/columns.ts';
import type { Job } from '../domain/jobs/job.ts';
import { createFocusReader, type FocusProblem, isFocusRow } from '../domain/jobs/read-focus.ts';
import { readJob } from '../domain/jobs/read-job.ts';
import { sha256 } from './idempotency.ts';

type RowReader = (raw: Row, row: number) => Job | FocusProblem[];

/**
 * What reads the rows of a file as jobs. The first of them tells whether they are charges of FOCUS, unless
 * columns were mapped by hand.
 */
export function createRowReader(mapping: Mapping, now: Date, isFocus: boolean): RowReader {
  let chosen: RowReader | undefined;
  return (raw, row) => {
    const found = isFocus || (mapping.columns.size === 0 && isFocusRow(raw));
    chosen ??= found
      ? createFocusReader(mapping, now, sha256)
      : (each, number) => readJob(each, number, mapping, now);
    return chosen(raw, row);
  };
}
