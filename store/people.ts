import type { Connection, mongo } from 'mongoose';
import { collectionModel } from './model.ts';

/** Somebody who signs in. One person may belong to several organizations: see `memberships`. */
export interface Person {
  _id: string;
  /** In small letters; unique. */
  email: string;
  /** Absent for people who sign in elsewhere (OIDC). */
  passwordHash?: string;
  /** Who they are there, as ISSUER|SUBJECT. */
  subject?: string;
  createdAt: Date;
  /** When they last joined an organization. */
  joinedAt?: Date;
}

/**
 * People, who belong to no organization: here queries name a person. What people may see of each other goes
 * by `memberships`.
 */
export function personStore(connection: Connection) {
  const model = collectionModel<Person>(
    connection,
    'people',
    {
      _id: String,
      email: String,
      passwordHash: String,
      subject: String,
      createdAt: Date,
      joinedAt: Date,
    },
    [
      [{ email: 1 }, { unique: true }],
      [{ subject: 1 }, { unique: true, sparse: true }],
    ],
  );
  return {
    model,
    async find(id: string): Promise<Person | undefined> {
      return (await model.findOne({ _id: id }).lean<Person>()) ?? undefined;
    },
    async findByEmail(email: string): Promise<Person | undefined> {
      return (await model.findOne({ email }).lean<Person>()) ?? undefined;
    },
    async findBySubject(subject: string): Promise<Person | undefined> {
      return (await model.findOne({ subject }).lean<Person>()) ?? undefined;
    },
    async setPassword(id: string, passwordHash: string): Promise<void> {
      await model.updateOne({ _id: id }, { $set: { passwordHash } });
    },
    /** From now on this person signs in elsewhere alone. */
    async link(id: string, subject: string): Promise<void> {
      await model.updateOne({ _id: id }, { $set: { subject }, $unset: { passwordHash: 1 } });
    },
    async insertIn(session: mongo.ClientSession, person: Person): Promise<void> {
      await model.collection.insertOne(person as never, { session });
    },
    /** So that nobody removes the person meanwhile. @returns false where somebody has. */
    async joinIn(session: mongo.ClientSession, id: string, joinedAt: Date): Promise<boolean> {
      const joined = await model.collection.updateOne(
        { _id: id } as never,
        { $set: { joinedAt } },
        { session },
      );
      return joined.matchedCount === 1;
    },
    async removeIn(session: mongo.ClientSession, id: string): Promise<void> {
      await model.collection.deleteOne({ _id: id } as never, { session });
    },
  };
}
