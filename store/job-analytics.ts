import { randomBytes } from 'node:crypto';
import type { Connection } from 'mongoose';
import { createDaySummer, type JobFacts } from '../domain/analytics/day-sums.ts';
import type { Dimension } from '../domain/analytics/dimension.ts';
import { type CostGroup, createGrouping } from '../domain/analytics/grouping.ts';
import type { createAllocation } from './allocation.ts';
import type { Collections } from './collections.ts';
import type { JobDoc } from './jobs.ts';
import { Leave, transact } from './transaction.ts';

type Parts = Pick<Collections, 'jobs' | 'jobDays' | 'jobDayMarks'> &
  Pick<ReturnType<typeof createAllocation>, 'allocateSpan' | 'allocateCosts'>;

/** What a roll-up needs of a job. */
type StoredJob = Pick<JobDoc, 'tm' | 'm' | 'p' | 'g' | 'u' | 'q' | 'k' | 'c'>;
const JOB_FIELDS = { _id: 0, tm: 1, m: 1, p: 1, g: 1, u: 1, q: 1, k: 1, c: 1 };

/** How often processes look for days that are due. */
export const ROLL_UP_EVERY_MS = 1_000;
/** How long a question may roll days up before it is answered. */
const QUESTION_MS = 5_000;
/** More digits than a version will ever have, so that texts compare as their numbers do. */
const DIGITS = 12;

export interface Analysis {
  groups: CostGroup[];
  /** How many days of the time had jobs that are not counted yet, because they were too many to add up. */
  daysBehind: number;
}

/** Costs of jobs from the roll-ups of their days, and what keeps those up to date. */
export function createJobAnalytics(connection: Connection, parts: Parts) {
  const { jobs, jobDays, jobDayMarks, allocateSpan } = parts;
  const underway = new Map<string, Promise<boolean>>();

  /** Any process may roll up any day at any time: of several the one with the newest jobs counts. */
  async function rollUp(org: string, day: string): Promise<boolean> {
    const marked = await jobDayMarks.behind(org, day);
    if (marked === undefined) return true;
    const version = `${textOf(marked)}-${randomBytes(6).toString('hex')}`;
    const id = { org, day, version };
    const { parts, by } = await sumUp(id);
    const done = await transact(connection, async (session) => {
      if (!(await jobDayMarks.clearIn(session, { org, day, version: marked }))) throw new Leave(false);
      await jobDays.replaceIn(session, id, parts, by);
      return true;
    });
    // A later version may be at work already: its rows stay.
    if (done) await jobDays.dropRows(org, day, { below: textOf(marked + 1), keep: version });
    else await jobDays.dropVersion(id);
    return done;
  }

  async function sumUp(id: { org: string; day: string; version: string }) {
    const summer = createDaySummer();
    const cursor = jobs.model.collection.find({ o: id.org, d: id.day } as never, {
      projection: JOB_FIELDS,
      batchSize: 2_000,
    });
    let parts = 0;
    for await (const job of cursor as unknown as AsyncIterable<StoredJob>) {
      const full = summer.add(factsOf(job));
      if (full !== undefined) await jobDays.addRows(id, parts++, full);
    }
    const { last, by } = summer.end();
    if (last !== undefined) await jobDays.addRows(id, parts++, last);
    return { parts, by };
  }

  /** Who asks for what another one of this process is at waits for it. */
  function rollUpOnce(org: string, day: string): Promise<boolean> {
    const key = `${org}|${day}`;
    const before = underway.get(key);
    if (before !== undefined) return before;
    const mine = rollUp(org, day).finally(() => underway.delete(key));
    underway.set(key, mine);
    return mine;
  }

  /** @returns how many days are behind still, when the time was over. */
  async function rollUpSpan(org: string, start: string, end: string): Promise<number> {
    const until = performance.now() + QUESTION_MS;
    await allocateSpan(org, start, end, until);
    for (;;) {
      const days = await jobDayMarks.daysBehind(org, start, end);
      if (days.length === 0) return 0;
      for (const [index, day] of days.entries()) {
        if (performance.now() > until) return days.length - index;
        await rollUpOnce(org, day);
      }
    }
  }

  return {
    /** @returns false where the day was written to meanwhile */
    rollUpJobDay: rollUpOnce,
    /** Allocates costs and rolls up the days that are due, of all organizations. */
    async rollUpJobDays(now = new Date()): Promise<void> {
      await parts.allocateCosts(now);
      const due = await jobDayMarks.due(now);
      // Processes that begin at the same time begin with different days.
      due.sort(() => Math.random() - 0.5);
      for (const { org, day } of due) await rollUpOnce(org, day);
    },
    /** Groups of the jobs from `start` to `end`, both inclusive, by one dimension or two. */
    async analyzeJobs(org: string, start: string, end: string, by: readonly Dimension[]): Promise<Analysis> {
      const grouping = createGrouping({ start, end }, by);
      const { from, named } = grouping;
      const daysBehind = await rollUpSpan(org, from, end);
      const [only = 'provider', other] = named;
      if (other !== undefined) {
        await jobDays.eachRows(org, from, end, named, grouping.addRows);
        return { groups: grouping.groups(), daysBehind };
      }
      const days = await jobDays.sums(org, from, end, only);
      for (const { day, sums } of days)
        if (sums !== undefined) grouping.addSums(day, sums);
        else await jobDays.eachRows(org, day, day, [only], grouping.addRows);
      return { groups: grouping.groups(), daysBehind };
    },
  };
}

function textOf(version: number): string {
  return String(version).padStart(DIGITS, '0');
}

function factsOf({ tm, m, p, g, u, q, k, c }: StoredJob): JobFacts {
  return { team: tm, model: m, provider: p, gpu_type: g, user: u, queue: q, kind: k, costNanoUsd: c };
}
