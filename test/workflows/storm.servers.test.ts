import { proveStorm } from '../proof/storm.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { type Provider, startProvider } from '../support/provider.ts';

let provider: Provider;
let bursar: Bursar;
beforeAll(async () => {
  provider = await startProvider();
  bursar = await startBursar({ workers: 3, environment: provider.environment });
}, 90_000);
afterAll(() => Promise.all([bursar?.stop(), provider?.stop()]));

test('three workers use what a provider allows, and never ask while it says to wait', async () => {
  await proveStorm(bursar, provider, { objects: 90, requests: 20, windowMs: 3_000, concurrency: 12 });
}, 120_000);
