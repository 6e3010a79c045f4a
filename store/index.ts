import type { Connection } from 'mongoose';
import { type CostModel, DEFAULT_COST_MODEL } from '../domain/costing/cost-model.ts';
import { createAccounts } from './accounts.ts';
import { createArchive } from './archive.ts';
import { createBatchWrites } from './batch-writes.ts';
import { createCollections } from './collections.ts';
import { createJobAnalytics } from './job-analytics.ts';
import { createLedger } from './ledger.ts';
import { createOperations } from './operations.ts';
import { createRetention } from './retention.ts';
import { createTelemetry } from './telemetry.ts';

export type Store = ReturnType<typeof createStore>;

/** There may be millions of them, and MongoDB's own choice of a compressor takes half as much space again. */
const COMPRESSED: ReadonlySet<string> = new Set([
  'entries',
  'daily_costs',
  'jobs',
  'job_days',
  'job_day_rows',
]);
const ZLIB = { storageEngine: { wiredTiger: { configString: 'block_compressor=zlib' } } };

/**
 * All repositories over one connection, and the ledger over them. `firstModel` is the cost model of
 * organizations that have set none.
 */
export function createStore(connection: Connection, firstModel: CostModel = DEFAULT_COST_MODEL) {
  const collections = createCollections(connection, firstModel);
  const ledger = createLedger(connection, collections);
  const analytics = createJobAnalytics(connection, { ...collections, ...ledger });
  return {
    ...collections,
    ...ledger,
    ...createOperations(collections),
    ...createTelemetry(collections),
    ...createArchive(collections),
    ...createBatchWrites(connection, collections),
    accounts: createAccounts(connection, collections),
    ...analytics,
    ...createRetention(connection, { ...collections, ...ledger, ...analytics }),
    /**
     * Makes every collection and index. At start rather than on first use: a collection that was just created
     * can be lost with a crash, and transactions cannot create any.
     */
    async initialize(): Promise<void> {
      for (const model of Object.values(connection.models)) {
        await model.createCollection(COMPRESSED.has(model.collection.name) ? ZLIB : {});
        await model.createIndexes();
      }
    },
  };
}
