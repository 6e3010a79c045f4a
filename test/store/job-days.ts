import type { JobFacts } from '../../domain/analytics/day-sums.ts';
import { given } from '../../domain/given.ts';
import type { Job } from '../../domain/jobs/job.ts';
import type { OpenedStore } from './database.ts';

export type DatedJob = JobFacts & { id: string; day: string };

/** As an ingestion does, which writes so many at a time. */
const AT_ONCE = 1_000;

export async function writeJobs({ store }: OpenedStore, org: string, jobs: DatedJob[]) {
  for (let from = 0; from < jobs.length; from += AT_ONCE)
    await store.writeJobs(org, jobs.slice(from, from + AT_ONCE).map(toJob), new Date());
}

function toJob({ day, gpu_type: gpuType, team, model, provider, ...rest }: DatedJob): Job {
  const at = new Date(`${day}T12:00:00Z`);
  const of = { team: team ?? '', model: model ?? '', provider: provider ?? '' };
  const fixed = { startedAt: at, endedAt: at, status: 'completed', costBasis: 'given' } as const;
  return given({ ...rest, ...of, ...fixed, gpuType });
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
