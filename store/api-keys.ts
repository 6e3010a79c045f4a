import type { Connection, mongo } from 'mongoose';
import type { Role } from '../domain/principal.ts';
import type { AuditLog } from './audit-log.ts';
import { collectionModel, isDuplicate, Mixed } from './model.ts';
import { transact } from './transaction.ts';

export interface ApiKeyDoc {
  _id: string;
  org: string;
  /** SHA-256 of the key; the key itself is shown once and never stored. */
  hash: string;
  name: string;
  role: Role;
  /** What it is limited to (`domain/key-scope.ts`); without it, its role is the only limit. */
  scope?: string[];
  createdAt: Date;
  revokedAt?: Date;
  /** From then on it is refused. */
  expiresAt?: Date;
  /** To the minute. */
  lastUsedAt?: Date;
  /** After a rotation the key before it is valid until then. */
  previousHash?: string;
  previousUntil?: Date;
}

/** What is told of a change: no key, no hash. */
type Told =
  | { made: { name: string; role: Role; scope?: string[] } }
  | { rotated: object }
  | { revoked: true };

/** Neither revoked nor expired. */
function valid() {
  const expiresAt = [{ expiresAt: { $exists: false } }, { expiresAt: { $gt: new Date() } }];
  return { revokedAt: { $exists: false }, $or: expiresAt };
}

const FIELDS = {
  _id: String,
  org: String,
  hash: String,
  name: String,
  role: String,
  // A list would be there, and empty, where none is given: a key that may do nothing.
  scope: Mixed,
  createdAt: Date,
  revokedAt: Date,
  expiresAt: Date,
  lastUsedAt: Date,
  previousHash: String,
  previousUntil: Date,
};

/**
 * API keys by their hash. Finding one is the only query that does not name an organization: the key is what
 * names it. What people change of them stands in the audit log, in the same transaction.
 */
export function apiKeyStore(connection: Connection, audit: AuditLog) {
  const model = collectionModel<ApiKeyDoc>(connection, 'api_keys', FIELDS, [
    [{ hash: 1 }, { unique: true }],
    [{ previousHash: 1 }, { sparse: true }],
    [{ org: 1, createdAt: -1 }],
  ]);

  function tell(session: mongo.ClientSession, key: { _id: string; org: string }, by: string, details: Told) {
    const at = new Date();
    const _id = `${key._id}:${Object.keys(details).join()}:${at.getTime()}`;
    const row = {
      _id,
      org: key.org,
      budget: '',
      subject: key._id,
      event: 'api_key',
      by,
      details,
      at,
    } as const;
    return audit.addIn(session, row);
  }

  return {
    model,
    async findByHash(hash: string): Promise<ApiKeyDoc | null> {
      const found = await model.findOne({ hash, ...valid() }).lean<ApiKeyDoc>();
      if (found !== null) return found;
      const inGrace = { previousHash: hash, previousUntil: { $gt: new Date() } };
      return model.findOne({ ...inGrace, ...valid() }).lean<ApiKeyDoc>();
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
    /** Inserts a key that somebody wants. */
    async make(key: Omit<ApiKeyDoc, 'createdAt'>, by: string): Promise<void> {
      const { name, role, scope } = key;
      await transact(connection, async (session) => {
        await model.collection.insertOne({ ...key, createdAt: new Date() } as never, { session });
        await tell(session, key, by, { made: { name, role, ...(scope !== undefined && { scope }) } });
      });
    },
    async list(org: string): Promise<ApiKeyDoc[]> {
      return model.find({ org }).sort({ createdAt: -1 }).limit(100).lean<ApiKeyDoc[]>();
    },
    /** Resolves to false where the organization has no such key, or it is revoked already. */
    async revoke(org: string, id: string, by: string): Promise<boolean> {
      return transact(connection, async (session) => {
        const { modifiedCount } = await model.collection.updateOne(
          { org, _id: id, revokedAt: { $exists: false } } as never,
          { $set: { revokedAt: new Date() } },
          { session },
        );
        if (modifiedCount === 1) await tell(session, { _id: id, org }, by, { revoked: true });
        return modifiedCount === 1;
      });
    },
    /**
     * Puts a new key in the place of one, which stays valid for so long.
     * @returns the key, or undefined where the organization has none of that id that is valid.
     */
    async rotate(
      { org, id, hash, graceSeconds }: { org: string; id: string; hash: string; graceSeconds: number },
      by: string,
    ): Promise<ApiKeyDoc | undefined> {
      const previousUntil = new Date(Date.now() + graceSeconds * 1000);
      return transact(connection, async (session) => {
        const rotated = await model.collection.findOneAndUpdate(
          { org, _id: id, ...valid() } as never,
          [{ $set: { previousHash: '$hash', previousUntil, hash } }],
          { session, returnDocument: 'after' },
        );
        if (rotated === null) return undefined;
        await tell(session, { _id: id, org }, by, { rotated: { graceSeconds } });
        return rotated as unknown as ApiKeyDoc;
      });
    },
    async touch(org: string, id: string, lastUsedAt: Date): Promise<void> {
      await model.updateOne({ org, _id: id }, { $set: { lastUsedAt } });
    },
  };
}
