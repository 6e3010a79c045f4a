import type { Connection } from 'mongoose';
import type { Scope } from '../domain/budgets/scope.ts';
import type { Price } from '../domain/money.ts';
import { createDraws } from './hold-draws.ts';
import { collectionModel, Mixed } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';

/** Money set aside for one call under way. */
export interface OpenDraw {
  /** Also the id of the entry that it will become. */
  draw: string;
  seq: number;
  step: string;
  /** The most that the call can cost. */
  worst: number;
  at: Date;
}

/** A way past a budget that a hold was granted by. */
export interface Past {
  way: 'emergency' | 'bypass' | 'grace' | 'warn_only';
  budget: string;
  reason: string;
}

/**
 * Money set aside out of every budget period that its scope falls under. Amounts in nano-dollars; `left` is
 * what no draw has taken. Its periods never change.
 */
export interface Hold {
  /** owner:scope:number, or `hld_…` of one that was asked for over the API. */
  _id: string;
  org: string;
  /** The run, the batch, or 'api'. */
  owner: string;
  scope: Scope;
  /** `owner:scopeKey`, so that a run finds its newest. */
  line: string;
  number: number;
  periods: string[];
  /** The hold of a batch that it was filled from, and that it goes back to. */
  pool?: string;
  amount: number;
  left: number;
  open: OpenDraw[];
  /** Stale: the budgets in its scope have changed since, so that it is to be acquired anew. */
  state: 'open' | 'stale' | 'closed';
  /** Of the organization, when its budgets were looked at. */
  budgetsVersion: number;
  /** The earliest end of its periods, or the end of its time to live. */
  validUntil: Date;
  /** What its calls are settled with; absent where costs come ready. */
  price?: Price;
  past: Past[];
  createdBy?: string;
  createdAt: Date;
  closedAt?: Date;
}

const FIELDS = {
  _id: String,
  org: String,
  owner: String,
  scope: Mixed,
  line: String,
  number: Number,
  periods: [String] as [typeof String],
  pool: String,
  amount: Number,
  left: Number,
  open: [Mixed] as [typeof Mixed],
  state: String,
  budgetsVersion: Number,
  validUntil: Date,
  price: Mixed,
  past: [Mixed] as [typeof Mixed],
  createdBy: String,
  createdAt: Date,
  closedAt: Date,
};

/** Holds: found here, acquired in `hold-acquire.ts`, drawn from and settled in `hold-draws.ts`. */
export function holdStore(connection: Connection) {
  const model = collectionModel<Hold>(connection, 'holds', FIELDS, [
    [{ org: 1, _id: -1 }],
    [{ org: 1, owner: 1, _id: -1 }],
    [{ org: 1, line: 1, number: -1 }],
    [{ org: 1, state: 1, _id: -1 }],
    [{ periods: 1 }],
    [{ state: 1, validUntil: 1 }],
  ]);
  return {
    model,
    ...createDraws(model),
    async find(org: string, id: string): Promise<Hold | undefined> {
      const doc = await model.collection.findOne({ _id: id, org } as never);
      return (doc as unknown as Hold | null) ?? undefined;
    },
    /** The newest hold of a run for calls of one scope. */
    async newest(org: string, line: string): Promise<Hold | undefined> {
      const [doc] = await model.collection
        .find({ org, line } as never, { sort: { number: -1 }, limit: 1 })
        .toArray();
      return (doc as unknown as Hold | undefined) ?? undefined;
    },
    async ofOwner(org: string, owner: string): Promise<Hold[]> {
      return (await model.collection.find({ org, owner } as never).toArray()) as unknown as Hold[];
    },
    /** Those of an owner that still keep money or have calls under way. */
    async unsettledOf(org: string, owner: string): Promise<Hold[]> {
      const holds = await model.collection
        .find({ org, owner, $or: [{ state: { $ne: 'closed' } }, ...UNSETTLED] } as never)
        .toArray();
      return holds as unknown as Hold[];
    },
    /** What the holds of some runs keep, by run. */
    async heldBy(org: string, owners: string[]): Promise<Map<string, number>> {
      const rows = await model.aggregate<{ _id: string; held: number }>([
        { $match: { org, owner: { $in: owners } } },
        { $group: { _id: '$owner', held: { $sum: { $add: ['$left', { $sum: '$open.worst' }] } } } },
      ]);
      return new Map(rows.map((row) => [row._id, row.held]));
    },
    async list(
      org: string,
      filter: { owner?: string; state?: Hold['state'] },
      request: PageRequest,
    ): Promise<Page<Hold>> {
      return pageOf<Hold>(model, { org, ...filter }, { field: '_id', order: -1 }, request);
    },
    /** Open holds whose budgets have changed miss at their next draw. */
    async markStale(org: string, scope: Scope): Promise<void> {
      const fields = Object.entries(scope).filter(([, value]) => value !== undefined);
      // A hold without such a field is not under the budget, as its costs lack it too.
      const within = Object.fromEntries(fields.map(([field, value]) => [`scope.${field}`, value]));
      await model.collection.updateMany({ org, state: 'open', ...within } as never, {
        $set: { state: 'stale' },
      });
    },
    /** The open holds of one run miss at their next draw, so that what was decided for it counts at once. */
    async markStaleOf(org: string, owner: string): Promise<void> {
      await model.collection.updateMany({ org, owner, state: 'open' } as never, { $set: { state: 'stale' } });
    },
    /** Holds of all organizations that are to be cleaned up: for housekeeping. */
    async leftovers(now: Date, limit: number): Promise<Hold[]> {
      const holds = await model.collection
        .find({
          $or: [
            { state: 'closed', $or: UNSETTLED },
            { state: { $in: ['open', 'stale'] }, validUntil: { $lt: now } },
          ],
        } as never)
        .limit(limit)
        .toArray();
      return holds as unknown as Hold[];
    },
  };
}

const UNSETTLED = [{ left: { $ne: 0 } }, { 'open.0': { $exists: true } }];
