import type { Connection } from 'mongoose';
import { apiKeyStore } from './api-keys.ts';
import { documentStore } from './documents.ts';
import { generationLogStore } from './generation-logs.ts';
import { objectStore } from './objects.ts';
import { organizationStore } from './organizations.ts';
import { projectStore } from './projects.ts';
import { runItemStore } from './run-items.ts';
import { runStore } from './runs.ts';

export type Store = ReturnType<typeof createStore>;

/** All repositories over one connection. */
export function createStore(connection: Connection) {
  return {
    organizations: organizationStore(connection),
    apiKeys: apiKeyStore(connection),
    projects: projectStore(connection),
    objects: objectStore(connection),
    documents: documentStore(connection),
    runs: runStore(connection),
    runItems: runItemStore(connection),
    generationLogs: generationLogStore(connection),
    /**
     * Makes every collection and index. At start rather than on first use: a collection that was just created
     * can be lost with a crash, and transactions cannot create any.
     */
    async initialize(): Promise<void> {
      for (const model of Object.values(connection.models)) {
        await model.createCollection();
        await model.createIndexes();
      }
    },
  };
}
