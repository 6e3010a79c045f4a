import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiRun } from '../../api/run-schemas.ts';
import { connectMongo } from '../../config/connections.ts';
import type { LocalServices } from '../../local/services.ts';
import { createStore } from '../../store/index.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { PROVIDER_MODEL, type Provider, startProvider } from '../support/provider.ts';
import { manifestOf } from '../support/shop.ts';
import { watchBudget } from './budget-watch.ts';
import { judge } from './chaos-judge.ts';
import { killServer } from './kill.ts';
import { type Proof, withServers } from './proof.ts';
import { type Api, apiOf } from './stubborn-api.ts';

export interface ChaosOptions {
  objects: number;
  rounds: number;
  concurrency: number;
  callMs: number;
  /** How long between one kill's repair and the next. */
  restMs: number;
  seed: number;
}

const VICTIMS = ['worker', 'api', 'mongodb', 'temporal'] as const;
const LAYERS = ['summary', 'business'];

/**
 * kill -9 of random processes during a run whose budget is too small for it. Afterwards the ledger must add
 * up, each call that reached the provider must have its one entry, and the budget was never passed.
 */
export async function proveChaos(
  services: LocalServices,
  bursar: Bursar,
  provider: Provider,
  options: ChaosOptions,
) {
  const { objects, rounds, concurrency, callMs } = options;
  const connection = await connectMongo(bursar.environment.MONGODB_URI ?? '');
  const store = createStore(connection);
  const api = apiOf(bursar);
  await provider.setFaults({ every: 1, delayMs: callMs });
  const { id: projectId } = await bursar.client.upload({ manifest: manifestOf(objects) });
  const request = { kind: 'documentation', input: { projectId, layers: LAYERS }, scope: { team: 'chaos' } };
  const run = await tightRun(api, request, concurrency);
  const watch = watchBudget(store, run.budget);
  const kills = await killAll(services, bursar, api, run.id, options);
  await api.insist('POST', `/budgets/${run.budget}/raise`, { amountUsd: 10, reason: 'the end of the proof' });
  const ended = await api.untilEnded(run.id, rounds * 20_000 + 120_000);
  const passed = await watch.stop();
  const figures = await judge({ store, provider, ended, kills, concurrency, passed });
  await connection.close();
  return { objects, rounds, kills: count(kills), ...figures };
}

/** A run that is estimated, and a budget of about a third of that. */
async function tightRun(api: Api, request: object, concurrency: number) {
  const options = { model: PROVIDER_MODEL, concurrency };
  const estimate = await api.insist<{ costUsd: { p50: number } }>('POST', '/estimates', {
    ...request,
    options,
  });
  const amountUsd = Number((estimate.costUsd.p50 / 3).toFixed(9));
  const budget = await api.insist<{ id: string }>('POST', '/budgets', {
    name: 'tight',
    scope: { team: 'chaos' },
    period: { type: 'yearly' },
    amountUsd,
  });
  const run = await api.insist<ApiRun>('POST', '/runs', { ...request, options });
  return { id: run.id, budget: budget.id, amountUsd };
}

async function killAll(
  services: LocalServices,
  bursar: Bursar,
  api: Api,
  run: string,
  { rounds, restMs, seed }: ChaosOptions,
): Promise<string[]> {
  const random = randomFrom(seed);
  const kills: string[] = [];
  const killedAt: Record<string, number[]> = {};
  let raised = false;
  for (let round = 0; round < rounds; round += 1) {
    const able = VICTIMS.filter((name) => mayDie(killedAt[name]));
    const victim = able[Math.floor(random() * able.length)] ?? 'worker';
    kills.push(victim);
    killedAt[victim] = [...(killedAt[victim] ?? []), Date.now()];
    if (victim === 'api') await api.kill();
    else if (victim === 'worker') await killOneWorker(bursar, random);
    else await killServer(services, victim)(bursar);
    await sleep(restMs * (0.5 + random()));
    // Half way the money is raised a little, so that there is work to be killed in again.
    if (!raised && round >= rounds / 2) {
      raised = true;
      const { waitBudget } = await api.insist<ApiRun>('GET', `/runs/${run}`);
      if (waitBudget?.id) await api.insist('POST', `/budgets/${waitBudget.id}/raise`, RAISE);
    }
  }
  return kills;
}

/** A server that dies more than five times a minute is given up by those who start it again. */
function mayDie(killedAt: number[] = []): boolean {
  return killedAt.filter((at) => at > Date.now() - 70_000).length < 4;
}

const RAISE = { amountUsd: 0.01, reason: 'half way' };

async function killOneWorker(bursar: Bursar, random: () => number): Promise<void> {
  const at = Math.floor(random() * bursar.workers.length);
  await bursar.workers[at]?.kill();
  bursar.workers[at] = await bursar.startWorker();
}

function count(names: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** The same numbers for the same seed (Park and Miller's generator). */
function randomFrom(seed: number): () => number {
  let state = seed % 2_147_483_647 || 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

export async function startChaos(services: LocalServices) {
  const provider = await startProvider();
  const bursar = await startBursar({
    workers: 2,
    temporalAddress: services.temporalAddress,
    mongoUri: services.mongoUri,
    environment: provider.environment,
  });
  return { bursar, provider, stop: () => Promise.all([bursar.stop(), provider.stop()]) };
}

export const chaos: Proof = {
  title: '30 rounds of kill -9 on random processes during a run with a tight budget',
  prove: () =>
    withServers(async (services) => {
      const { bursar, provider, stop } = await startChaos(services);
      try {
        const seed = Number(process.env.BURSAR_PROOF_SEED ?? Date.now() % 1_000_000);
        const options = { objects: 400, rounds: 30, concurrency: 8, callMs: 100, restMs: 1_500, seed };
        return { seed, ...(await proveChaos(services, bursar, provider, options)) };
      } finally {
        await stop();
      }
    }),
};
