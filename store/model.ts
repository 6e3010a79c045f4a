import mongoose, {
  type Connection,
  type IndexDefinition,
  type IndexOptions,
  type Model,
  Schema,
} from 'mongoose';
import { limitAnswers } from './answer-limit.ts';

/** What mongoose needs to know of a field; `Mixed` for nested values whose form the domain types describe. */
type Field = typeof String | typeof Number | typeof Boolean | typeof Date | [typeof String] | [typeof Number];

export const Mixed = Schema.Types.Mixed;

/**
 * Registers a collection with its fields and indexes. Every field of `T` must be named, so that a field added
 * to a type and forgotten here does not compile (mongoose would drop it silently).
 */
export function collectionModel<T extends { _id: string }>(
  connection: Connection,
  collection: string,
  fields: Record<keyof T, Field | typeof Mixed | [typeof Mixed]>,
  indexes: [IndexDefinition, IndexOptions?][],
): Model<T> {
  const schema = new Schema(fields as never, {
    collection,
    versionKey: false,
    minimize: false,
    id: false,
    autoIndex: false,
    autoCreate: false,
  });
  for (const [index, options] of indexes) schema.index(index, options);
  const model = connection.model(collection, schema) as unknown as Model<T>;
  limitAnswers(model.collection);
  return model;
}

/** A unique index said no. */
const DUPLICATE = 11000;

/**
 * Inserts documents that our own code has made, many in one round trip, directly through the driver: casting
 * and hydrating them once more is most of what an insert costs. @returns for each whether it was inserted;
 * false where a unique index said that it, or its like, is there already.
 */
export async function insertEach<T extends { _id: string }>(
  model: Model<T>,
  documents: object[],
): Promise<boolean[]> {
  try {
    await model.collection.insertMany(documents, { ordered: false });
    return documents.map(() => true);
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoBulkWriteError)) throw error;
    const errors = [error.writeErrors].flat();
    if (errors.length === 0 || errors.some(({ code }) => code !== DUPLICATE)) throw error;
    const refused = new Set(errors.map(({ index }) => index));
    return documents.map((_, index) => !refused.has(index));
  }
}

/** A unique index said no: somebody was first. */
export function isDuplicate(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === DUPLICATE;
}

/**
 * Carries out guarded upserts. A row that is there and does not pass its guard is refused as a duplicate: it
 * has what the update would bring.
 * @throws what went wrong otherwise.
 */
export async function upsertEach(
  collection: { bulkWrite(operations: never, options: { ordered: false }): Promise<unknown> },
  updates: object[],
): Promise<void> {
  try {
    await collection.bulkWrite(updates as never, { ordered: false });
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoBulkWriteError)) throw error;
    if ([error.writeErrors].flat().some(({ code }) => code !== DUPLICATE)) throw error;
  }
}
