import type { Connection, mongo } from 'mongoose';
import type { Scope } from '../domain/budgets/scope.ts';
import type { Usage } from '../domain/money.ts';
import { createBatch } from './batch.ts';
import { collectionModel, insertEach, Mixed } from './model.ts';

/** How the cost of an entry came about, where it is not simply what was used. */
type EntryFlag =
  /** The process died during the call: its worst case. */
  | 'assumed'
  /** The difference to what was assumed. */
  | 'correction'
  /** The provider billed more than the call's maximum. */
  | 'overrun';

/** Of how many costs an entry is the sum, and how large each of them is. A correction takes some back. */
export interface Spread {
  count: number;
  /** Of those that have come; missing where none has. */
  min?: number;
  max?: number;
  /** How many by bucket (`sketch.ts`). */
  sketch: Record<string, number>;
}

/** One cost, inserted once and never changed. Money in nano-dollars. */
export interface Entry {
  /** The draw's id; `draw:c` for a correction; `job:ID:n`, `jobs:BATCH:n` for costs from elsewhere. */
  id: string;
  org: string;
  /** The hold that it was drawn from; of costs from elsewhere there is none. */
  hold?: string;
  costNanoUsd: number;
  usage?: Usage;
  step?: string;
  flag?: EntryFlag;
  /** When the call began, or the job ended. */
  at: Date;
  /** That day in the organization's time zone, YYYY-MM-DD. */
  day: string;
  /** The rest stands in the hold, where there is one. */
  scope?: Scope;
  periods?: string[];
  components?: Record<string, number>;
  /** Of what is the sum of several costs that are alike: jobs of one day and scope that came together. */
  spread?: Spread;
}

/** As stored: short names, for there may be many millions. */
export interface EntryDoc {
  _id: string;
  o: string;
  h?: string;
  c: number;
  /** Input, output, cached read, cached write, reasoning tokens; without zeros at the end. */
  u?: number[];
  s?: string;
  f?: 'a' | 'c' | 'x';
  t: Date;
  d: string;
  sc?: Scope;
  p?: string[];
  k?: Record<string, number>;
  x?: Spread;
  /** 1 until the fold has counted it. */
  n?: 1;
}

const FIELDS = {
  _id: String,
  o: String,
  h: String,
  c: Number,
  u: [Number] as [typeof Number],
  s: String,
  f: String,
  t: Date,
  d: String,
  sc: Mixed,
  p: [String] as [typeof String],
  k: Mixed,
  x: Mixed,
  n: Number,
};

const FLAGS = { assumed: 'a', correction: 'c', overrun: 'x' } as const;
const FLAG_OF = { a: 'assumed', c: 'correction', x: 'overrun' } as const;

/** The ledger. */
export function entryStore(connection: Connection) {
  const model = collectionModel<EntryDoc>(connection, 'entries', FIELDS, [
    [{ n: 1 }, { partialFilterExpression: { n: 1 } }],
    [{ o: 1, t: -1 }],
  ]);
  const inserted = createBatch((docs: EntryDoc[]) => insertEach(model, docs));
  return {
    model,
    /** @returns false where there is an entry of this id already. */
    insert: (entry: Entry): Promise<boolean> => inserted(toEntryDoc(entry)),
    async insertIn(session: mongo.ClientSession, entry: Entry): Promise<void> {
      await model.collection.insertOne(toEntryDoc(entry) as never, { session });
    },
    async insertManyIn(session: mongo.ClientSession, entries: Entry[]): Promise<void> {
      await model.collection.insertMany(entries.map(toEntryDoc) as never, { session });
    },
    async find(id: string): Promise<Entry | undefined> {
      const doc = await model.collection.findOne({ _id: id } as never);
      return doc === null ? undefined : fromEntryDoc(doc as unknown as EntryDoc);
    },
    async findMany(ids: string[]): Promise<Map<string, Entry>> {
      const docs = await model.collection.find({ _id: { $in: ids } } as never).toArray();
      const entries = (docs as unknown as EntryDoc[]).map(fromEntryDoc);
      return new Map(entries.map((entry) => [entry.id, entry]));
    },
    /** Entries that the fold has not counted yet. */
    async unposted(limit: number): Promise<Entry[]> {
      const docs = await model.collection.find({ n: 1 } as never, { limit }).toArray();
      return (docs as unknown as EntryDoc[]).map(fromEntryDoc);
    },
    async markPosted(ids: string[]): Promise<void> {
      await model.collection.updateMany({ _id: { $in: ids } } as never, { $unset: { n: 1 } } as never);
    },
    /** Entries of a time, the newest first, behind those that a cursor has seen. */
    async list(
      org: string,
      time: { start?: Date; end?: Date },
      request: { limit: number; skip: number },
    ): Promise<Entry[]> {
      const { start, end } = time;
      const within = { ...(start && { $gte: start }), ...(end && { $lt: end }) };
      const filter = { o: org, ...(Object.keys(within).length > 0 && { t: within }) };
      const options = { sort: { t: -1 as const }, limit: request.limit, skip: request.skip };
      const docs = await model.collection.find(filter as never, options).toArray();
      return (docs as unknown as EntryDoc[]).map(fromEntryDoc);
    },
    /**
     * What a run has cost by the ledger, assumed worst cases and corrections included; undefined without
     * entries.
     */
    async costOfRun(run: string): Promise<number | undefined> {
      const match = { _id: { $gt: `${run}:`, $lt: `${run};` } };
      const [row] = await model.collection
        .aggregate<{ cost: number }>([{ $match: match }, { $group: { _id: null, cost: { $sum: '$c' } } }])
        .toArray();
      return row?.cost;
    },
    /** All entries of a run: their ids begin with its id. */
    async ofRun(org: string, run: string, request: { limit: number; after?: string }): Promise<Entry[]> {
      const _id = { $gt: request.after ?? `${run}:`, $lt: `${run};` };
      const docs = await model.collection
        .find({ _id, o: org } as never, { sort: { _id: 1 }, limit: request.limit })
        .toArray();
      return (docs as unknown as EntryDoc[]).map(fromEntryDoc);
    },
  };
}

function toEntryDoc(entry: Entry): EntryDoc {
  const { id, org, hold, costNanoUsd, usage, step, flag, at, day, scope, periods, components, spread } =
    entry;
  return {
    _id: id,
    o: org,
    ...(hold !== undefined && { h: hold }),
    c: costNanoUsd,
    ...(usage !== undefined && { u: toTokens(usage) }),
    ...(step !== undefined && { s: step }),
    ...(flag !== undefined && { f: FLAGS[flag] }),
    t: at,
    d: day,
    ...(scope !== undefined && { sc: scope }),
    ...(periods !== undefined && { p: periods }),
    ...(components !== undefined && { k: components }),
    ...(spread !== undefined && { x: spread }),
    n: 1,
  };
}

export function fromEntryDoc(doc: EntryDoc): Entry {
  return {
    id: doc._id,
    org: doc.o,
    ...(doc.h !== undefined && { hold: doc.h }),
    costNanoUsd: doc.c,
    ...(doc.u !== undefined && { usage: fromTokens(doc.u) }),
    ...(doc.s !== undefined && { step: doc.s }),
    ...(doc.f !== undefined && { flag: FLAG_OF[doc.f] }),
    at: doc.t,
    day: doc.d,
    ...(doc.sc !== undefined && { scope: doc.sc }),
    ...(doc.p !== undefined && { periods: doc.p }),
    ...(doc.k !== undefined && { components: doc.k }),
    ...(doc.x !== undefined && { spread: doc.x }),
  };
}

function toTokens(usage: Usage): number[] {
  const tokens = [
    usage.inputTokens,
    usage.outputTokens,
    usage.cachedReadTokens ?? 0,
    usage.cachedWriteTokens ?? 0,
    usage.reasoningTokens ?? 0,
  ];
  while (tokens.length > 0 && tokens.at(-1) === 0) tokens.pop();
  return tokens;
}

function fromTokens(tokens: number[]): Usage {
  const [inputTokens = 0, outputTokens = 0, cachedRead = 0, cachedWrite = 0, reasoning = 0] = tokens;
  return {
    inputTokens,
    outputTokens,
    ...(cachedRead > 0 && { cachedReadTokens: cachedRead }),
    ...(cachedWrite > 0 && { cachedWriteTokens: cachedWrite }),
    ...(reasoning > 0 && { reasoningTokens: reasoning }),
  };
}
