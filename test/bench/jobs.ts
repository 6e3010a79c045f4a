import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { invalidInput } from '../../domain/errors.ts';
import { percentile } from '../../domain/percentile.ts';
import { serviceEnvironment, startServices } from '../../local/services.ts';
import { startBursar } from '../support/bursar.ts';
import { JOB_SPAN, jobCsv } from './job-csv.ts';
import { bytesIn, settleDown } from './money-disk.ts';
import { rounded } from './rounded.ts';

type Client = Awaited<ReturnType<typeof startBursar>>['client'];
type Note = (line: string) => void;

const JOBS = 1_000_000;
const REQUESTS = 120;

/**
 * What a year of jobs costs: how fast they come in through the API and how much memory that takes, how
 * fast it says what they have cost, and the space that they take with ledger, roll-ups and indexes.
 */
export async function benchJobs(note: Note, args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      count: { type: 'string', default: String(JOBS) },
      scattered: { type: 'boolean', default: false },
      json: { type: 'boolean' },
    },
  });
  const count = Number(values.count);
  if (!Number.isSafeInteger(count) || count < 1)
    throw invalidInput('--count must be a whole number over 0', [
      { field: '--count', problem: 'must be a whole number over 0' },
    ]);
  const services = await startServices({
    dataDir: '.bursar',
    ephemeral: true,
    headless: true,
    environment: serviceEnvironment(process.env),
    report: ({ message }) => note(message),
  });
  const { temporalAddress, mongoUri, dataFolder } = services;
  const folder = dataFolder && join(dataFolder, 'mongodb');
  const bursar = await startBursar({ temporalAddress, mongoUri, workers: 0 });
  try {
    await settleDown();
    const before = folder && bytesIn(folder);
    const seconds = await ingest(bursar.client, jobCsv(count, values.scattered), count);
    note(`${count} jobs in ${rounded(seconds)} s`);
    const peakRssMb = peakRssMbOf(bursar.apis[0]?.pid ?? 0);
    await untilCounted(bursar.client, count, note);
    await untilRolledUp(bursar.client, note);
    const byModelP95Ms = await timesOf(bursar.client, 'by-model');
    const byTeamP95Ms = await timesOf(bursar.client, 'by-team');
    await settleDown();
    const bytes = folder && bytesIn(folder) - Number(before);
    return {
      jobsPerSecond: Math.round(count / seconds),
      peakRssMb,
      byModelP95Ms,
      byTeamP95Ms,
      bytesPerJob: bytes ? rounded(bytes / count) : null,
    };
  } finally {
    await bursar.stop();
    await services.stop();
  }
}

/** @returns how long it took until the API had all of them, in seconds. */
async function ingest({ url, key }: Client, csv: Generator<string>, count: number): Promise<number> {
  const startedAt = performance.now();
  const response = await fetch(`${url}/api/v1/jobs/ingest`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'text/csv' },
    body: Readable.toWeb(Readable.from(csv)) as ReadableStream,
    duplex: 'half',
  } as RequestInit);
  const text = await response.text();
  if (!response.ok) throw new Error(`status ${response.status}: ${text.slice(0, 500)}`);
  const { inserted } = JSON.parse(text) as { inserted: number };
  if (inserted !== count) throw new Error(`${inserted} of ${count} were inserted: ${text.slice(0, 500)}`);
  return (performance.now() - startedAt) / 1000;
}

/** Every job has a cost, so the daily costs have as many when the fold is through. */
async function untilCounted(client: Client, count: number, note: Note): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    const { total } = await client.get<{ total: { total_jobs: number } }>(
      `/costs/daily?start=${JOB_SPAN.start}&end=${JOB_SPAN.end}`,
    );
    if (total.total_jobs === count) break;
    await sleep(1_000);
  }
  note(`all costs were counted ${rounded((performance.now() - startedAt) / 1000)} s later`);
}

async function untilRolledUp(client: Client, note: Note): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    const { headers } = await client.send('GET', pathOf('by-model'));
    const behind = headers.get('x-days-behind');
    if (behind === null) break;
    note(`${behind} days are not rolled up yet`);
  }
  note(`all days were rolled up ${rounded((performance.now() - startedAt) / 1000)} s later`);
}

async function timesOf(client: Client, what: string): Promise<number> {
  const times: number[] = [];
  for (let number = 0; number < REQUESTS; number += 1) {
    const startedAt = performance.now();
    await client.get(pathOf(what));
    times.push(performance.now() - startedAt);
  }
  return rounded(percentile(times, 0.95));
}

function pathOf(what: string): string {
  return `/analytics/cost/${what}?start=${JOB_SPAN.start}&end=${JOB_SPAN.end}`;
}

/** The most that a process has held in memory since it began; null where the system does not say it. */
function peakRssMbOf(pid: number): number | null {
  try {
    const [, kilobytes] = /VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? null : rounded((Number(kilobytes) * 1024) / 1e6);
  } catch {
    return null;
  }
}
