import { randomBytes } from 'node:crypto';
import { hashKey } from '../../api/auth.ts';
import { connectMongo } from '../../config/connections.ts';
import type { Role } from '../../domain/principal.ts';
import { createStore } from '../../store/index.ts';
import { type Bursar, createClient } from '../support/bursar.ts';

/** The database of a Bursar under test, past its API. */
export async function openStore(bursar: Pick<Bursar, 'environment'>) {
  const connection = await connectMongo(bursar.environment.MONGODB_URI, { poolSize: 20 });
  const store = createStore(connection);
  return {
    connection,
    store,
    /** A key of any organization, which is made where it is not there. */
    async keyOf(org: string, role: Role): Promise<string> {
      const key = `${org}-${role}-${randomBytes(12).toString('hex')}`;
      await store.organizations.ensure(org, org);
      await store.apiKeys.ensure({ _id: `key_${org}_${role}`, org, hash: hashKey(key), name: role, role });
      return key;
    },
    close: () => connection.close(),
  };
}

export type OpenStore = Awaited<ReturnType<typeof openStore>>;

/** A client of the same API with a key of its own. */
export async function clientOf(bursar: Bursar, opened: OpenStore, org: string, role: Role) {
  return createClient(bursar.client.url, await opened.keyOf(org, role));
}

export interface ErrorBody {
  error: {
    code: string;
    message: string;
    requestId: string;
    details?: { field?: string; problem: string }[];
  };
}
