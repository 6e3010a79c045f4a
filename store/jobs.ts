import type { Connection, QueryFilter } from 'mongoose';
import type { CostBasis, Job, JobStatus } from '../domain/jobs/job.ts';
import { collectionModel } from './model.ts';

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
  b: 'g' | 't' | 'n';
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
};

const BASES = { given: 'g', tokens: 't', none: 'n' } as const;
const BASIS_OF: Record<JobDoc['b'], CostBasis> = { g: 'given', t: 'tokens', n: 'none' };

/** Jobs that ran elsewhere; `job-writer.ts` writes them, together with all that follows from them. */
export function jobStore(connection: Connection) {
  const model = collectionModel<JobDoc>(connection, 'jobs', FIELDS, [
    [{ o: 1, d: -1, _id: 1 }],
    [{ o: 1, tm: 1, d: -1 }],
  ]);
  return {
    model,
    /** The newest days first. Counting goes along the index of the organization. */
    async list(
      org: string,
      { team, status, provider }: { team?: string; status?: JobStatus; provider?: string },
      { limit, skip }: { limit: number; skip: number },
    ): Promise<{ jobs: Job[]; total: number }> {
      const filter = {
        o: org,
        ...(team !== undefined && { tm: team }),
        ...(status !== undefined && { st: status }),
        ...(provider !== undefined && { p: provider }),
      } as QueryFilter<JobDoc>;
      const [docs, total] = await Promise.all([
        model.find(filter).sort({ d: -1, _id: 1 }).skip(skip).limit(limit).lean<JobDoc[]>(),
        model.countDocuments(filter),
      ]);
      return { jobs: docs.map(fromJobDoc), total };
    },
  };
}

export function toJobDoc(org: string, job: Job, at: Date, day: string): JobDoc {
  return {
    _id: `${org}|${job.id}`,
    o: org,
    d: day,
    t: at,
    tm: job.team,
    m: job.model,
    p: job.provider,
    ...(job.gpuType !== undefined && { g: job.gpuType }),
    ...(job.startedAt !== undefined && { s: job.startedAt }),
    ...(job.endedAt !== undefined && { e: job.endedAt }),
    st: job.status,
    ...(job.user !== undefined && { u: job.user }),
    ...(job.queue !== undefined && { q: job.queue }),
    ...(job.kind !== undefined && { k: job.kind }),
    ...(job.gpuCount !== undefined && { n: job.gpuCount }),
    ...(job.inputTokens !== undefined && { ti: job.inputTokens }),
    ...(job.outputTokens !== undefined && { to: job.outputTokens }),
    c: job.costNanoUsd,
    b: BASES[job.costBasis],
  };
}

function fromJobDoc(doc: JobDoc): Job {
  return {
    id: doc._id.slice(doc.o.length + 1),
    team: doc.tm,
    model: doc.m,
    provider: doc.p,
    ...(doc.g !== undefined && { gpuType: doc.g }),
    ...(doc.s !== undefined && { startedAt: doc.s }),
    ...(doc.e !== undefined && { endedAt: doc.e }),
    status: doc.st,
    ...(doc.u !== undefined && { user: doc.u }),
    ...(doc.q !== undefined && { queue: doc.q }),
    ...(doc.k !== undefined && { kind: doc.k }),
    ...(doc.n !== undefined && { gpuCount: doc.n }),
    ...(doc.ti !== undefined && { inputTokens: doc.ti }),
    ...(doc.to !== undefined && { outputTokens: doc.to }),
    costNanoUsd: doc.c,
    costBasis: BASIS_OF[doc.b],
  };
}
