import type { Connection, QueryFilter } from 'mongoose';
import { SCOPE_FIELDS, type Scope } from '../domain/budgets/scope.ts';
import { collectionModel, Mixed } from './model.ts';

/** All costs of one day and one scope, in nano-dollars. */
export interface DailyCost extends Scope {
  /** org|day|scope. */
  _id: string;
  org: string;
  /** In the organization's time zone, YYYY-MM-DD. */
  day: string;
  count: number;
  cost: number;
  min: number;
  max: number;
  components: Record<string, number>;
  tokens: Record<string, number>;
  /** How many costs by bucket of a logarithmic scale (`sketch.ts`), for percentiles. */
  sketch: Record<string, number>;
  /** Number of the last batch of the fold that is counted here. */
  batch: number;
}

const FIELDS = {
  _id: String,
  org: String,
  day: String,
  team: String,
  queue: String,
  user: String,
  kind: String,
  provider: String,
  model: String,
  count: Number,
  cost: Number,
  min: Number,
  max: Number,
  components: Mixed,
  tokens: Mixed,
  sketch: Mixed,
  batch: Number,
};

/**
 * Selects rows of an organization by their days, both `YYYY-MM-DD` and inclusive, along their ids, which
 * begin with both: so a day that has a row for each of ten thousand users needs no second index.
 */
export function ofDays(org: string, start: string, end: string) {
  // What comes after the separator.
  return { _id: { $gte: `${org}|${start}|`, $lt: `${org}|${end}}` }, org };
}

/** Selects all rows of an organization, along their ids. */
export function ofOrganization(org: string) {
  return { _id: { $gt: `${org}|`, $lt: `${org}}` }, org };
}

export function dailyCostIdOf(org: string, day: string, scope: Scope): string {
  return [org, day, ...SCOPE_FIELDS.map((field) => encodeURIComponent(scope[field] ?? ''))].join('|');
}

/** Sums by day and scope: a projection of the entries, moved by the fold alone. */
export function dailyCostStore(connection: Connection) {
  const model = collectionModel<DailyCost>(connection, 'daily_costs', FIELDS, []);
  return {
    model,
    /** Which of these rows are there. */
    async known(ids: string[]): Promise<Set<string>> {
      const options = { projection: { _id: 1 } };
      const rows = await model.collection.find({ _id: { $in: ids } } as never, options).toArray();
      return new Set(rows.map(({ _id }) => String(_id)));
    },
    /** Rows of the days from `start` to `end` (both YYYY-MM-DD, inclusive) that a scope selects. */
    async list(org: string, start: string, end: string, scope: Scope, limit = 50_000): Promise<DailyCost[]> {
      const filter = { ...ofDays(org, start, end), ...scope } as QueryFilter<DailyCost>;
      return model.find(filter).sort({ _id: 1 }).limit(limit).lean<DailyCost[]>();
    },
    /** What a scope has cost on each day that has a cost, in nano-dollars by day. */
    async costByDay(org: string, start: string, end: string, scope: Scope): Promise<Map<string, number>> {
      const rows = await model.aggregate<{ _id: string; cost: number }>([
        { $match: { ...ofDays(org, start, end), ...scope } },
        { $group: { _id: '$day', cost: { $sum: '$cost' } } },
      ]);
      return new Map(rows.map(({ _id, cost }) => [_id, cost]));
    },
    /** The queues or users of a scope that have cost most, the dearest first. */
    async dearest(
      org: string,
      field: 'queue' | 'user',
      { start, end, scope }: { start: string; end: string; scope: Scope },
      limit: number,
    ): Promise<string[]> {
      const rows = await model.aggregate<{ _id: string }>([
        { $match: { ...ofDays(org, start, end), [field]: { $exists: true }, ...scope } },
        { $group: { _id: `$${field}`, cost: { $sum: '$cost' } } },
        { $sort: { cost: -1, _id: 1 } },
        { $limit: limit },
      ]);
      return rows.map(({ _id }) => _id);
    },
  };
}
