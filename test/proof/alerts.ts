import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiAlert } from '../../api/alert-view.ts';
import { type Bursar, type Program, startBursar } from '../support/bursar.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { manifestOf } from '../support/shop.ts';
import { claim, type Proof, withServers } from './proof.ts';

const SHARES = [0.2, 0.4, 0.6];
const LIMIT_MS = 180_000;
/** How long the receiver takes to answer: long enough for a process to die meanwhile. */
const ANSWER_MS = 300;

export interface AlertsOptions {
  rounds: number;
  objects: number;
  /** Workers that are killed while a notice is under way, in each round. */
  kills: number;
}

type Body = { data: { alertId: string } };

/**
 * In each round a run by all workers takes its budget over three thresholds, and workers die while the
 * notices are on their way: there are exactly three alerts, and each arrives under one id.
 */
export async function proveAlerts(bursar: Bursar, receiver: Receiver, options: AlertsOptions) {
  const { client } = bursar;
  await client.post('/channels', {
    ...{ name: 'hook', type: 'webhook', target: `${receiver.url}/hook`, events: ['budget_threshold'] },
  });
  receiver.answer((response) => setTimeout(() => response.end(), ANSWER_MS));
  const { id: projectId } = await client.upload({ manifest: manifestOf(options.objects) });
  const workers: Program[] = [...bursar.workers];
  let killed = 0;
  for (let round = 0; round < options.rounds; round += 1) {
    const before = receiver.received.length;
    const budget = await spendUnderBudget(bursar, projectId, `round-${round}`);
    await until(() => receiver.received.length > before, 'no notice has come');
    for (; killed < (round + 1) * options.kills; killed += 1) {
      await workers.shift()?.kill();
      workers.push(await bursar.startWorker());
    }
    const alerts = await untilDelivered(bursar, budget);
    const shares = alerts.map(({ data }) => data.threshold).toSorted();
    claim(`round ${round}: three thresholds make three alerts`, shares, SHARES);
  }
  await sleep(5_000);
  for (const worker of workers) if (!bursar.workers.includes(worker)) await worker.kill();
  const ids = new Map<string, Set<unknown>>();
  for (const { body, headers } of receiver.received) {
    const { alertId } = (JSON.parse(body) as Body).data;
    ids.set(alertId, (ids.get(alertId) ?? new Set()).add(headers['webhook-id']));
  }
  claim('each alert has arrived', ids.size, 3 * options.rounds);
  claim(
    'each under one id, however often',
    [...ids.values()].filter(({ size }) => size !== 1),
    [],
  );
  const repeated = receiver.received.length - ids.size;
  return { workers: bursar.workers.length, rounds: options.rounds, killed, alerts: ids.size, repeated };
}

/** A run that costs over 60 % of a budget of its own. @returns the budget. */
async function spendUnderBudget({ client }: Bursar, projectId: string, team: string): Promise<string> {
  const input = { projectId, layers: ['summary'] };
  const options = { model: 'offline/gpt-5-mini', concurrency: 32, regenerateAll: true };
  const request = { kind: 'documentation', input, options };
  const { costUsd } = await client.post<{ costUsd: { p90: number } }>('/estimates', request);
  const terms = { name: team, scope: { team }, period: { type: 'yearly' }, alertAt: SHARES };
  const policy = { warnOnly: true };
  const amountUsd = Number((costUsd.p90 / 2).toFixed(9));
  const { id } = await client.post<{ id: string }>('/budgets', { ...terms, policy, amountUsd });
  await client.post('/runs', { ...request, scope: { team } });
  return id;
}

async function untilDelivered({ client }: Bursar, budget: string): Promise<ApiAlert[]> {
  const path = `/alerts?type=budget_threshold&budget=${budget}`;
  let alerts: ApiAlert[] = [];
  await until(async () => {
    ({ alerts } = await client.get<{ alerts: ApiAlert[] }>(path));
    if (alerts.length < SHARES.length) return false;
    const details = alerts.map(({ id }) => client.get<{ deliveries: { state: string }[] }>(`/alerts/${id}`));
    return (await Promise.all(details)).every(({ deliveries }) => deliveries[0]?.state === 'sent');
  }, `the alerts of ${budget} were not delivered`);
  return alerts;
}

async function until(holds: () => boolean | Promise<boolean>, otherwise: string): Promise<void> {
  for (const deadline = Date.now() + LIMIT_MS; !(await holds()); await sleep(100))
    if (Date.now() > deadline) throw new Error(otherwise);
}

export const ALERTS_ENVIRONMENT = { BURSAR_ALLOW_PRIVATE_WEBHOOKS: 'true' };

export const alertsProof: Proof = {
  title: '8 workers take 5 budgets over three thresholds each, and half of them are killed meanwhile',
  prove: () =>
    withServers(async ({ temporalAddress, mongoUri }) => {
      const receiver = await startReceiver();
      const servers = { temporalAddress, mongoUri, environment: ALERTS_ENVIRONMENT };
      const bursar = await startBursar({ workers: 8, apis: 2, ...servers });
      try {
        return await proveAlerts(bursar, receiver, { rounds: 5, objects: 200, kills: 4 });
      } finally {
        await bursar.stop();
        receiver.stop();
      }
    }),
};
