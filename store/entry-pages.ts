import type { QueryFilter } from 'mongoose';
import type { Scope } from '../domain/budgets/scope.ts';
import { invalidInput } from '../domain/errors.ts';
import type { Collections } from './collections.ts';
import { type Entry, type EntryDoc, fromEntryDoc } from './entries.ts';
import type { Hold } from './holds.ts';
import type { Page, PageRequest } from './page.ts';

export interface EntryFilter {
  /** From then on. */
  start?: Date;
  /** Up to just before then. */
  end?: Date;
  /** Only those of one run, or of one hold of the API: their ids begin with its id. */
  run?: string;
}

/** An entry with what its hold says of it. */
export interface ListedEntry extends Entry {
  scope: Scope;
  /** The run, or 'api'; of costs from elsewhere there is none. */
  owner?: string;
}

/** Where a page ended: the time of its last entry, and how many entries of that very time came so far. */
type TimePosition = [atMs: number, seen: number];

/** The ledger page by page. Every cursor names a place that stays where it is while entries are added. */
export function createEntryPages({ entries, holds }: Pick<Collections, 'entries' | 'holds'>) {
  const { model } = entries;

  /** The newest first; of one run in the order of their ids. */
  async function list(org: string, filter: EntryFilter, request: PageRequest): Promise<Page<ListedEntry>> {
    const all = queryOf(org, filter);
    const reading = filter.run === undefined ? byTime(all, request) : byId(all, request);
    const [{ docs, cursor }, total] = await Promise.all([
      reading,
      model.countDocuments(all as QueryFilter<EntryDoc>),
    ]);
    const rows = await withHolds(docs.map(fromEntryDoc));
    return { rows, total, ...(cursor !== undefined && { cursor: encode(cursor) }) };
  }

  /**
   * Times are not unique, and an index that tells a million entries of one time apart would take much
   * space: so a cursor counts the entries of its own millisecond, whose order the index keeps.
   */
  async function byTime(all: object, { limit, skip = 0, cursor }: PageRequest) {
    const [until, seen] = cursor === undefined ? [undefined, 0] : decode(cursor, isTimePosition);
    const upTo = until === undefined ? [all] : [all, { t: { $lte: new Date(until) } }];
    const found = await find(upTo, { t: -1 }, seen + skip, limit + 1);
    const docs = found.slice(0, limit);
    const last = docs.at(-1)?.t;
    if (found.length <= limit || last === undefined) return { docs, cursor: undefined };
    const newer = [...upTo, { t: { $gt: last } }];
    const before = await model.countDocuments({ $and: newer } as QueryFilter<EntryDoc>);
    return { docs, cursor: [last.getTime(), seen + skip + docs.length - before] };
  }

  async function byId(all: object, { limit, skip = 0, cursor }: PageRequest) {
    const behind = cursor === undefined ? [] : [{ _id: { $gt: decode(cursor, isId) } }];
    const found = await find([all, ...behind], { _id: 1 }, skip, limit + 1);
    const docs = found.slice(0, limit);
    return { docs, cursor: found.length > limit ? docs.at(-1)?._id : undefined };
  }

  async function find(filters: object[], sort: Record<string, 1 | -1>, skip: number, limit: number) {
    const query = model.find({ $and: filters } as QueryFilter<EntryDoc>);
    return query.sort(sort).skip(skip).limit(limit).lean<EntryDoc[]>();
  }

  async function withHolds(rows: Entry[]): Promise<ListedEntry[]> {
    const ids = [...new Set(rows.flatMap(({ hold }) => hold ?? []))];
    const found = await holds.model.collection
      .find({ _id: { $in: ids } } as never, { projection: { scope: 1, owner: 1 } })
      .toArray();
    const known = new Map((found as unknown as Hold[]).map((hold) => [hold._id, hold]));
    return rows.map((entry) => {
      const hold = known.get(entry.hold ?? '');
      const scope = hold?.scope ?? entry.scope ?? {};
      return { ...entry, scope, ...(hold !== undefined && { owner: hold.owner }) };
    });
  }

  return list;
}

function queryOf(org: string, { start, end, run }: EntryFilter): object {
  const time = { ...(start && { $gte: start }), ...(end && { $lt: end }) };
  return {
    o: org,
    ...(run !== undefined && { _id: { $gt: `${run}:`, $lt: `${run};` } }),
    ...(Object.keys(time).length > 0 && { t: time }),
  };
}

function isTimePosition(value: unknown): value is TimePosition {
  if (!Array.isArray(value) || value.length !== 2 || !value.every(Number.isSafeInteger)) return false;
  return !Number.isNaN(new Date(value[0]).getTime()) && value[1] >= 0;
}

function isId(value: unknown): value is string {
  return typeof value === 'string';
}

function encode(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function decode<T>(cursor: string, isRight: (value: unknown) => value is T): T {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (isRight(value)) return value;
  } catch {
    // Falls through to the one answer for every cursor that is not ours.
  }
  throw invalidInput('cursor is not one that a list has returned', [
    { field: 'cursor', problem: 'leave it out to start from the beginning' },
  ]);
}
