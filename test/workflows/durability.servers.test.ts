import type { ApiRun } from '../../api/run-schemas.ts';
import type { LocalServices } from '../../local/services.ts';
import { killServer, killWorker, proveKills } from '../proof/kill.ts';
import { ownServers } from '../proof/proof.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { PROVIDER_MODEL, type Provider, startProvider } from '../support/provider.ts';
import { SHOP } from '../support/shop.ts';

const SMALL = { objects: 12, kills: 1, concurrency: 4, callMs: 60 };

let services: LocalServices;
let provider: Provider;
let bursar: Bursar;

// These servers are killed, so they cannot be those of the other tests.
beforeAll(async () => {
  [services, provider] = await Promise.all([ownServers(), startProvider()]);
  const { temporalAddress, mongoUri } = services;
  bursar = await startBursar({ temporalAddress, mongoUri, environment: provider.environment });
}, 90_000);

afterAll(async () => {
  await Promise.all([bursar?.stop(), provider?.stop()]);
  await services?.stop();
});

test('after kill -9 of the Temporal server the run completes, no stored layer generated again', async () => {
  const { repeated } = await proveKills(bursar, provider, killServer(services, 'temporal'), SMALL);
  expect(repeated).toBeLessThanOrEqual(SMALL.concurrency);
});

test('after kill -9 of MongoDB the run completes, no stored layer generated again', async () => {
  const { repeated } = await proveKills(bursar, provider, killServer(services, 'mongodb'), SMALL);
  expect(repeated).toBeLessThanOrEqual(SMALL.concurrency);
});

test('after kill -9 of the worker the run completes, no stored layer generated again', async () => {
  const { repeated } = await proveKills(bursar, provider, killWorker, SMALL);
  expect(repeated).toBeLessThanOrEqual(SMALL.concurrency);
});

test('a worker that is stopped in order gives its objects back, and another goes on at once', async () => {
  await provider.setFaults({ every: 1, delayMs: 60 });
  const { id: projectId } = await bursar.client.upload(SHOP, { name: 'stopped in order' });
  const run = await bursar.client.startRun({ projectId }, { model: PROVIDER_MODEL });
  await bursar.client.until(run.id, ({ progress }) => progress.done >= 2);
  const [successor] = await Promise.all([bursar.startWorker(), bursar.workers.pop()?.stop()]);
  bursar.workers.push(successor);
  const stoppedAt = Date.now();
  const ended = await bursar.client.untilEnded(run.id);
  expect([ended.state, ended.progress.done]).toEqual(['completed', 15]);
  // Sooner than a heartbeat time-out of fifteen seconds would notice.
  expect(Date.now() - stoppedAt).toBeLessThan(14_000);
});

test('a change that no worker answers is told as such, and the run goes on when one is there', async () => {
  await bursar.workers.pop()?.kill();
  const { id: projectId } = await bursar.client.upload(SHOP, { name: 'without a worker' });
  const run = await bursar.client.startRun({ projectId, layers: ['summary'] });
  const change = { concurrency: 8 };
  const answer = await bursar.client.send<{ error: { code: string } }>(
    'PUT',
    `/runs/${run.id}/concurrency`,
    change,
  );
  expect([answer.status, answer.body.error.code]).toEqual([503, 'worker_missing']);
  const waiting = await bursar.client.get<ApiRun>(`/runs/${run.id}`);
  expect([waiting.state, waiting.options.concurrency]).toEqual(['queued', 4]);
  bursar.workers.push(await bursar.startWorker());
  expect((await bursar.client.untilEnded(run.id)).state).toBe('completed');
});
