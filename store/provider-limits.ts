import { createHash } from 'node:crypto';
import type { Connection } from 'mongoose';
import {
  ANSWERS_FOR_ONE_MORE,
  type CallEnd,
  CUT,
  FIRST_CONCURRENCY,
  type LimitedKey,
  MOST_CONCURRENCY,
  type RateLimits,
  type Reservation,
  type SharedLimits,
  WINDOW_MS,
} from '../domain/limiter.ts';
import type { AuditLog } from './audit-log.ts';
import { collectionModel, Mixed } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';
import { createSetLimits } from './set-limits.ts';

/** What is known of one model behind one provider key, by all workers together. */
export interface ProviderLimit extends LimitedKey {
  _id: string;
  /** Nothing is sent before. */
  blockedUntil: Date;
  /** Calls that may be under way at a time. */
  concurrency: number;
  /** How often the provider began to refuse. */
  bursts: number;
  refusedAt?: Date;
  /** Answers since the last change of `concurrency`. */
  answers: number;
  /** Calls under way; those whose process died end with their lease. */
  slots: { id: string; until: Date }[];
  /** The minute that `requests` and `tokens` count, milliseconds since 1970. */
  window: number;
  requests: number;
  tokens: number;
  requestsPerMinute?: number;
  tokensPerMinute?: number;
  /** Who set the two: what an admin has set is not learned over. */
  limitsFrom?: 'admin' | 'provider';
}

const FIELDS = {
  _id: String,
  org: String,
  provider: String,
  model: String,
  blockedUntil: Date,
  concurrency: Number,
  bursts: Number,
  refusedAt: Date,
  answers: Number,
  slots: [Mixed] as [typeof Mixed],
  window: Number,
  requests: Number,
  tokens: Number,
  requestsPerMinute: Number,
  tokensPerMinute: Number,
  limitsFrom: String,
};

const NEVER = new Date(0);

/** Rate limits of providers, shared by all workers: each call takes its place in one atomic update. */
export function providerLimitStore(
  connection: Connection,
  audit: AuditLog,
): SharedLimits & ReturnType<typeof create> {
  return create(connection, audit);
}

function create(connection: Connection, audit: AuditLog) {
  const model = collectionModel<ProviderLimit>(connection, 'provider_limits', FIELDS, [
    [{ org: 1, _id: 1 }],
    [{ org: 1, provider: 1, blockedUntil: -1 }],
  ]);
  const limits = model.collection;

  async function find(_id: string): Promise<ProviderLimit | undefined> {
    return ((await limits.findOne({ _id } as never)) as unknown as ProviderLimit | null) ?? undefined;
  }

  /** A key that is closed for one model is closed for one that was never asked too. */
  async function ensure(key: LimitedKey): Promise<void> {
    const { org, provider } = key;
    const [sibling] = await model.find({ org, provider }).sort({ blockedUntil: -1 }).limit(1).lean();
    const fresh = { ...key, blockedUntil: sibling?.blockedUntil ?? NEVER, concurrency: FIRST_CONCURRENCY };
    const counters = { bursts: 0, answers: 0, slots: [], window: 0, requests: 0, tokens: 0 };
    await limits.updateOne(
      { _id: idOf(key) } as never,
      { $setOnInsert: { ...fresh, ...counters } },
      { upsert: true },
    );
  }

  async function reserve(
    key: LimitedKey,
    call: { id: string; tokens: number; at: Date; leaseMs: number },
  ): Promise<Reservation> {
    const _id = idOf(key);
    const { filter, update } = reservationOf(_id, call);
    const { modifiedCount } = await limits.updateOne(filter as never, update as never);
    if (modifiedCount === 1) return 'granted';
    const known = await find(_id);
    if (known === undefined) await ensure(key);
    const reason = known && whyNot(known, call);
    // Nothing speaks against it any more: another process has made the row, or given a place back.
    return reason ?? reserve(key, call);
  }

  async function finish(
    key: LimitedKey,
    call: { id: string; tokens: number; startedAt: Date; at: Date },
    end: CallEnd,
  ): Promise<void> {
    const { org, provider } = key;
    await limits.updateOne({ _id: idOf(key) } as never, [{ $set: afterCall(call, end) }] as never);
    // The key is closed for the provider's other models too.
    if (typeof end === 'object' && 'refusedUntil' in end)
      await limits.updateMany({ org, provider } as never, {
        $max: { blockedUntil: new Date(end.refusedUntil) },
      });
  }

  return {
    model,
    reserve,
    finish,
    async list(org: string, request: PageRequest): Promise<Page<ProviderLimit>> {
      return pageOf<ProviderLimit>(model, { org }, { field: '_id', order: 1 }, request);
    },
    setLimits: createSetLimits({ connection, audit, limits, ensure, idOf }),
  };
}

function idOf({ org, provider, model }: LimitedKey): string {
  return createHash('sha256')
    .update(JSON.stringify([org, provider, model]))
    .digest('base64url')
    .slice(0, 22);
}

const windowOf = (at: Date) => Math.floor(at.getTime() / WINDOW_MS) * WINDOW_MS;

/** The place is taken only where the key is open, a place is free, and the minute has room. */
function reservationOf(_id: string, call: { id: string; tokens: number; at: Date; leaseMs: number }) {
  const { id, tokens, at, leaseMs } = call;
  const window = windowOf(at);
  const inWindow = (field: string) => ({ $cond: [{ $eq: ['$window', window] }, field, 0] });
  const live = { $filter: { input: '$slots', as: 'slot', cond: { $gt: ['$$slot.until', at] } } };
  const room = (limit: string, used: object, more: number) => ({
    $or: [{ $eq: [{ $ifNull: [limit, null] }, null] }, { $lte: [{ $add: [used, more] }, limit] }],
  });
  // One call may be larger than what a minute allows: it goes when nothing else has.
  const tokensFit = {
    $or: [room('$tokensPerMinute', inWindow('$tokens'), tokens), { $eq: [inWindow('$tokens'), 0] }],
  };
  return {
    filter: {
      _id,
      blockedUntil: { $lte: at },
      $expr: {
        $and: [
          { $lt: [{ $size: live }, '$concurrency'] },
          room('$requestsPerMinute', inWindow('$requests'), 1),
          tokensFit,
        ],
      },
    },
    update: [
      {
        $set: {
          window,
          requests: { $add: [inWindow('$requests'), 1] },
          tokens: { $add: [inWindow('$tokens'), tokens] },
          slots: { $concatArrays: [live, [{ id, until: new Date(at.getTime() + leaseMs) }]] },
        },
      },
    ],
  };
}

/** The same conditions as those of `reservationOf`; undefined where all hold. */
function whyNot(limit: ProviderLimit, call: { tokens: number; at: Date }): Reservation | undefined {
  const { at } = call;
  if (limit.blockedUntil > at) return { until: limit.blockedUntil.getTime() };
  const window = windowOf(at);
  const { requestsPerMinute = Number.POSITIVE_INFINITY, tokensPerMinute = Number.POSITIVE_INFINITY } = limit;
  const [requests, tokens] = limit.window === window ? [limit.requests, limit.tokens] : [0, 0];
  const tokensFit = tokens === 0 || tokens + call.tokens <= tokensPerMinute;
  if (requests + 1 > requestsPerMinute || !tokensFit) return { until: window + WINDOW_MS };
  return limit.slots.filter(({ until }) => until > at).length >= limit.concurrency ? 'busy' : undefined;
}

/** The fields after a call has ended: its place is free, and what it showed is known. */
function afterCall(
  call: { id: string; tokens: number; startedAt: Date; at: Date },
  end: CallEnd,
): Record<string, unknown> {
  const { id, tokens, startedAt, at } = call;
  const slots = { $filter: { input: '$slots', as: 'slot', cond: { $ne: ['$$slot.id', id] } } };
  if (end === 'failed') return { slots };
  if ('refusedUntil' in end) {
    // A call that left before the key was closed belongs to the burst that closed it.
    const newBurst = { $lte: ['$blockedUntil', startedAt] };
    const cut = { $max: [1, { $floor: { $multiply: ['$concurrency', CUT] } }] };
    return {
      slots,
      concurrency: { $cond: [newBurst, cut, '$concurrency'] },
      bursts: { $add: ['$bursts', { $cond: [newBurst, 1, 0] }] },
      blockedUntil: { $max: ['$blockedUntil', new Date(end.refusedUntil)] },
      answers: 0,
      refusedAt: at,
    };
  }
  const more = { $gte: [{ $add: ['$answers', 1] }, ANSWERS_FOR_ONE_MORE] };
  const sameWindow = { $eq: ['$window', windowOf(startedAt)] };
  return {
    slots,
    tokens: { $cond: [sameWindow, { $max: [0, { $add: ['$tokens', end.tokens - tokens] }] }, '$tokens'] },
    answers: { $cond: [more, 0, { $add: ['$answers', 1] }] },
    concurrency: {
      $cond: [more, { $min: [MOST_CONCURRENCY, { $add: ['$concurrency', 1] }] }, '$concurrency'],
    },
    ...learned(end.limits),
  };
}

/** What the provider says of its limits counts where no admin has set any. */
function learned(limits: RateLimits | undefined): Record<string, unknown> {
  if (limits === undefined || Object.keys(limits).length === 0) return {};
  const byAdmin = { $eq: ['$limitsFrom', 'admin'] };
  const fields = Object.entries(limits).map(([name, value]) => [
    name,
    { $cond: [byAdmin, { $ifNull: [`$${name}`, '$$REMOVE'] }, value] },
  ]);
  return { ...Object.fromEntries(fields), limitsFrom: { $cond: [byAdmin, 'admin', 'provider'] } };
}
