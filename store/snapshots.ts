import type { Connection } from 'mongoose';
import type { Snapshot } from '../domain/company.ts';
import { collectionModel, insertEach } from './model.ts';

interface SnapshotDoc extends Omit<Snapshot, 'id'> {
  _id: string;
  org: string;
}

const FIELDS = {
  _id: String,
  org: String,
  subject: String,
  block: String,
  inputHash: String,
  text: String,
  model: String,
  run: String,
  createdAt: Date,
};

/** Answers to blocks, the newest of which are used again while they are fresh. */
export function snapshotStore(connection: Connection) {
  const model = collectionModel<SnapshotDoc>(connection, 'snapshots', FIELDS, [
    [{ org: 1, subject: 1, block: 1, createdAt: -1 }],
  ]);
  return {
    model,
    /** The first one under an id stays. */
    async keep(org: string, { id: _id, ...rest }: Snapshot): Promise<void> {
      await insertEach(model, [{ _id, org, ...rest }]);
    },
    /** The answer that one item of a run made; see `snapshotIdOf`. */
    async find(org: string, id: string): Promise<Snapshot | undefined> {
      const doc = await model.findOne({ _id: id, org }).lean<SnapshotDoc>();
      return doc === null ? undefined : snapshotOf(doc);
    },
    /** The newest one, or the newest up to a time. */
    async newest(org: string, subject: string, block: string, until?: Date): Promise<Snapshot | undefined> {
      const filter = { org, subject, block, ...(until && { createdAt: { $lte: until } }) };
      const [doc] = await model.find(filter).sort({ createdAt: -1 }).limit(1).lean<SnapshotDoc[]>();
      return doc === undefined ? undefined : snapshotOf(doc);
    },
    /** Ids of the blocks that there are answers to. */
    async blocksOf(org: string, subject: string): Promise<string[]> {
      return ((await model.distinct('block', { org, subject })) as string[]).sort();
    },
    async removeOf(org: string, subject: string): Promise<void> {
      await model.deleteMany({ org, subject });
    },
  };
}

function snapshotOf({ _id: id, org: _org, ...rest }: SnapshotDoc): Snapshot {
  return { id, ...rest };
}
