import type { Connection, mongo } from 'mongoose';
import type { Role } from '../domain/principal.ts';
import { collectionModel } from './model.ts';

/** An address that may join an organization, once. */
export interface Invitation {
  _id: string;
  org: string;
  email: string;
  role: Role;
  /** SHA-256 of the token, which is shown once and never stored. */
  hash: string;
  createdBy: string;
  createdAt: Date;
  /** Then it goes away by itself. */
  expiresAt: Date;
}

/** Open invitations: one that is used or withdrawn is removed. Changes go through `accounts`. */
export function invitationStore(connection: Connection) {
  const model = collectionModel<Invitation>(
    connection,
    'invitations',
    {
      _id: String,
      org: String,
      email: String,
      role: String,
      hash: String,
      createdBy: String,
      createdAt: Date,
      expiresAt: Date,
    },
    [
      [{ hash: 1 }, { unique: true }],
      [{ org: 1, email: 1 }, { unique: true }],
      [{ org: 1, createdAt: -1 }],
      [{ expiresAt: 1 }, { expireAfterSeconds: 0 }],
    ],
  );
  return {
    model,
    /** Names no organization: the token is what names it. */
    async findByHash(hash: string): Promise<Invitation | undefined> {
      const found = await model.findOne({ hash, expiresAt: { $gt: new Date() } }).lean<Invitation>();
      return found ?? undefined;
    },
    /** The newest first. */
    async list(org: string): Promise<Invitation[]> {
      const open = { org, expiresAt: { $gt: new Date() } };
      return model.find(open).sort({ createdAt: -1 }).limit(100).lean<Invitation[]>();
    },
    /** @returns false where there is an open one to the same address, which `inPlace` ends. */
    async setIn(session: mongo.ClientSession, invitation: Invitation, inPlace: boolean): Promise<boolean> {
      const { org, email, createdAt } = invitation;
      const over = inPlace ? {} : { expiresAt: { $lte: createdAt } };
      await model.collection.deleteOne({ org, email, ...over }, { session });
      if (!inPlace && (await model.collection.findOne({ org, email }, { session })) !== null) return false;
      await model.collection.insertOne(invitation as never, { session });
      return true;
    },
    /** @returns the invitation that was there. */
    async takeIn(session: mongo.ClientSession, org: string, id: string): Promise<Invitation | undefined> {
      const taken = await model.collection.findOneAndDelete({ _id: id, org } as never, { session });
      return (taken as unknown as Invitation | null) ?? undefined;
    },
  };
}
