import type { Model } from 'mongoose';
import { newToken, OPEN, rowsOf, updateOnes } from './run-item-moves.ts';
import { createReadAhead } from './run-item-read-ahead.ts';
import type { RunItem } from './run-items.ts';

export interface Claim {
  _id: string;
  org: string;
  run: string;
  seq: number;
  at: Date;
}

/**
 * Takes open items for attempts and counts the starts, many in one round trip; no item twice. Resolves to
 * each item as it was before; one that has ended as it is.
 */
export function createClaims(model: Model<RunItem>) {
  const readAhead = createReadAhead(model);

  return async (claims: Claim[]): Promise<(RunItem | undefined)[]> => {
    const claimedBy = newToken();
    const startedAt = new Date(Math.max(...claims.map(({ at }) => at.getTime())));
    const update = { $set: { state: 'working', startedAt, claimedBy }, $inc: { starts: 1, begun: 1 } };
    const claimThose = (where: object) => updateOnes(model, claims, where, () => update);
    const untouched = await readAhead.take(claims);
    // Mostly nobody has started any of them: then they are as they were planned, and need not be read again.
    if (
      untouched.size === claims.length &&
      (await claimThose({ state: 'pending', begun: 0 })) === claims.length
    )
      return claims.map(({ _id }) => untouched.get(_id));
    // Read at the same time: the token tells whether a row was read before or after it was claimed.
    const [changed, read] = await Promise.all([
      claimThose({ state: { $in: OPEN }, claimedBy: { $ne: claimedBy } }),
      rowsOf(model, claims),
    ]);
    // Some had ended, or ended in between: only what is read now is sure.
    const rows = changed === claims.length ? read : await rowsOf(model, claims);
    return claims.map(({ _id, org }) => {
      const row = rows.get(_id);
      if (row === undefined || row.org !== org) return undefined;
      return row.claimedBy === claimedBy ? beforeClaim(row) : row;
    });
  };
}

function beforeClaim(row: RunItem): RunItem {
  const { startedAt, ...rest } = row;
  const before = { ...rest, starts: row.starts - 1, begun: row.begun - 1 };
  return row.begun > 1 && startedAt !== undefined ? { ...before, startedAt } : before;
}
