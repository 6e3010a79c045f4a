import type { Connection, mongo } from 'mongoose';
import { collectionModel } from './model.ts';
import { transact } from './transaction.ts';

/** A provider's key of an organization. `_id` = org:provider. */
export interface ProviderKey {
  _id: string;
  org: string;
  provider: string;
  /** Encrypted; absent where only the address is set. */
  sealed?: string;
  /** The last characters of the key, to tell it by. */
  hint?: string;
  baseUrl?: string;
  createdBy: string;
  createdAt: Date;
}

const FIELDS = {
  _id: String,
  org: String,
  provider: String,
  sealed: String,
  hint: String,
  baseUrl: String,
  createdBy: String,
  createdAt: Date,
};

/** Keys of model providers, encrypted by who brings them. Each change stands in the audit log. */
export function providerKeyStore(connection: Connection, audit: { model: { collection: mongo.Collection } }) {
  const model = collectionModel<ProviderKey>(connection, 'provider_keys', FIELDS, [
    [{ org: 1, provider: 1 }, { unique: true }],
  ]);

  async function tell(
    session: mongo.ClientSession,
    { org, provider, hint, baseUrl }: Pick<ProviderKey, 'org' | 'provider' | 'hint' | 'baseUrl'>,
    by: string,
    at: Date,
    what: 'set' | 'removed',
  ): Promise<void> {
    const _id = `provider_key:${org}:${provider}:${at.getTime()}:${what}`;
    const details = { what, ...(hint !== undefined && { hint }), ...(baseUrl !== undefined && { baseUrl }) };
    const row = { _id, org, budget: '', subject: provider, event: 'provider_key', by, details, at };
    await audit.model.collection.insertOne({ ...row, position: `${at.toISOString()}:${_id}` } as never, {
      session,
    });
  }

  return {
    model,
    async find(org: string, provider: string): Promise<ProviderKey | undefined> {
      return (await model.findOne({ org, provider }).lean<ProviderKey>()) ?? undefined;
    },
    /** At most one for each provider there is. */
    async list(org: string): Promise<ProviderKey[]> {
      return model.find({ org }).sort({ provider: 1 }).lean<ProviderKey[]>();
    },
    /** In place of the one before. */
    async set(key: Omit<ProviderKey, '_id'>): Promise<void> {
      const _id = `${key.org}:${key.provider}`;
      await transact(connection, async (session) => {
        await model.collection.replaceOne({ _id } as never, { _id, ...key } as never, {
          session,
          upsert: true,
        });
        await tell(session, key, key.createdBy, key.createdAt, 'set');
      });
    },
    /** @returns false where there was none. */
    async remove(org: string, provider: string, by: string, at: Date): Promise<boolean> {
      return transact(connection, async (session) => {
        const { deletedCount } = await model.collection.deleteOne({ org, provider }, { session });
        if (deletedCount === 1) await tell(session, { org, provider }, by, at, 'removed');
        return deletedCount === 1;
      });
    },
  };
}
