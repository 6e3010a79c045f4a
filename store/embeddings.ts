import type { Connection } from 'mongoose';
import type { Embedding } from '../domain/memory.ts';
import { collectionModel } from './model.ts';

/** `_id` = the memory's. */
interface EmbeddingDoc extends Embedding {
  _id: string;
  org: string;
}

const FIELDS = {
  _id: String,
  org: String,
  memory: String,
  model: String,
  dimensions: Number,
  vector: String,
};

/** Vectors of memories. */
export function embeddingStore(connection: Connection) {
  const model = collectionModel<EmbeddingDoc>(connection, 'embeddings', FIELDS, [
    [{ org: 1, model: 1, dimensions: 1, _id: 1 }],
  ]);
  return {
    model,
    async put(org: string, embedding: Embedding): Promise<void> {
      const _id = embedding.memory;
      await model.collection.replaceOne({ _id, org } as never, { _id, org, ...embedding } as never, {
        upsert: true,
      });
    },
    /** Those that can be compared with one another, behind an id and in the order of ids. */
    async after(
      org: string,
      of: Pick<Embedding, 'model' | 'dimensions'>,
      id: string,
      limit: number,
    ): Promise<Embedding[]> {
      return model
        .find({ org, ...of, _id: { $gt: id } }, { memory: 1, vector: 1, model: 1, dimensions: 1 })
        .sort({ _id: 1 })
        .limit(limit)
        .lean<Embedding[]>();
    },
    async remove(org: string, memory: string): Promise<void> {
      await model.deleteOne({ _id: memory, org });
    },
    async count(org: string): Promise<number> {
      return model.countDocuments({ org });
    },
  };
}
