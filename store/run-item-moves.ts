import { randomBytes } from 'node:crypto';
import type { Model } from 'mongoose';
import type { Failure, ItemState } from '../domain/run.ts';
import type { RunItem } from './run-items.ts';

export const OPEN: ItemState[] = ['pending', 'working'];

export interface Claim {
  _id: string;
  org: string;
  at: Date;
}

/** What was spent on an item, over all its attempts. */
export type Spent = Pick<RunItem, 'inputTokens' | 'outputTokens' | 'calls' | 'costNanoUsd'>;

export type ItemEnd = Spent &
  Pick<RunItem, 'durationMs'> &
  ({ state: 'done' | 'reused' } | { state: 'failed'; failure: Failure });

export interface End {
  _id: string;
  org: string;
  at: Date;
  end: ItemEnd;
}

/** What a batch of claims or ends may hold once: two of the same item would be told apart by nothing. */
export function itemOf(of: { org: string; _id: string }): string {
  return `${of.org}:${of._id}`;
}

/**
 * Takes open items for attempts and counts the starts, many in one round trip; no item twice. @returns each
 * item as it was before; one that has ended as it is.
 */
export async function claimItems(model: Model<RunItem>, claims: Claim[]): Promise<(RunItem | undefined)[]> {
  const token = newToken();
  const startedAt = new Date(Math.max(...claims.map(({ at }) => at.getTime())));
  const update = { $set: { state: 'working', startedAt, claimedBy: token }, $inc: { starts: 1, begun: 1 } };
  // Read at the same time: the token tells whether a row was read before or after it was claimed.
  const [changed, read] = await Promise.all([updateOpen(model, claims, () => update), rowsOf(model, claims)]);
  // Some had ended, or ended in between: only what is read now is sure.
  const rows = changed === claims.length ? read : await rowsOf(model, claims);
  return claims.map(({ _id, org }) => {
    const row = rows.get(_id);
    if (row === undefined || row.org !== org) return undefined;
    return row.claimedBy === token ? beforeClaim(row) : row;
  });
}

function beforeClaim(row: RunItem): RunItem {
  const { startedAt, ...rest } = row;
  const before = { ...rest, starts: row.starts - 1, begun: row.begun - 1 };
  return row.begun > 1 && startedAt !== undefined ? { ...before, startedAt } : before;
}

/**
 * Ends items, many in one round trip; no item twice. @returns for each whether it was this call that ended
 * it.
 */
export async function endItems(model: Model<RunItem>, ends: End[]): Promise<boolean[]> {
  const endedBy = newToken();
  const setOf = ({ end, at }: End) => ({ ...end, endedAt: at, starts: 0, endedBy });
  const failed = ends.filter(({ end }) => end.state === 'failed');
  const others = ends.filter(({ end }) => end.state !== 'failed');
  const changed = await Promise.all([
    updateOpen(model, others, (group) => eachWithItsOwn(group.map((end) => [end._id, setOf(end)]))),
    ...failed.map((end) => updateOpen(model, [end], () => ({ $set: setOf(end), $inc: { attempts: 1 } }))),
  ]);
  if (changed.reduce((sum, count) => sum + count, 0) === ends.length) return ends.map(() => true);
  // The answer says how many were changed, not which: the token does.
  const rows = await rowsOf(model, ends);
  return ends.map(({ _id }) => rows.get(_id)?.endedBy === endedBy);
}

/**
 * One update that sets other fields for each document, and takes away an earlier failure. As one statement it
 * is synced once: many statements in one command cost the server four times as much, for each is synced by
 * itself.
 */
function eachWithItsOwn(sets: [_id: string, set: object][]): object[] {
  const ids = { $literal: sets.map(([_id]) => _id) };
  const own = { $arrayElemAt: [{ $literal: sets.map(([, set]) => set) }, { $indexOfArray: [ids, '$_id'] }] };
  return [{ $replaceWith: { $mergeObjects: ['$$ROOT', own] } }, { $unset: 'failure' }];
}

/** Updates those of the items that are open, in one statement for each organization. @returns how many. */
async function updateOpen<I extends { _id: string; org: string }>(
  model: Model<RunItem>,
  items: I[],
  updateOf: (items: I[]) => object,
): Promise<number> {
  const counts = [...new Set(items.map(({ org }) => org))].map(async (org) => {
    const group = items.filter((item) => item.org === org);
    const filter = { _id: { $in: group.map(({ _id }) => _id) }, org, state: { $in: OPEN } };
    // Directly through the driver: these are most of what a run writes.
    return (await model.collection.updateMany(filter as never, updateOf(group) as never)).modifiedCount;
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

async function rowsOf(model: Model<RunItem>, of: { _id: string }[]): Promise<Map<string, RunItem>> {
  const ids = of.map(({ _id }) => _id);
  const found = model.collection.find({ _id: { $in: ids } } as never);
  const rows = (await found.toArray()) as unknown as RunItem[];
  return new Map(rows.map((row) => [row._id, row]));
}

function newToken(): string {
  return randomBytes(6).toString('base64url');
}
