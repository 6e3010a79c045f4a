import type { Connection } from 'mongoose';
import type { Role } from '../domain/principal.ts';
import { collectionModel, isDuplicate } from './model.ts';

export interface ApiKeyDoc {
  _id: string;
  org: string;
  /** SHA-256 of the key; the key itself is shown once and never stored. */
  hash: string;
  name: string;
  role: Role;
  createdAt: Date;
  revokedAt?: Date;
  /** From then on it is refused. */
  expiresAt?: Date;
}

/** Neither revoked nor expired. */
function valid() {
  const expiresAt = [{ expiresAt: { $exists: false } }, { expiresAt: { $gt: new Date() } }];
  return { revokedAt: { $exists: false }, $or: expiresAt };
}

/** API keys by their hash. The only query that does not name an organization: the key is what names it. */
export function apiKeyStore(connection: Connection) {
  const model = collectionModel<ApiKeyDoc>(
    connection,
    'api_keys',
    {
      _id: String,
      org: String,
      hash: String,
      name: String,
      role: String,
      createdAt: Date,
      revokedAt: Date,
      expiresAt: Date,
    },
    [[{ hash: 1 }, { unique: true }], [{ org: 1, createdAt: -1 }]],
  );
  return {
    model,
    async findByHash(hash: string): Promise<ApiKeyDoc | null> {
      return model.findOne({ hash, ...valid() }).lean<ApiKeyDoc>();
    },
    async countOf(org: string): Promise<number> {
      return model.countDocuments({ org, ...valid() });
    },
    /** How many keys there ever were, revoked ones included. */
    async countEver(org: string): Promise<number> {
      return model.countDocuments({ org });
    },
    /** Inserts a key unless its id is taken. Resolves to whether it was inserted. */
    async insert(key: Omit<ApiKeyDoc, 'createdAt'>): Promise<boolean> {
      try {
        await model.create([{ ...key, createdAt: new Date() }]);
        return true;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        return false;
      }
    },
    /** Inserts a key; one with the same hash is left as it is. */
    async ensure(key: Omit<ApiKeyDoc, 'createdAt'>): Promise<void> {
      const { _id, ...rest } = key;
      await model.updateOne(
        { hash: key.hash },
        { $setOnInsert: { _id, ...rest, createdAt: new Date() } },
        { upsert: true },
      );
    },
    async list(org: string): Promise<ApiKeyDoc[]> {
      return model.find({ org }).sort({ createdAt: -1 }).limit(100).lean<ApiKeyDoc[]>();
    },
    /** Resolves to false where the organization has no such key, or it is revoked already. */
    async revoke(org: string, id: string): Promise<boolean> {
      const result = await model.updateOne(
        { org, _id: id, revokedAt: { $exists: false } },
        { $set: { revokedAt: new Date() } },
      );
      return result.modifiedCount === 1;
    },
  };
}
