import type { Connection } from 'mongoose';
import { collectionModel } from './model.ts';

/** That a person has signed in to an organization; its token holds as long as this does. */
export interface SignIn {
  _id: string;
  org: string;
  person: string;
  email: string;
  createdAt: Date;
  /** Then it goes away by itself. */
  expiresAt: Date;
  /** Where from, as far as that is known. */
  address: string;
  client: string;
}

const MAX_SHOWN = 100;

/** Sign-ins that hold. Whoever revokes one removes it, so that no token of it is taken any more. */
export function signInStore(connection: Connection) {
  const model = collectionModel<SignIn>(
    connection,
    'sign_ins',
    {
      _id: String,
      org: String,
      person: String,
      email: String,
      createdAt: Date,
      expiresAt: Date,
      address: String,
      client: String,
    },
    [[{ org: 1, person: 1, createdAt: -1 }], [{ person: 1 }], [{ expiresAt: 1 }, { expireAfterSeconds: 0 }]],
  );
  return {
    model,
    async add(signIn: SignIn): Promise<void> {
      await model.create([signIn]);
    },
    /** One that holds still. */
    async find(org: string, id: string): Promise<SignIn | undefined> {
      const found = await model.findOne({ _id: id, org, expiresAt: { $gt: new Date() } }).lean<SignIn>();
      return found ?? undefined;
    },
    /** Those of a person in the organization, the newest first. */
    async list(org: string, person: string): Promise<SignIn[]> {
      const holding = { org, person, expiresAt: { $gt: new Date() } };
      return model.find(holding).sort({ createdAt: -1 }).limit(MAX_SHOWN).lean<SignIn[]>();
    },
    /** @returns false where the person has no such sign-in in the organization. */
    async revoke(org: string, person: string, id: string): Promise<boolean> {
      return (await model.deleteOne({ _id: id, org, person })).deletedCount === 1;
    },
    /** All of a person wherever they are, but for one. Names no organization: a password opens them all. */
    async revokeOthers(person: string, but: string): Promise<void> {
      await model.deleteMany({ person, _id: { $ne: but } });
    },
  };
}
