import { invalidInput } from '../domain/errors.ts';
import type { Page, PageRequest } from '../store/page.ts';

/**
 * One page of a list that is in memory already, in its order. `keyOf` is unique; a row whose key the cursor
 * names may be gone: then the page begins where the list was changed since.
 */
export function pageOfRows<Row>(rows: Row[], request: PageRequest, keyOf: (row: Row) => string): Page<Row> {
  const start =
    (request.cursor === undefined ? 0 : behind(rows, request.cursor, keyOf)) + (request.skip ?? 0);
  const kept = rows.slice(start, start + request.limit);
  const last = kept.at(-1);
  const more = start + request.limit < rows.length && last !== undefined;
  return {
    rows: kept,
    total: rows.length,
    ...(more && { cursor: encode(start + kept.length, keyOf(last)) }),
  };
}

function behind<Row>(rows: Row[], cursor: string, keyOf: (row: Row) => string): number {
  const { at, key } = decode(cursor);
  const found = rows.findIndex((row) => keyOf(row) === key);
  return found === -1 ? at : found + 1;
}

function encode(at: number, key: string): string {
  return Buffer.from(JSON.stringify([at, key])).toString('base64url');
}

function decode(cursor: string): { at: number; key: string } {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (
      Array.isArray(value) &&
      Number.isSafeInteger(value[0]) &&
      value[0] >= 0 &&
      typeof value[1] === 'string'
    )
      return { at: value[0], key: value[1] };
  } catch {
    // Falls through to the one answer for every cursor that is not ours.
  }
  throw invalidInput('cursor is not one that a list has returned', [
    { field: 'cursor', problem: 'leave it out to start from the beginning' },
  ]);
}
