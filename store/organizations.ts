import type { Connection } from 'mongoose';
import { collectionModel } from './model.ts';

interface OrganizationDoc {
  _id: string;
  name: string;
  createdAt: Date;
}

/** Organizations are the tenants; every other stored thing carries the id of one as `org`. */
export function organizationStore(connection: Connection) {
  const model = collectionModel<OrganizationDoc>(
    connection,
    'organizations',
    { _id: String, name: String, createdAt: Date },
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
  };
}
