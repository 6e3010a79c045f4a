import type { Connection, mongo, QueryFilter } from 'mongoose';
import { given } from '../domain/given.ts';
import { IDLE_TEAM } from '../domain/jobs/idle.ts';
import type { CostBasis, DatedJob, Job, JobStatus } from '../domain/jobs/job.ts';
import { collectionModel, Mixed } from './model.ts';

/** As stored: short names, for there may be many millions. */
export interface JobDoc {
  /** org|id. */
  _id: string;
  o: string;
  /** Day that it is counted on, in the organization's time zone, YYYY-MM-DD. */
  d: string;
  /** What dates it. */
  t: Date;
  tm: string;
  m: string;
  p: string;
  g?: string;
  s?: Date;
  e?: Date;
  st: JobStatus;
  u?: string;
  q?: string;
  k?: string;
  n?: number;
  ti?: number;
  to?: number;
  c: number;
  b: 'g' | 't' | 'm' | 'h' | 'a' | 'c' | 'n';
  /** Of an allocated cost: its part of each day's snapshot, in nano-dollars; they add up to the cost. */
  al?: Record<string, number>;
  /** What it would cost by the price list. */
  lp?: number;
}

const FIELDS = {
  _id: String,
  o: String,
  d: String,
  t: Date,
  tm: String,
  m: String,
  p: String,
  g: String,
  s: Date,
  e: Date,
  st: String,
  u: String,
  q: String,
  k: String,
  n: Number,
  ti: Number,
  to: Number,
  c: Number,
  b: String,
  al: Mixed,
  lp: Number,
};

const BASES = {
  given: 'g',
  tokens: 't',
  cost_model: 'm',
  gpu_hours: 'h',
  allocated: 'a',
  credit: 'c',
  none: 'n',
} as const;
const BASIS_OF: Record<JobDoc['b'], CostBasis> = {
  g: 'given',
  t: 'tokens',
  m: 'cost_model',
  h: 'gpu_hours',
  a: 'allocated',
  c: 'credit',
  n: 'none',
};

/** What the use of GPUs is reckoned from. */
export type GpuJob = Pick<JobDoc, '_id' | 'd' | 'tm' | 's' | 'e' | 'st' | 'n' | 'b'>;
interface GpuFilter {
  provider: string;
  gpuType: string;
}

/** What selects jobs beside their days. */
export interface JobFilter {
  team?: string;
  status?: JobStatus;
  provider?: string;
}

const ENDED: JobStatus[] = ['completed', 'failed', 'cancelled'];
/** What a cursor holds in memory at a time. */
const READ_AHEAD = 1_000;

/** Jobs that ran elsewhere; `job-writer.ts` writes them, together with all that follows from them. */
export function jobStore(connection: Connection) {
  const model = collectionModel<JobDoc>(connection, 'jobs', FIELDS, [
    [{ o: 1, d: -1, _id: 1 }],
    [{ o: 1, tm: 1, d: -1, _id: 1 }],
  ]);
  return {
    model,
    /** The newest days first. Counting goes along the index of the organization. */
    async list(
      org: string,
      { team, status, provider }: JobFilter,
      { limit, skip }: { limit: number; skip: number },
    ): Promise<{ jobs: Job[]; total: number }> {
      const filter = given({ o: org, tm: team, st: status, p: provider }) as QueryFilter<JobDoc>;
      const [docs, total] = await Promise.all([
        model.find(filter).sort({ d: -1, _id: 1 }).skip(skip).limit(limit).lean<JobDoc[]>(),
        model.countDocuments(filter),
      ]);
      return { jobs: docs.map(fromJobDoc), total };
    },
    /** Jobs of a type of GPU that have ended on some days, or of which some others have not ended yet. */
    gpuJobs(org: string, { provider, gpuType }: GpuFilter, days: string[]): AsyncIterable<GpuJob> {
      const filter = { o: org, d: { $in: days }, p: provider, g: gpuType };
      const projection = { d: 1, tm: 1, s: 1, e: 1, st: 1, n: 1, b: 1 };
      return model.collection.find(filter as never, { projection, batchSize: 2_000 }) as never;
    },
    /** Ids of those of a day that will hardly change: they have ended, on that day. */
    async endedOn(org: string, day: string, limit: number): Promise<string[]> {
      const isDated = [{ e: { $exists: true } }, { tm: IDLE_TEAM }];
      const filter = { o: org, d: day, st: { $in: ENDED }, $or: isDated } as never;
      const found = model.collection.find(filter, { projection: { _id: 1 } }).limit(limit);
      return ((await found.toArray()) as unknown as { _id: string }[]).map(({ _id }) => _id);
    },
    /** How many there are, and the first day that has some. */
    async extent(org: string): Promise<{ rows: number; oldest?: string }> {
      const [rows, oldest] = await Promise.all([
        model.countDocuments({ o: org }),
        model.findOne({ o: org }, { d: 1 }).sort({ d: 1, _id: -1 }).lean<Pick<JobDoc, 'd'>>(),
      ]);
      return given({ rows, oldest: oldest?.d });
    },
    async manyIn(session: mongo.ClientSession, org: string, ids: string[]): Promise<JobDoc[]> {
      const docs = await model.collection.find({ _id: { $in: ids }, o: org } as never, { session }).toArray();
      return docs as unknown as JobDoc[];
    },
    /** All jobs that count on the days from `start` to `end`, the newest days first, one by one. */
    async *each(
      org: string,
      { start, end, team, status, provider }: JobFilter & { start: string; end: string },
    ): AsyncGenerator<DatedJob> {
      const d = { $gte: start, $lte: end };
      const filter = given({ o: org, tm: team, d, st: status, p: provider }) as QueryFilter<JobDoc>;
      const found = model.collection.find(filter as never, { batchSize: READ_AHEAD });
      const cursor = found.sort({ d: -1, _id: 1 });
      try {
        for await (const doc of cursor as unknown as AsyncIterable<JobDoc>)
          yield { ...fromJobDoc(doc), at: doc.t, day: doc.d };
      } finally {
        await cursor.close();
      }
    },
  };
}

export function toJobDoc(org: string, job: Job, at: Date, day: string): JobDoc {
  return given({
    _id: `${org}|${job.id}`,
    o: org,
    d: day,
    t: at,
    tm: job.team,
    m: job.model,
    p: job.provider,
    g: job.gpuType,
    s: job.startedAt,
    e: job.endedAt,
    st: job.status,
    u: job.user,
    q: job.queue,
    k: job.kind,
    n: job.gpuCount,
    ti: job.inputTokens,
    to: job.outputTokens,
    c: job.costNanoUsd,
    b: BASES[job.costBasis],
  });
}

function fromJobDoc(doc: JobDoc): Job {
  return given({
    id: doc._id.slice(doc.o.length + 1),
    team: doc.tm,
    model: doc.m,
    provider: doc.p,
    gpuType: doc.g,
    startedAt: doc.s,
    endedAt: doc.e,
    status: doc.st,
    user: doc.u,
    queue: doc.q,
    kind: doc.k,
    gpuCount: doc.n,
    inputTokens: doc.ti,
    outputTokens: doc.to,
    costNanoUsd: doc.c,
    costBasis: BASIS_OF[doc.b],
  });
}
