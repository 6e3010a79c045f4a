import { createWorkerWatch } from '../../api/watch-workers.ts';
import { createLogger } from '../../config/logger.ts';
import { createNotifier } from '../../gateways/notify/notifier.ts';
import { createChannelBook } from '../../store/channel-book.ts';
import { newRun, newStore, type OpenedStore, ORG } from '../store/database.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';

let opened: OpenedStore;
let receiver: Receiver;
let workers: number | null = 0;

beforeAll(async () => {
  [opened, receiver] = await Promise.all([newStore(), startReceiver()]);
});
afterAll(async () => {
  receiver.stop();
  await opened.close();
});

/** One look by one of several APIs. */
function look() {
  const { store } = opened;
  const target = `${receiver.url}/hook`;
  const hook = { id: 'chn_hook', org: ORG, name: 'hook', type: 'webhook' as const, target, events: [] };
  const rest = {
    minimumSeverity: 'info' as const,
    enabled: true,
    digest: 'off' as const,
    maximumPerHour: 60,
  };
  const book = createChannelBook(store, [{ ...hook, ...rest, metadata: {}, source: 'configuration' }]);
  const log = createLogger('test', 'silent');
  const notifier = createNotifier({
    slack: { apiUrl: target, organization: ORG },
    allowPrivateWebhooks: true,
    log,
  });
  const health = async () => ({ mongodb: true, temporal: true, temporalAddress: 'x', workers });
  return createWorkerWatch({
    store,
    health,
    channels: { book, notifier, problemOf: async () => undefined },
  })();
}
const alerts = async () =>
  (await opened.store.alerts.list(ORG, { type: 'worker_missing' }, { limit: 10 })).rows.map(
    ({ state }) => state,
  );

test('that no worker is running is told by one of many APIs, once, and is over when one comes', async () => {
  await opened.store.organizations.ensure(ORG, 'Org');
  await look();
  expect(await alerts()).toEqual([]);
  const { _id } = await newRun(opened, 'old', ORG);
  const createdAt = new Date(Date.now() - 120_000);
  await opened.store.runs.model.updateOne({ _id, org: ORG }, { $set: { createdAt } });
  workers = null;
  await look();
  expect(await alerts()).toEqual([]);
  workers = 0;
  await Promise.all([look(), look(), look(), look()]);
  await look();
  expect(await alerts()).toEqual(['open']);
  expect(receiver.received.map(({ body }) => JSON.parse(body).type)).toEqual(['worker_missing']);
  workers = 1;
  await look();
  expect(await alerts()).toEqual(['resolved']);
  const due = await opened.store.alerts.takeDue(new Date(), 1);
  expect(due).toMatchObject({ type: 'worker_missing', state: 'resolved', round: 1 });
});
