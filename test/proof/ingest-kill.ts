import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiIngestion } from '../../api/ingestions.ts';
import { fromUsd } from '../../domain/money.ts';
import { JOB_SPAN, jobCsv } from '../bench/job-csv.ts';
import { rounded } from '../bench/rounded.ts';
import { type Bursar, createClient, startBursar } from '../support/bursar.ts';
import { killWorker } from './kill.ts';
import { claim, type Proof, withServers } from './proof.ts';

interface IngestKillOptions {
  jobs: number;
  /** Of the worker, spread over the file. */
  kills: number;
  /** After so many of them the API is killed too. */
  apiAfter?: number;
}

const LIMIT_MS = 30 * 60_000;

/**
 * Brings in a file, kills the worker again and again in the middle of it and the API once, and checks that
 * every job was written once, counted once and paid once.
 */
export async function proveIngestKills(bursar: Bursar, { jobs, kills, apiAfter }: IngestKillOptions) {
  let { client } = bursar;
  const startedAt = performance.now();
  const { id } = await sendFile(client, Readable.from(jobCsv(jobs)));
  const arrivedAfter = (performance.now() - startedAt) / 1000;
  const seen: number[] = [];
  const show = () => client.get<ApiIngestion>(`/ingestions/${id}`);
  for (let kill = 1; kill <= kills; kill += 1) {
    const wanted = Math.floor((jobs * kill) / (kills + 1));
    const { progress } = await until(show, ({ progress: { rows } }) => rows >= wanted);
    seen.push(progress.rows);
    await killWorker(bursar);
    if (kill !== apiAfter) continue;
    await bursar.apis.pop()?.kill();
    const api = await bursar.startApi();
    bursar.apis.push(api);
    client = createClient(String(api.ready.url), bursar.key);
  }
  const ended = await until(show, ({ endedAt }) => endedAt !== null);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const costNanoUsd = costOf(jobs);
  const { inserted, updated, unchanged, failed, progress } = ended;
  claim('each kill found it in the middle', seen.filter((rows) => rows > 0 && rows < jobs).length, kills);
  claim('the ingestion completes', [ended.state, ended.failure], ['completed', null]);
  claim('every row is done', [progress.rows, progress.total, progress.percent], [jobs, jobs, 100]);
  claim('every job was inserted, once', { inserted, updated, unchanged, failed }, whole(jobs));
  claim('the cost is the file’s', fromUsd(ended.costUsd), costNanoUsd);
  const list = await client.get<{ total: number }>('/jobs?limit=1');
  claim('so many jobs are listed', list.total, jobs);
  const counted = await until(
    () => client.get<{ total: { total_jobs: number; total_cost: number } }>(`/costs/daily?${SPAN}`),
    ({ total }) => total.total_jobs >= jobs,
  );
  const { total_jobs: inLedger, total_cost: cost } = counted.total;
  claim('so many are in the ledger, at that cost', [inLedger, fromUsd(cost)], [jobs, costNanoUsd]);
  const teams = await analyzed(client);
  const sums = [teams.reduce((sum, { job_count: count }) => sum + count, 0)].concat(
    teams.reduce((sum, { total_cost_usd: usd }) => sum + fromUsd(usd), 0),
  );
  claim('so many are in the analytics, at that cost', sums, [jobs, costNanoUsd]);
  const { differences } = await client.get<{ differences: unknown[] }>('/ledger/check');
  claim('doctor finds no difference', differences, []);
  const secondsToArrive = rounded(arrivedAfter);
  return { jobs, kills, killedAtRow: seen, secondsToArrive, seconds, costUsd: costNanoUsd / 1e9 };
}

const SPAN = `start=${JOB_SPAN.start}&end=${JOB_SPAN.end}`;
const whole = (jobs: number) => ({ inserted: jobs, updated: 0, unchanged: 0, failed: 0 });

type Client = Pick<Bursar['client'], 'url' | 'key' | 'get' | 'send'>;

/** Streams a file; the API answers when it has stored it. */
async function sendFile({ url, key }: Client, csv: Readable): Promise<ApiIngestion> {
  const answer = await fetch(`${url}/api/v1/ingestions`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'text/csv' },
    body: Readable.toWeb(csv) as ReadableStream,
    duplex: 'half',
  } as RequestInit);
  if (answer.status !== 202) throw new Error(`status ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as ApiIngestion;
}

async function until<T>(look: () => Promise<T>, isSo: (seen: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + LIMIT_MS; ; await sleep(20)) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`still not so: ${JSON.stringify(seen)}`);
  }
}

/** By team, when all days are rolled up. */
async function analyzed(client: Client) {
  type Team = { job_count: number; total_cost_usd: number };
  const look = () => client.send<Team[]>('GET', `/analytics/cost/by-team?${SPAN}`);
  return (await until(look, ({ headers }) => headers.get('x-days-behind') === null)).body;
}

/** Of all jobs of a file, added without the product. */
function costOf(jobs: number): number {
  let sum = 0;
  for (const text of jobCsv(jobs))
    for (const line of text.trimEnd().split('\n'))
      if (!line.startsWith('job_id')) sum += fromUsd(Number(line.slice(line.lastIndexOf(',') + 1)));
  return sum;
}

export const ingestKill: Proof = {
  title: 'kill -9 of workers and the API while 200,000 jobs come in',
  prove: () =>
    withServers(async ({ temporalAddress, mongoUri }) => {
      const bursar = await startBursar({ temporalAddress, mongoUri });
      try {
        return await proveIngestKills(bursar, { jobs: 200_000, kills: 8, apiAfter: 4 });
      } finally {
        await bursar.stop();
      }
    }),
};
