import { startBursar } from '../support/bursar.ts';
import { itemsOf, PROVIDER_MODEL, startProvider } from '../support/provider.ts';
import { manifestOf } from '../support/shop.ts';
import { killWorker, untilCalled } from './kill.ts';
import { claim, type Proof, withServers } from './proof.ts';

const CRASHES = 3;
const OBJECTS = 3;

/** An object at which the process dies each time is given up; the others are done. */
export const crashLoop: Proof = {
  title: 'an object at which the process dies three times is given up, and the others are done',
  prove: () =>
    withServers(async ({ temporalAddress, mongoUri }) => {
      const provider = await startProvider();
      const { environment } = provider;
      const bursar = await startBursar({ temporalAddress, mongoUri, environment });
      try {
        await provider.setFaults({ next: CRASHES, hang: true });
        const manifest = manifestOf(OBJECTS, { parents: false });
        const { id: projectId } = await bursar.client.upload({ manifest });
        const options = { model: PROVIDER_MODEL, concurrency: 1, maxRetries: 0 };
        const run = await bursar.client.startRun({ projectId, layers: ['summary'] }, options);
        for (let crash = 1; crash <= CRASHES; crash += 1) {
          await untilCalled(provider, crash);
          await killWorker(bursar);
        }
        const ended = await bursar.client.untilEnded(run.id, 60_000);
        const [first, ...others] = await itemsOf(bursar.client, run);
        claim('the run completes with errors', ended.state, 'completed_with_errors');
        claim('the object is failed', first?.state, 'failed');
        claim('for its crashes', ended.errorLog.errors[0]?.code, 'item_crashed');
        claim(
          'the others are done',
          others.map(({ state }) => state),
          others.map(() => 'done'),
        );
        claim('it was not called for a fourth time', (await provider.calls()).count, CRASHES + OBJECTS - 1);
        return { crashes: CRASHES, calls: (await provider.calls()).count };
      } finally {
        await Promise.all([bursar.stop(), provider.stop()]);
      }
    }),
};
