import { type Bursar, startBursar } from '../support/bursar.ts';
import { PROVIDER_MODEL, type Provider, startProvider } from '../support/provider.ts';
import { manifestOf } from '../support/shop.ts';
import { claim, type Proof, withServers } from './proof.ts';

export interface StormOptions {
  objects: number;
  /** What the provider lets through in a window. */
  requests: number;
  windowMs: number;
  concurrency: number;
}

interface Limits {
  limits: { model: string; bursts: number; concurrency: { allowed: number } }[];
}

/**
 * More work than a provider lets through, by several workers: nothing fails, nobody asks while the key is
 * closed, and what is allowed is used.
 */
export async function proveStorm(bursar: Bursar, provider: Provider, options: StormOptions) {
  const { objects, requests, windowMs, concurrency } = options;
  const { client } = bursar;
  const { id: projectId } = await client.upload({ manifest: manifestOf(objects) });
  await provider.setFaults([{ every: 1, delayMs: 20 }]);
  await provider.setLimit({ requests, windowMs });
  const input = { projectId, layers: ['summary'] };
  const { id } = await client.startRun(input, { model: PROVIDER_MODEL, concurrency });
  const ended = await client.untilEnded(id, (objects / requests + 3) * windowMs + 120_000);
  const figures = await provider.limitFigures();
  const { limits } = await client.get<Limits>('/providers/limits');
  const cuts = limits.find(({ model }) => model === PROVIDER_MODEL)?.bursts ?? -1;
  claim('no object has failed', [ended.state, ended.progress.done], ['completed', objects]);
  claim('each object was asked for once', figures.admitted, objects);
  claim('there were bursts of refusals', figures.bursts > 0, true);
  claim('concurrency was cut at most once per burst', cuts <= figures.bursts, true);
  claim('only what had its place was refused', figures.refused <= figures.bursts * concurrency, true);
  claim('nobody asked while the key was closed', figures.whileClosed, 0);
  claim('at least 85 % of what is allowed was used', (figures.usedShare ?? 0) >= 0.85, true);
  return { objects, workers: bursar.workers.length, cuts, ...figures };
}

export const storm: Proof = {
  title: '300 objects by 3 workers at a provider that allows 60 requests a minute',
  prove: () =>
    withServers(async ({ temporalAddress, mongoUri }) => {
      const provider = await startProvider();
      const { environment } = provider;
      const bursar = await startBursar({ workers: 3, temporalAddress, mongoUri, environment });
      try {
        const options = { objects: 300, requests: 60, windowMs: 60_000, concurrency: 24 };
        return await proveStorm(bursar, provider, options);
      } finally {
        await Promise.all([bursar.stop(), provider.stop()]);
      }
    }),
};
