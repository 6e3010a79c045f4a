import { join } from 'node:path';
import { connectMongo } from '../../config/connections.ts';
import { percentile } from '../../domain/percentile.ts';
import { serviceEnvironment, startServices } from '../../local/services.ts';
import { createBudgetBoard } from '../../store/budget-board.ts';
import { createStore, type Store } from '../../store/index.ts';
import { terms } from '../store/money.ts';
import { startBursar } from '../support/bursar.ts';
import { type Forked, forked } from './forked.ts';
import type { HttpLoad, HttpTimes } from './http-load.ts';
import { measureDisk } from './money-disk.ts';
import type { MoneyTask, MoneyTimes } from './money-worker.ts';
import { rounded } from './rounded.ts';

type Worker = Forked<MoneyTask, MoneyTimes>;
type Note = (line: string) => void;

const WORKERS = [1, 4, 8];
const MOST_WORKERS = 16;
/** Code that has just been loaded is several times slower than what a worker runs after a minute. */
const WARM_UP_SECONDS = 3;
const DRAW_SECONDS = 1.5;
const RACERS = 8;
const RACE_SECONDS = 1.5;
const ACQUIRES = 60;
const CHECKS = 20_000;
const HTTP = { connections: 16, perSecond: 1_000, seconds: 1.2 };
const HTTP_TRIES = 3;
/** More than all of the bench can spend. */
const PLENTY_NANO_USD = 5e15;

/**
 * What the ledger costs: draws and settlements by processes that share one hold, holds against several
 * budgets, checks within the process and over HTTP, and the space that entries take.
 */
export async function benchMoney(note: Note) {
  const services = await startServices({
    dataDir: '.bursar',
    ephemeral: true,
    headless: true,
    environment: serviceEnvironment(process.env),
    report: ({ message }) => note(message),
  });
  const connection = await connectMongo(withDatabase(services.mongoUri, 'money'), { poolSize: 16 });
  const store = createStore(connection);
  await store.initialize();
  try {
    const draws = await benchDraws(store, withDatabase(services.mongoUri, 'money'), note);
    const acquires = await benchAcquires(store);
    const checkP99Ms = await benchChecks(store);
    const httpCheckP99Ms = await benchHttp(services, note);
    const folder = services.dataFolder;
    const bytes = folder && (await measureDisk(store, 'disk', join(folder, 'mongodb')));
    return {
      ...draws,
      checkP99Ms,
      httpCheckP99Ms,
      ...acquires,
      mbPerMillionEntries: bytes ? rounded(bytes / 1e6) : null,
    };
  } finally {
    await connection.close();
    await services.stop();
  }
}

async function benchDraws(store: Store, uri: string, note: Note) {
  await newOrganization(store, 'draws', 3);
  const facts = { org: 'draws', id: 'hot:1', owner: 'hot', scope: {}, line: 'hot', number: 1, priority: 5 };
  await store.acquire({ ...facts, amount: PLENTY_NANO_USD / 2, least: 1, at: new Date() });
  const workers = await startWorkers(uri, Math.max(...WORKERS));
  try {
    const task = { do: 'draws', org: 'draws', hold: 'hot:1', seconds: DRAW_SECONDS } as const;
    await together(workers, { ...task, seconds: WARM_UP_SECONDS });
    const times: Record<string, number[]> = {};
    for (const count of WORKERS) times[count] = await together(workers.slice(0, count), task);
    const races = await together(workers, { do: 'acquires', org: 'draws', seconds: RACE_SECONDS });
    workers.push(...(await startWorkers(uri, MOST_WORKERS - workers.length)));
    times[MOST_WORKERS] = await together(workers, task);
    const perSecond = (of: number[]) => Math.round(of.length / DRAW_SECONDS);
    const drawsPerSecond = Object.fromEntries(
      Object.entries(times).map(([count, of]) => [count, perSecond(of)]),
    );
    note(`draws and settlements per second by workers: ${JSON.stringify(drawsPerSecond)}`);
    return {
      drawSettleP50Ms: rounded(percentile(times[1] ?? [], 0.5)),
      drawsPerSecond,
      acquireProcessesP99Ms: rounded(percentile(races, 0.99)),
    };
  } finally {
    for (const worker of workers) worker.end();
  }
}

function startWorkers(uri: string, count: number): Promise<Worker[]> {
  const start = () => forked<MoneyTask, MoneyTimes>('money-worker.ts', [uri]);
  return Promise.all(Array.from({ length: count }, start));
}

async function together(workers: Worker[], task: MoneyTask): Promise<number[]> {
  return (await Promise.all(workers.map((worker) => worker.ask(task)))).flatMap(({ times }) => times);
}

/** One after another against one, three and six budgets; then by racers within this process. */
async function benchAcquires(store: Store) {
  const acquireP50Ms: Record<string, number> = {};
  for (const budgets of [1, 3, 6]) {
    await newOrganization(store, `acquires${budgets}`, budgets);
    const times: number[] = [];
    for (let number = 0; number < ACQUIRES; number += 1) times.push(await acquire(store, budgets));
    acquireP50Ms[budgets] = rounded(percentile(times, 0.5));
  }
  const end = performance.now() + RACE_SECONDS * 1000;
  const races = await Promise.all(
    Array.from({ length: RACERS }, async () => {
      const times: number[] = [];
      while (performance.now() < end) times.push(await acquire(store, 3));
      return times;
    }),
  );
  return { acquireP50Ms, acquireRacersP99Ms: rounded(percentile(races.flat(), 0.99)) };
}

let acquired = 0;

/** @returns how long it took, in milliseconds. */
async function acquire(store: Store, budgets: number): Promise<number> {
  acquired += 1;
  const startedAt = performance.now();
  const [org, id] = [`acquires${budgets}`, `hold${acquired}`];
  const facts = { org, id, owner: id, scope: {}, line: id, number: 1, amount: 1_000, least: 1_000 };
  const result = await store.acquire({ ...facts, priority: 5, at: new Date() });
  if (!('granted' in result)) throw new Error('nothing was granted');
  return performance.now() - startedAt;
}

async function benchChecks(store: Store): Promise<number> {
  const board = createBudgetBoard(store);
  const times: number[] = [];
  for (let number = 0; number < CHECKS; number += 1) {
    const startedAt = performance.now();
    await board.check('acquires6', { scope: { queue: 'reports' }, priority: 5, at: new Date() });
    times.push(performance.now() - startedAt);
  }
  return rounded(percentile(times, 0.99));
}

/** The best of three, for other programs of the machine are measured with it. */
async function benchHttp(servers: { temporalAddress: string; mongoUri: string }, note: Note) {
  const bursar = await startBursar({ ...servers, workers: 0 });
  const generator = await forked<HttpLoad, HttpTimes>('http-load.ts');
  try {
    for (let budget = 0; budget < 6; budget += 1) {
      const { name, currency, thresholds } = terms(0, { name: `budget ${budget}` });
      const body = { name, currency, thresholds, scope: {}, period: { type: 'monthly' }, amountUsd: 1_000 };
      await bursar.client.post('/budgets', body);
    }
    const { url, key } = bursar.client;
    const load = {
      url: `${url}/api/v1/budgets/check`,
      key,
      body: '{"queue":"reports","priority":5}',
      ...HTTP,
    };
    await generator.ask({ ...load, seconds: 0.5 });
    const tries: number[] = [];
    for (let turn = 0; turn < HTTP_TRIES; turn += 1) {
      const { times, failed } = await generator.ask(load);
      if (failed > 0) throw new Error(`${failed} checks failed`);
      tries.push(percentile(times, 0.99));
      note(`HTTP: ${times.length} checks, p99 ${rounded(tries.at(-1) ?? 0)} ms`);
    }
    return rounded(Math.min(...tries));
  } finally {
    generator.end();
    await bursar.stop();
  }
}

async function newOrganization(store: Store, org: string, budgets: number): Promise<void> {
  await store.organizations.ensure(org, org);
  for (let number = 0; number < budgets; number += 1) {
    const id = `bud_${org}${number}`;
    await store.budgets.create(org, id, terms(PLENTY_NANO_USD, { name: id }), 'key_1', new Date());
  }
}

function withDatabase(uri: string, database: string): string {
  const url = new URL(uri);
  url.pathname = `/${database}`;
  return url.toString();
}
