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

/**
 * Takes open items for attempts and counts the starts, many in one round trip. @returns each item as it was
 * before; one that has ended as it is.
 */
export async function claimItems(model: Model<RunItem>, claims: Claim[]): Promise<(RunItem | undefined)[]> {
  const tokens = claims.map(newToken);
  // Read at the same time: the token tells whether a row was read before or after it was claimed.
  const [result, read] = await Promise.all([
    bulkUpdate(
      model,
      claims.map(({ _id, org, at }, index) => ({
        filter: { _id, org, state: { $in: OPEN } },
        update: {
          $set: { state: 'working', startedAt: at, claimedBy: tokens[index] },
          $inc: { starts: 1, begun: 1 },
        },
      })),
    ),
    rowsOf(model, claims),
  ]);
  // Some had ended, or ended in between: only what is read now is sure.
  const rows = result === claims.length ? read : await rowsOf(model, claims);
  return claims.map((claim, index) => {
    const row = rows.get(claim._id);
    if (row === undefined || row.org !== claim.org) return undefined;
    return row.claimedBy === tokens[index] ? beforeClaim(row) : row;
  });
}

function beforeClaim(row: RunItem): RunItem {
  const { startedAt, ...rest } = row;
  const before = { ...rest, starts: row.starts - 1, begun: row.begun - 1 };
  return row.begun > 1 && startedAt !== undefined ? { ...before, startedAt } : before;
}

/** Ends items, many in one round trip. @returns for each whether it was this call that ended it. */
export async function endItems(model: Model<RunItem>, ends: End[]): Promise<boolean[]> {
  const tokens = ends.map(newToken);
  const modified = await bulkUpdate(
    model,
    ends.map(({ _id, org, at, end }, index) => ({
      filter: { _id, org, state: { $in: OPEN } },
      update: {
        $set: { ...end, endedAt: at, starts: 0, endedBy: tokens[index] },
        ...(end.state === 'failed' ? { $inc: { attempts: 1 } } : { $unset: { failure: 1 } }),
      },
    })),
  );
  if (modified === ends.length) return ends.map(() => true);
  // The answer says how many were changed, not which: the tokens do.
  const rows = await rowsOf(model, ends);
  return ends.map((end, index) => rows.get(end._id)?.endedBy === tokens[index]);
}

/** Directly through the driver: these are most of what a run writes. @returns how many were changed. */
async function bulkUpdate(model: Model<RunItem>, updates: { filter: object; update: object }[]) {
  const operations = updates.map((updateOne) => ({ updateOne }));
  const { modifiedCount } = await model.collection.bulkWrite(operations as never, { ordered: false });
  return modifiedCount;
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
