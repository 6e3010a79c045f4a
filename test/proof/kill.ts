import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiRun } from '../../api/run-schemas.ts';
import type { LocalServices } from '../../local/services.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { itemsOf, PROVIDER_MODEL, type Provider, startProvider } from '../support/provider.ts';
import { manifestOf } from '../support/shop.ts';
import { claim, type Proof, withServers } from './proof.ts';

/** What is killed, and how it comes back. */
type Victim = (bursar: Bursar) => Promise<void>;

export interface KillOptions {
  objects: number;
  kills: number;
  concurrency: number;
  /** Each call to the provider takes this long, so that some are in flight at each kill. */
  callMs: number;
}

const LAYERS = 6;
const ENDED = ['completed', 'completed_with_errors', 'failed', 'cancelled', 'rejected'];

/** The worker's process; a new one starts at once, as a supervisor would do it. */
export const killWorker: Victim = async (bursar) => {
  await bursar.workers.pop()?.kill();
  bursar.workers.push(await bursar.startWorker());
};

/** A server of ours; `startServices` starts it again on the same port and data. */
export function killServer(services: LocalServices, name: 'temporal' | 'mongodb'): Victim {
  return async () => {
    const { [name]: pid } = services.pids;
    if (pid === undefined) throw new Error(`${name} does not run`);
    process.kill(pid, 'SIGKILL');
    for (const deadline = Date.now() + 60_000; ; await sleep(50)) {
      if (services.pids[name] !== pid && services.pids[name] !== undefined) return;
      if (Date.now() > deadline) throw new Error(`${name} was not started again within a minute`);
    }
  };
}

/**
 * Documents objects through a provider in a process of its own, kills in mid-run, and checks that the run
 * completes, that nothing is lost, and that nothing was generated twice but calls in flight at a kill.
 */
export async function proveKills(bursar: Bursar, provider: Provider, victim: Victim, options: KillOptions) {
  const { objects, kills, concurrency, callMs } = options;
  await provider.setFaults({ every: 1, delayMs: callMs });
  const before = await provider.calls();
  const manifest = manifestOf(objects);
  const { id: projectId } = await bursar.client.upload({ manifest }, { name: `kills ${Math.random()}` });
  const run = await bursar.client.startRun({ projectId }, { model: PROVIDER_MODEL, concurrency });
  const expected = objects * LAYERS;
  for (let kill = 1; kill <= kills; kill += 1) {
    const reached = before.count + Math.floor((expected * kill) / (kills + 1));
    await untilCalled(provider, reached);
    await victim(bursar);
  }
  const ended = await untilEnded(bursar, run.id);
  const after = await provider.calls();
  const calls = after.count - before.count;
  // The same prompts may have been asked for by an earlier run.
  const repeated = Object.entries(after.byHash)
    .map(([hash, count]) => count - (before.byHash[hash] ?? 0) - 1)
    .reduce((sum, again) => sum + Math.max(0, again), 0);
  const items = await itemsOf(bursar.client, run);
  const logs = await bursar.client.get<{ total: number }>(`/runs/${run.id}/logs?limit=1`);
  const documents = await bursar.client.get<{ total: number }>(`/runs/${run.id}/documents?limit=1`);
  claim('no object fails', ended.errorLog.errors.slice(0, 3), []);
  claim('the run completes', ended.state, 'completed');
  claim('no object is lost', items.filter(({ state }) => state === 'done').length, objects);
  claim('the counters equal the items', ended.progress.done, objects);
  claim('no failure is counted', ended.progress.failed, 0);
  claim('each object has a row for each layer', logs.total, expected);
  claim('each object has one document', documents.total, objects);
  claim('every step was asked for once', calls - repeated, expected);
  claim(`at most the calls in flight are repeated (${repeated})`, repeated <= kills * concurrency, true);
  return { objects, kills, layers: expected, calls, repeated, seconds: secondsOf(ended) };
}

export async function untilCalled(provider: Provider, count: number): Promise<void> {
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; await sleep(20))
    if ((await provider.calls()).count >= count) return;
  throw new Error(`the provider was not called ${count} times within two minutes`);
}

export function secondsOf(run: ApiRun): number {
  return (Date.parse(run.endedAt ?? '') - Date.parse(run.createdAt)) / 1000;
}

/** Asks on while the API cannot answer, because its database is down. */
async function untilEnded(bursar: Bursar, id: string): Promise<ApiRun> {
  for (const deadline = Date.now() + 600_000; Date.now() < deadline; await sleep(200)) {
    const { status, body } = await bursar.client.send<ApiRun>('GET', `/runs/${id}`);
    if (status === 200 && ENDED.includes(body.state)) return body;
  }
  throw new Error('the run has not ended within ten minutes');
}

const FULL: KillOptions = { objects: 120, kills: 4, concurrency: 8, callMs: 100 };

function killProof(title: string, victimOf: (services: LocalServices) => Victim): Proof {
  return {
    title,
    prove: () =>
      withServers(async (services) => {
        const provider = await startProvider();
        const bursar = await startBursar({
          temporalAddress: services.temporalAddress,
          mongoUri: services.mongoUri,
          environment: provider.environment,
        });
        try {
          return await proveKills(bursar, provider, victimOf(services), FULL);
        } finally {
          await Promise.all([bursar.stop(), provider.stop()]);
        }
      }),
  };
}

export const killProofs: Record<string, Proof> = {
  'kill-worker': killProof('kill -9 of the worker in mid-run', () => killWorker),
  'kill-temporal': killProof('kill -9 of the Temporal server in mid-run', (services) =>
    killServer(services, 'temporal'),
  ),
  'kill-mongodb': killProof('kill -9 of MongoDB in mid-run', (services) => killServer(services, 'mongodb')),
};
