import type { Store } from '../../store/index.ts';
import { ORG } from './database.ts';

const id = 'bat_1';
const page = { limit: 2 };
const at = new Date();
const OPTIONS = { concurrency: 1, maxRetries: 0, skipExisting: false, regenerateAll: false, model: 'm' };
const run = {
  ...{ _id: 'b1', org: ORG, kind: 'documentation', input: {}, options: OPTIONS, externalId: 'one' },
  ...{ triggeredBy: { id: 'key_1' }, requestHash: 'h' },
};
const batch = { _id: id, org: ORG, order: 'parallel', parallelism: 1, createdBy: { id: 'key_1' } } as const;

/** Every function of the repository of batches. */
export const BATCH_CALLS = {
  batches: {
    find: async (store: Store) => {
      await store.addToBatch(batch, [run], at);
      return store.batches.find(ORG, id);
    },
    list: ({ batches }: Store) => batches.list(ORG, page),
    takeTurn: ({ batches }: Store) => batches.takeTurn(ORG, id, at),
    note: ({ batches }: Store) => batches.note(ORG, id, { asked: 'h' }),
    approve: ({ batches }: Store) => batches.approve(ORG, id, { hash: 'h', by: 'key_1', at }),
    waitingForMoney: ({ batches }: Store) => batches.waitingForMoney(ORG, 1),
    unseenSince: ({ batches }: Store) => batches.unseenSince(at, 10),
    request: ({ batches }: Store) => batches.request(ORG, id, { cancelRequested: true }),
    move: async ({ batches }: Store) => [
      await batches.move(ORG, id, { state: 'running' }, at),
      await batches.move(ORG, id, { state: 'failed' }, at, 1),
    ],
  },
};

/** Those of the repository of runs that are for batches. */
export const RUN_BATCH_CALLS = {
  ofBatch: ({ runs }: Store) => runs.ofBatch(ORG, id, page),
  namesOfBatch: ({ runs }: Store) => runs.namesOfBatch(ORG, id),
  countBatch: ({ runs }: Store) => runs.countBatch(ORG, id),
  parkedOfBatch: ({ runs }: Store) => runs.parkedOfBatch(ORG, id, 1),
  moneyOfParked: ({ runs }: Store) => runs.moneyOfParked(ORG, id),
  unestimatedOfBatch: ({ runs }: Store) => runs.unestimatedOfBatch(ORG, id, 1),
  openOfBatch: ({ runs }: Store) => runs.openOfBatch(ORG, id),
  estimatesOfBatch: ({ runs }: Store) => runs.estimatesOfBatch(ORG, id),
  cancelParked: ({ runs }: Store) => runs.cancelParked(ORG, id, at),
};
