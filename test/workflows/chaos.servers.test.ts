import type { LocalServices } from '../../local/services.ts';
import { proveChaos, startChaos } from '../proof/chaos.ts';
import { ownServers } from '../proof/proof.ts';

let services: LocalServices;
let started: Awaited<ReturnType<typeof startChaos>>;

// These servers are killed, so they cannot be those of the other tests.
beforeAll(async () => {
  services = await ownServers();
  started = await startChaos(services);
}, 90_000);

afterAll(async () => {
  await started?.stop();
  await services?.stop();
});

test('kill -9 at random under a tight budget: each call has its entry, all sums agree', async () => {
  const options = { objects: 40, rounds: 5, concurrency: 4, callMs: 60, restMs: 600, seed: 4 };
  const figures = await proveChaos(services, started.bursar, started.provider, options);
  expect(figures.samples).toBeGreaterThan(10);
}, 180_000);
