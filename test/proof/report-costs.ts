import type { Bursar } from '../support/bursar.ts';
import { SHOP } from '../support/shop.ts';

const DAY_MS = 86_400_000;
const AT_ONCE = 1_000;

export interface ReportCosts {
  jobs: number;
  days: number;
  queues: number;
  teams: number;
  users: number;
}

/** A day so many days ago, YYYY-MM-DD. */
export const dayOf = (ago: number) => new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10);

/**
 * Costs of every sort: jobs over many names and days with odd amounts, some without a team or a user; some
 * posted anew, dearer or cheaper; a cost that its hold did not have; and two runs, which have no queue.
 */
export async function makeCosts({ client }: Pick<Bursar, 'client'>, of: ReportCosts): Promise<void> {
  const { jobs, days, queues, teams, users } = of;
  const job = (index: number, factor = 1) => ({
    jobId: `j${index}`,
    queueName: `queue ${(index * 31) % queues}`,
    jobType: ['etl', 'report', 'mail'][index % 3],
    ...(index % 7 > 0 && { team: `team ${(index * 17) % teams}` }),
    ...(index % 5 > 0 && { user: `user ${(index * 13) % users}` }),
    ...(index % 2 > 0 && { provider: 'elsewhere', model: `elsewhere/m${index % 11}` }),
    // Finer than a nano-dollar, so that amounts are rounded; nothing is round.
    cpuTime: (factor * ((index * 7_919) % 100_003)) / 1_234_567,
    memoryMbSeconds: factor * ((index * 104_729) % 997),
    payloadBytes: (index * 3) % 7_777,
    redisOps: index % 13,
    networkBytes: (index * 11) % 65_537,
    endedAt: `${dayOf((index * 7) % days)}T00:00:0${index % 10}Z`,
  });
  const all = Array.from({ length: jobs }, (_, index) => job(index));
  const changed = all.flatMap((_, index) =>
    index % 50 === 0 ? [job(index, index % 100 === 0 ? 0.3 : 1.7)] : [],
  );
  for (const list of [all, changed, all.slice(0, 1)])
    for (let at = 0; at < list.length; at += AT_ONCE)
      await client.post('/costs/jobs', { jobs: list.slice(at, at + AT_ONCE) });
  const hold = await client.post<{ id: string }>('/holds', { scope: { team: 'team 1' }, amountUsd: 0.001 });
  await client.post(`/holds/${hold.id}/entries`, { costUsd: 0.001000007 });
  await twoRuns(client);
}

async function twoRuns(client: Bursar['client']): Promise<void> {
  const { id: projectId } = await client.upload({ manifest: SHOP.manifest });
  const run = { kind: 'documentation', input: { projectId, layers: ['summary', 'columns'] } };
  const first = await client.post<{ id: string }>('/runs', { ...run, scope: { team: 'docs', user: 'ann' } });
  await client.untilEnded(first.id);
  const again = await client.post<{ id: string }>('/runs', { ...run, options: { skipExisting: true } });
  const layers = { kind: 'documentation', input: { projectId, layers: ['business'] } };
  const other = await client.post<{ id: string }>('/runs', layers);
  for (const { id } of [again, other]) await client.untilEnded(id);
}
