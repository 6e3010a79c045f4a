import type { Connection } from 'mongoose';
import type { Label, LabelSet } from '../domain/memory.ts';
import { collectionModel, isDuplicate, Mixed } from './model.ts';

/** `_id` = org:version. */
interface LabelSetDoc extends LabelSet {
  _id: string;
  org: string;
  createdBy: string;
  createdAt: Date;
}

const FIELDS = {
  _id: String,
  org: String,
  version: Number,
  labels: [Mixed] as [typeof Mixed],
  createdBy: String,
  createdAt: Date,
};

/** The labels of organizations, version by version. */
export function labelSetStore(connection: Connection) {
  const model = collectionModel<LabelSetDoc>(connection, 'label_sets', FIELDS, [
    [{ org: 1, version: -1 }, { unique: true }],
  ]);
  async function newest(org: string): Promise<LabelSet | undefined> {
    const doc = await model.findOne({ org }).sort({ version: -1 }).lean<LabelSetDoc>();
    return doc === null ? undefined : { version: doc.version, labels: doc.labels };
  }
  return {
    model,
    newest,
    async find(org: string, version: number): Promise<LabelSet | undefined> {
      const doc = await model.findOne({ org, version }).lean<LabelSetDoc>();
      return doc === null ? undefined : { version: doc.version, labels: doc.labels };
    },
    /** The next version. */
    async add(org: string, labels: Label[], createdBy: string, createdAt: Date): Promise<LabelSet> {
      for (;;) {
        const version = ((await newest(org))?.version ?? 0) + 1;
        try {
          const row = { _id: `${org}:${version}`, org, version, labels, createdBy, createdAt };
          await model.collection.insertOne(row as never);
          return { version, labels };
        } catch (error) {
          // Somebody else has made this version just now.
          if (!isDuplicate(error)) throw error;
        }
      }
    },
  };
}
