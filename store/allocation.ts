import type { Connection, mongo } from 'mongoose';
import { dayNumberOf, firstInstantOf } from '../domain/budgets/zones.ts';
import { given } from '../domain/given.ts';
import { allocate, type Share } from '../domain/jobs/allocate.ts';
import { gpuWork, hoursOfWork, workOfHours } from '../domain/jobs/gpu-work.ts';
import { IDLE_PREFIX, IDLE_TEAM } from '../domain/jobs/idle.ts';
import type { Collections } from './collections.ts';
import type { Allocated, Snapshot } from './cost-snapshots.ts';
import type { JobArchive } from './job-archive.ts';
import type { createJobChanges, JobChange, JobContext } from './job-changes.ts';
import type { GpuJob, JobDoc } from './jobs.ts';
import { Leave, transact } from './transaction.ts';

type Parts = Pick<Collections, 'jobs' | 'jobDayMarks' | 'costSnapshots'> & {
  jobChanges: ReturnType<typeof createJobChanges>;
} & Pick<JobArchive, 'withArchivedDays' | 'restoreJobDays'>;

/** What one transaction writes. */
const AT_ONCE = 1_000;
/** Whoever sends snapshots and jobs sends more of them soon. */
const QUIET_MS = 3_000;
/** No jobs have these ids: they stand for what is nobody's. */
const IDLE = '\u0000idle';
const COVERED = '\u0000covered';

/** How much of the GPUs of a snapshot each job has used. */
interface Uses {
  /** Of jobs without a cost of their own. */
  shares: Share[];
  teamOf: Map<string, string>;
  coveredWork: bigint;
  usedWork: bigint;
}

/**
 * Splits the costs of snapshots among the jobs that used the GPUs, by their GPU-hours of the day, to the
 * nano-dollar: what is left over is idle. Parts are written 1,000 at a time, each with its entries in the
 * ledger; whoever comes after a process that died writes those that are missing. Any process may do it. Days
 * whose jobs are archived are restored first.
 */
export function createAllocation(connection: Connection, parts: Parts) {
  const { jobs, jobDayMarks, costSnapshots, jobChanges, withArchivedDays } = parts;

  /** @returns false where snapshot or jobs have changed meanwhile: then it is to be done again. */
  async function allocateOne(org: string, id: string, now: Date): Promise<boolean> {
    const snapshot = await costSnapshots.find(org, id);
    if (snapshot === undefined) return true;
    const context = await jobChanges.contextOf(org, now);
    const uses = await usesOf(snapshot, context);
    const amounts = snapshot.removed ? new Map<string, number>() : amountsOf(snapshot, uses);
    const ids = uses.shares.map((share) => share.id);
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const some = ids.slice(from, from + AT_ONCE);
      if (!(await writeParts(snapshot, context, some, amounts))) return false;
    }
    return finish(snapshot, context, amounts, summaryOf(uses, amounts, now));
  }

  async function usesOf(snapshot: Snapshot, { timeZone, now }: JobContext): Promise<Uses> {
    const { org, date, at } = snapshot;
    const number = dayNumberOf(date) ?? Number.NaN;
    const span = { startMs: firstInstantOf(number, timeZone), endMs: firstInstantOf(number + 1, timeZone) };
    const days = await jobDayMarks.usingGpusOn(org, date);
    // What is archived has ended on its day. What was idle on this one may be there too.
    const later = [date, ...days.filter((day) => day > date)];
    await parts.restoreJobDays(org, await jobDayMarks.archivedOf(org, later), now);
    const uses: Uses = { shares: [], teamOf: new Map(), coveredWork: 0n, usedWork: 0n };
    for await (const job of jobs.gpuJobs(org, snapshot, days)) {
      if (job.b === 'c' || (job.e === undefined && job.st !== 'running')) continue;
      const weight = gpuWork(useOf(job), span, at);
      if (weight === 0n) continue;
      uses.usedWork += weight;
      if (job.b === 'g' || job.b === 't' || job.b === 'm') uses.coveredWork += weight;
      else {
        uses.shares.push({ id: job._id, weight });
        uses.teamOf.set(job._id, job.tm);
      }
    }
    return uses;
  }

  async function writeParts(
    snapshot: Snapshot,
    context: JobContext,
    ids: string[],
    amounts: ReadonlyMap<string, number>,
  ): Promise<boolean> {
    const { org, date } = snapshot;
    const write = async (session: mongo.ClientSession) => {
      if (!(await costSnapshots.touchIn(session, snapshot))) throw new Leave(false);
      const changes = (await jobs.manyIn(session, org, ids))
        .map((old) => ({ old, doc: withPart(old, date, amounts.get(old._id)) }))
        .filter(({ old, doc }) => old.b !== doc.b || old.al?.[date] !== doc.al?.[date]);
      if (changes.length > 0) await jobChanges.changeIn(session, context, changes);
      return true;
    };
    return withArchivedDays(org, context.now, () => transact(connection, write));
  }

  /** What is idle stands among the jobs, so that it is in every sum and list that they are in. */
  async function finish(
    snapshot: Snapshot,
    context: JobContext,
    amounts: ReadonlyMap<string, number>,
    allocated: Allocated,
  ): Promise<boolean> {
    const { org } = snapshot;
    const doc = idleJob(snapshot, context.timeZone, amounts.get(IDLE) ?? 0);
    const write = async (session: mongo.ClientSession) => {
      if (!(await costSnapshots.settleIn(session, snapshot, allocated))) throw new Leave(false);
      const [old] = await jobs.manyIn(session, org, [doc._id]);
      const change: JobChange = { old, doc: doc.c > 0 ? doc : undefined };
      if (old?.c !== change.doc?.c) await jobChanges.changeIn(session, context, [change]);
      return true;
    };
    return withArchivedDays(org, context.now, () => transact(connection, write));
  }

  /** Again, while jobs keep coming in; the last word has who comes after them. */
  async function allocateUntilDone(org: string, id: string, untilMs: number): Promise<void> {
    while (!(await allocateOne(org, id, new Date()))) if (performance.now() > untilMs) return;
  }

  return {
    /** Allocates the costs of a time, both days inclusive, whose parts are behind, as far as time allows. */
    async allocateSpan(org: string, start: string, end: string, untilMs: number): Promise<void> {
      for (const id of await costSnapshots.behind(org, start, end)) {
        if (performance.now() > untilMs) return;
        await allocateUntilDone(org, id, untilMs);
      }
    },
    /** Allocates what is due, of all organizations. */
    async allocateCosts(now = new Date()): Promise<void> {
      for (const { org, _id } of await costSnapshots.due(now, QUIET_MS)) await allocateOne(org, _id, now);
    },
  };
}

function useOf({ s: startedAt, e: endedAt, n: gpuCount }: GpuJob) {
  return given({ startedAt, endedAt, gpuCount });
}

function amountsOf({ costNanoUsd, gpuHours }: Snapshot, uses: Uses): Map<string, number> {
  const paid = gpuHours === undefined ? undefined : workOfHours(gpuHours);
  const unused = paid === undefined || paid < uses.usedWork ? 0n : paid - uses.usedWork;
  // Nobody has used them, and nobody says how many there were.
  const idle = uses.usedWork === 0n && unused === 0n ? 1n : unused;
  const nobodys = [
    { id: COVERED, weight: uses.coveredWork },
    { id: IDLE, weight: idle },
  ];
  return allocate(costNanoUsd, [...uses.shares, ...nobodys]);
}

function summaryOf({ teamOf, usedWork }: Uses, amounts: ReadonlyMap<string, number>, at: Date): Allocated {
  const teams = new Map<string, Allocated['teams'][number]>();
  for (const [id, team] of teamOf) {
    const sum = teams.get(team) ?? { team, jobs: 0, costNanoUsd: 0 };
    sum.jobs += 1;
    sum.costNanoUsd += amounts.get(id) ?? 0;
    teams.set(team, sum);
  }
  const sorted = [...teams.values()].sort((a, b) => b.costNanoUsd - a.costNanoUsd);
  return {
    at,
    jobsNanoUsd: sorted.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0),
    coveredNanoUsd: amounts.get(COVERED) ?? 0,
    idleNanoUsd: amounts.get(IDLE) ?? 0,
    jobs: teamOf.size,
    usedGpuHours: hoursOfWork(usedWork),
    teams: sorted,
  };
}

/** Without any part its cost is that of the price list again, where it has one. */
function withPart(old: JobDoc, date: string, part: number | undefined): JobDoc {
  const { al = {}, lp, ...rest } = old;
  const { [date]: _before, ...others } = al;
  const now = part === undefined ? others : { ...others, [date]: part };
  const amounts = Object.values(now);
  const listed = old.b === 'h' ? old.c : lp;
  if (amounts.length === 0) return { ...rest, b: listed === undefined ? 'n' : 'h', c: listed ?? 0 };
  return given({ ...rest, b: 'a' as const, c: amounts.reduce((a, b) => a + b, 0), al: now, lp: listed });
}

function idleJob({ org, date, provider, gpuType }: Snapshot, timeZone: string, cost: number): JobDoc {
  return {
    _id: `${org}|${IDLE_PREFIX}${provider}:${gpuType}:${date}`,
    o: org,
    d: date,
    t: new Date(firstInstantOf(dayNumberOf(date) ?? Number.NaN, timeZone)),
    tm: IDLE_TEAM,
    m: IDLE_TEAM,
    p: provider,
    g: gpuType,
    st: 'completed',
    c: cost,
    b: 'a',
    al: { [date]: cost },
  };
}
