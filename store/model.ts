import {
  type Connection,
  type IndexDefinition,
  type IndexOptions,
  type Model,
  type mongo,
  Schema,
} from 'mongoose';

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
  return connection.model(collection, schema) as unknown as Model<T>;
}

/**
 * The driver's collection behind a model, for documents that our own code has made: casting and hydrating them
 * once more is most of what an insert costs.
 */
export function collectionOf<T extends { _id: string }>(model: Model<T>): mongo.Collection<T> {
  return model.collection as unknown as mongo.Collection<T>;
}

/** A unique index said no: somebody was first. */
export function isDuplicate(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 11000;
}
