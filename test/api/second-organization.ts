import { randomBytes } from 'node:crypto';
import { hashKey } from '../../api/auth.ts';
import { newPerson } from '../../api/new-person.ts';
import { doneBy } from '../../api/people.ts';
import { connectMongo } from '../../config/connections.ts';
import type { Role } from '../../domain/principal.ts';
import { createStore } from '../../store/index.ts';
import { type Bursar, createClient } from '../support/bursar.ts';
import { PASSWORD, signedIn } from './account-client.ts';

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
    /** The token of a person of any organization, which is made where it is not there. */
    async tokenOf(url: string, org: string, role: Role): Promise<string> {
      const email = `${role}@${org}.example.com`;
      await store.organizations.ensure(org, org);
      if ((await store.people.findByEmail(email)) === undefined) {
        const person = await newPerson(email, PASSWORD);
        const member = { org, person: person._id, email, role, createdAt: new Date() };
        await store.accounts.join(member, person, doneBy({ id: 'test' }));
      }
      return (await signedIn(url, email)).token;
    },
    close: () => connection.close(),
  };
}

export type OpenStore = Awaited<ReturnType<typeof openStore>>;

/** A client of the same API with a key of its own. */
export async function clientOf(bursar: Bursar, opened: OpenStore, org: string, role: Role) {
  return createClient(bursar.client.url, await opened.keyOf(org, role));
}

/** Somebody of the role, as an API key or as a person who has signed in. */
export async function someoneOf(
  bursar: Bursar,
  opened: OpenStore,
  [via, org, role]: ['key' | 'person', string, Role],
) {
  if (via === 'key') return clientOf(bursar, opened, org, role);
  return createClient(bursar.client.url, await opened.tokenOf(bursar.client.url, org, role));
}

export interface ErrorBody {
  error: {
    code: string;
    message: string;
    requestId: string;
    details?: { field?: string; problem: string }[];
  };
}
