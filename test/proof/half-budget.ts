import type { ApiRun } from '../../api/run-schemas.ts';
import { connectMongo } from '../../config/connections.ts';
import { createStore } from '../../store/index.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { manifestOf } from '../support/shop.ts';
import { watchBudget } from './budget-watch.ts';
import { claim, type Proof, withServers } from './proof.ts';

const LAYERS = ['summary'];

/**
 * Many worker processes at one run whose budget is enough for about half of it: the budget is never passed,
 * the
 * run waits, and a raise lets it end.
 */
async function proveHalfBudget(bursar: Bursar, objects: number, concurrency: number) {
  const connection = await connectMongo(bursar.environment.MONGODB_URI ?? '');
  const store = createStore(connection);
  const { client } = bursar;
  const { id: projectId } = await client.upload({ manifest: manifestOf(objects) });
  const options = { model: 'offline:latencyMs=20/gpt-5-mini', concurrency };
  const request = { kind: 'documentation', input: { projectId, layers: LAYERS }, options };
  const { costUsd } = await client.post<{ costUsd: { p50: number } }>('/estimates', request);
  const amountUsd = Number((costUsd.p50 / 2).toFixed(9));
  const budget = await client.post<{ id: string }>('/budgets', {
    name: 'half',
    scope: { team: 'half' },
    period: { type: 'yearly' },
    amountUsd,
  });
  const watch = watchBudget(store, budget.id);
  const { id } = await client.post<ApiRun>('/runs', { ...request, scope: { team: 'half' } });
  const waiting = await client.until(id, ({ waitReason }) => waitReason === 'budget', 180_000);
  claim('the run says which budget it waits for', waiting.waitBudget, { id: budget.id, name: 'half' });
  claim('what it has spent is not over the amount', waiting.cost.actualUsd <= amountUsd, true);
  claim('a part of the objects is done', waiting.progress.processed > objects / 8, true);
  const beforeRaise = waiting.progress.processed;
  await client.post(`/budgets/${budget.id}/raise`, { amountUsd: 100, reason: 'the rest' });
  const ended = await client.untilEnded(id, 300_000);
  const { samples, most } = await watch.stop();
  await store.fold();
  claim('after a raise it completes', [ended.state, ended.progress.done], ['completed', objects]);
  claim('committed was never over the amount', most <= 0, true);
  claim('doctor finds no difference', (await store.checkLedger('default')).differences, []);
  const entries = await store.entries.ofRun('default', id, { limit: 100_000 });
  claim('each call has an entry', entries.length, ended.calls);
  await connection.close();
  const shares = { doneBeforeRaise: beforeRaise, spentShare: waiting.cost.actualUsd / amountUsd };
  return { objects, workers: bursar.workers.length, samples, mostOverNanoUsd: most, ...shares };
}

export const halfBudget: Proof = {
  title: '8 worker processes, 400 objects, a budget for about half of them',
  prove: () =>
    withServers(async (services) => {
      const { temporalAddress, mongoUri } = services;
      const bursar = await startBursar({ workers: 8, temporalAddress, mongoUri });
      try {
        return await proveHalfBudget(bursar, 400, 32);
      } finally {
        await bursar.stop();
      }
    }),
};
