import type { Collections } from './collections.ts';

/** What calls of one step have cost. */
export interface OperationSum {
  operation: string;
  count: number;
  tokens: number;
  costNanoUsd: number;
}

/** One call, the newest first. */
export interface Operation {
  id: string;
  operation: string;
  model?: string;
  user?: string;
  tokens: number;
  costNanoUsd: number;
  at: Date;
}

/** A job from elsewhere has no step. */
const OTHER = 'other';

/** The entries of a time by what was done. */
export function createOperations({ entries, holds }: Pick<Collections, 'entries' | 'holds'>) {
  const tokens = {
    $add: [{ $ifNull: [{ $arrayElemAt: ['$u', 0] }, 0] }, { $ifNull: [{ $arrayElemAt: ['$u', 1] }, 0] }],
  };
  return {
    /**
     * The dearest first. Corrections belong to the operation that they correct, and are no call of their
     * own.
     */
    async operationsSince(org: string, since: Date): Promise<OperationSum[]> {
      const rows = await entries.model.collection
        .aggregate<{ _id: string | null; count: number; tokens: number; cost: number }>([
          { $match: { o: org, t: { $gte: since } } },
          {
            $group: {
              _id: '$s',
              count: { $sum: { $cond: [{ $eq: ['$f', 'c'] }, 0, 1] } },
              tokens: { $sum: tokens },
              cost: { $sum: '$c' },
            },
          },
          { $sort: { cost: -1, _id: 1 } },
        ])
        .toArray();
      return rows.map((row) => ({
        operation: row._id ?? OTHER,
        count: row.count,
        tokens: row.tokens,
        costNanoUsd: row.cost,
      }));
    },
    async recentOperations(org: string, limit: number): Promise<Operation[]> {
      const list = await entries.list(org, {}, { limit, skip: 0 });
      const scopes = new Map<string, { model?: string; user?: string }>();
      for (const id of new Set(list.flatMap(({ hold }) => hold ?? []))) {
        const { model, user } = (await holds.find(org, id))?.scope ?? {};
        scopes.set(id, { ...(model && { model }), ...(user && { user }) });
      }
      return list.map(({ id, step, usage, costNanoUsd, at, hold, scope }) => {
        const { model, user } = scopes.get(hold ?? '') ?? scope ?? {};
        return {
          id,
          operation: step ?? OTHER,
          ...(model && { model }),
          ...(user && { user }),
          tokens: (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0),
          costNanoUsd,
          at,
        };
      });
    },
  };
}
