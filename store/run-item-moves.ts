import { randomBytes } from 'node:crypto';
import type { Model } from 'mongoose';
import type { Failure, ItemState } from '../domain/run.ts';
import type { RunItem } from './run-items.ts';

export const OPEN: ItemState[] = ['pending', 'working'];

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
 * Ends items, many in one round trip; no item twice. @returns for each whether it was this call that ended
 * it.
 */
export async function endItems(model: Model<RunItem>, ends: End[]): Promise<boolean[]> {
  const endedBy = newToken();
  const setOf = ({ end, at }: End) => ({ ...end, endedAt: at, starts: 0, endedBy });
  const open = { state: { $in: OPEN } };
  const failed = ends.filter(({ end }) => end.state === 'failed');
  const others = ends.filter(({ end }) => end.state !== 'failed');
  const changed = await Promise.all([
    updateOnes(model, others, open, (group) => eachWithItsOwn(group.map((end) => [end._id, setOf(end)]))),
    ...failed.map((end) =>
      updateOnes(model, [end], open, () => ({ $set: setOf(end), $inc: { attempts: 1 } })),
    ),
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

/**
 * Updates those of the items that are as `where` says, in one statement for each organization. @returns how
 * many.
 */
export async function updateOnes<I extends { _id: string; org: string }>(
  model: Model<RunItem>,
  items: I[],
  where: object,
  updateOf: (items: I[]) => object,
): Promise<number> {
  const counts = [...new Set(items.map(({ org }) => org))].map(async (org) => {
    const group = items.filter((item) => item.org === org);
    const filter = { _id: { $in: group.map(({ _id }) => _id) }, org, ...where };
    // Directly through the driver: these are most of what a run writes.
    return (await model.collection.updateMany(filter as never, updateOf(group) as never)).modifiedCount;
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

export async function rowsOf(model: Model<RunItem>, of: { _id: string }[]): Promise<Map<string, RunItem>> {
  const ids = of.map(({ _id }) => _id);
  const found = model.collection.find({ _id: { $in: ids } } as never);
  const rows = (await found.toArray()) as unknown as RunItem[];
  return new Map(rows.map((row) => [row._id, row]));
}

/** Differs from all others, those of other processes included. */
export function newToken(): string {
  tokens += 1;
  return `${PROCESS}.${tokens.toString(36)}`;
}

/** Random bytes take a tenth of a millisecond: once is enough. */
const PROCESS = randomBytes(6).toString('base64url');
let tokens = 0;

/** Of an item that nobody has begun. */
export const UNTOUCHED = {
  state: 'pending',
  starts: 0,
  attempts: 0,
  begun: 0,
  durationMs: 0,
  inputTokens: 0,
  outputTokens: 0,
  calls: 0,
  costNanoUsd: 0,
} as const;
