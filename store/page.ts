import type { Model, QueryFilter, SortOrder } from 'mongoose';
import { invalidInput } from '../domain/errors.ts';

/** A slice of a list: by position (`skip`) or behind the row that `cursor` names. */
export interface PageRequest {
  limit: number;
  skip?: number;
  cursor?: string;
}

export interface Page<T> {
  rows: T[];
  total: number;
  /** Names the last row; undefined where nothing follows. */
  cursor?: string;
}

/**
 * One page of a list that is sorted by one unique field within the filter, so that rows which come or go in
 * between shift nothing behind a cursor. The index that serves the filter must end in that field.
 * @throws AppError `invalid_input` for a cursor that was not made here, or for another list.
 */
export async function pageOf<T>(
  model: Model<T>,
  filter: QueryFilter<T>,
  sort: { field: string; order: 1 | -1 },
  request: PageRequest,
  projection: Record<string, 0 | 1> = {},
): Promise<Page<T>> {
  const behind =
    request.cursor === undefined
      ? {}
      : {
          [sort.field]: {
            [sort.order === 1 ? '$gt' : '$lt']: decode(request.cursor, typeOf(model, sort.field)),
          },
        };
  const [rows, total] = await Promise.all([
    model
      .find({ $and: [filter, behind as QueryFilter<T>] }, projection)
      .sort({ [sort.field]: sort.order as SortOrder })
      .skip(request.skip ?? 0)
      .limit(request.limit + 1)
      .lean<T[]>(),
    model.countDocuments(filter),
  ]);
  const kept = rows.slice(0, request.limit);
  const last = kept.at(-1);
  if (rows.length <= request.limit || last === undefined) return { rows: kept, total };
  return { rows: kept, total, cursor: encode((last as Record<string, unknown>)[sort.field]) };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function typeOf<T>(model: Model<T>, field: string): 'number' | 'string' {
  return model.schema.path(field)?.instance === 'Number' ? 'number' : 'string';
}

function decode(cursor: string, type: 'number' | 'string'): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (typeof value === type) return value;
  } catch {
    // Falls through to the one answer for every cursor that is not ours.
  }
  throw invalidInput('cursor is not one that a list has returned', [
    { field: 'cursor', problem: 'leave it out to start from the beginning' },
  ]);
}
