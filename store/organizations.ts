import type { Connection, mongo } from 'mongoose';
import { collectionModel } from './model.ts';

interface OrganizationDoc {
  _id: string;
  name: string;
  createdAt: Date;
  /** Counts every change of a budget: whoever has read budgets can tell whether they still hold. */
  budgetsVersion?: number;
  ledgerCheckedAt?: Date;
  /** Counts changes of who belongs to it, so that they take turns. */
  peopleVersion?: number;
}

/** Organizations are the tenants; every other stored thing carries the id of one as `org`. */
export function organizationStore(connection: Connection) {
  const model = collectionModel<OrganizationDoc>(
    connection,
    'organizations',
    {
      _id: String,
      name: String,
      createdAt: Date,
      budgetsVersion: Number,
      ledgerCheckedAt: Date,
      peopleVersion: Number,
    },
    [],
  );
  return {
    model,
    /** Makes the organization unless it is there. Resolves to true where it was made. */
    async ensure(id: string, name: string): Promise<boolean> {
      const result = await model.updateOne(
        { _id: id },
        { $setOnInsert: { name, createdAt: new Date() } },
        { upsert: true },
      );
      return result.upsertedCount === 1;
    },
    async ids(): Promise<string[]> {
      const docs = await model.find({}, { _id: 1 }).lean<{ _id: string }[]>();
      return docs.map((doc) => doc._id);
    },
    /** Whether it is this caller's turn to check the ledger: once in so many milliseconds. */
    async takeLedgerCheck(id: string, at: Date, everyMs: number): Promise<boolean> {
      const due = { $lt: new Date(at.getTime() - everyMs) };
      const result = await model.updateOne(
        { _id: id, $or: [{ ledgerCheckedAt: { $exists: false } }, { ledgerCheckedAt: due }] },
        { $set: { ledgerCheckedAt: at } },
      );
      return result.modifiedCount === 1;
    },
    async budgetsVersion(id: string): Promise<number> {
      const doc = await model.collection.findOne({ _id: id } as never, { projection: { budgetsVersion: 1 } });
      return (doc as unknown as OrganizationDoc | null)?.budgetsVersion ?? 0;
    },
    async bumpBudgets(session: mongo.ClientSession, id: string): Promise<void> {
      await model.collection.updateOne({ _id: id } as never, { $inc: { budgetsVersion: 1 } }, { session });
    },
    /** @returns false where it is there. */
    async insertIn(
      session: mongo.ClientSession,
      id: string,
      name: string,
      createdAt: Date,
    ): Promise<boolean> {
      if ((await model.collection.findOne({ _id: id } as never, { session })) !== null) return false;
      await model.collection.insertOne({ _id: id, name, createdAt } as never, { session });
      return true;
    },
    async bumpPeople(session: mongo.ClientSession, id: string): Promise<void> {
      await model.collection.updateOne({ _id: id } as never, { $inc: { peopleVersion: 1 } }, { session });
    },
    /** Names by id, of at most as many as a person belongs to. */
    async names(ids: string[]): Promise<Map<string, string>> {
      const found = await model.find({ _id: { $in: ids } }, { name: 1 }).lean<OrganizationDoc[]>();
      return new Map(found.map(({ _id, name }) => [_id, name]));
    },
  };
}
