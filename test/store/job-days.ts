import type { JobFacts } from '../../domain/analytics/day-sums.ts';
import { transact } from '../../store/transaction.ts';
import type { OpenedStore } from './database.ts';

export type DatedJob = JobFacts & { id: string; day: string };

/** Writes jobs as an ingestion does: with the marks of the days that they are of now, and were of before. */
export async function writeJobs({ connection, store }: OpenedStore, org: string, jobs: DatedJob[]) {
  const stored = connection.collection('jobs');
  await transact(connection, async (session) => {
    const ids = jobs.map(({ id }) => `${org}|${id}`);
    const before = await stored.find({ _id: { $in: ids } } as never, { session }).toArray();
    const writes = jobs.map((job) => ({
      replaceOne: { filter: { _id: `${org}|${job.id}` }, replacement: docOf(org, job), upsert: true },
    }));
    await stored.bulkWrite(writes as never, { session });
    const days = [...jobs.map(({ day }) => day), ...before.map(({ d }) => String(d))];
    await store.jobDayMarks.markIn(session, org, days, new Date());
  });
}

function docOf(org: string, job: DatedJob) {
  const { gpu_type: g, user: u, queue: q, kind: k } = job;
  const optional = Object.entries({ g, u, q, k }).filter(([, value]) => value !== undefined);
  return {
    o: org,
    d: job.day,
    t: new Date(`${job.day}T12:00:00Z`),
    tm: job.team,
    m: job.model,
    p: job.provider,
    ...Object.fromEntries(optional),
    st: 'completed',
    b: 'g',
    c: job.costNanoUsd,
  };
}

/** Jobs that differ in everything; of a fixed seed. */
export function randomJobs(count: number, seed: number): DatedJob[] {
  let state = seed;
  const random = () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const pick = (prefix: string, of: number) => `${prefix}${Math.floor(random() * of)}`;
  return Array.from({ length: count }, (_, index) => ({
    id: `job-${index}`,
    day: `2026-03-${10 + Math.floor(random() * 15)}`,
    team: pick('team', 4),
    model: pick('gpt-4.', 5),
    provider: pick('provider', 3),
    ...(random() < 0.8 && { gpu_type: pick('gpu', 3) }),
    ...(random() < 0.8 && { user: pick('user', 20) }),
    ...(random() < 0.8 && { queue: pick('queue', 4) }),
    ...(random() < 0.8 && { kind: pick('kind', 3) }),
    costNanoUsd: Math.floor(random() * 1e10),
  }));
}
